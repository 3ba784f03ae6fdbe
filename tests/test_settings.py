"""Settings that will not do refuse to start, in a sentence that says what to write."""

from pathlib import Path

import pytest

from csc_hub.settings import BadSettings, from_environment

GOOD = {"CSC_SECRET": "kJ8s-2Lq0vXz7_Tn4BwYpR5mHc9DfGa1eUiOoN3", "CSC_URL": "https://conferences.anyshire.example"}

SMTP = {"CSC_SMTP_HOST": "mail.example", "CSC_MAIL_FROM": "csc@anyshire.example"}


def test_good_settings_are_taken_as_they_are(tmp_path: Path) -> None:
    made = from_environment({**GOOD, "CSC_DATA": str(tmp_path), "CSC_S3_BUCKET": "b", "CSC_S3_ACCESS_KEY": "a", "CSC_S3_SECRET_KEY": "s"})
    assert made.https and not made.demonstration and made.upload_bytes == 50 * 1024 * 1024
    assert made.database_url == f"sqlite:///{tmp_path}/csc.sqlite3" and made.s3 and made.s3.bucket == "b"


@pytest.mark.parametrize(("wrong", "said"), [
    ({"CSC_SECRET": ""}, "CSC_SECRET must hold at least 32 random characters"),
    ({"CSC_SECRET": "a" * 64}, "CSC_SECRET must hold"),
    ({"CSC_URL": "http://conferences.anyshire.example"}, "must begin with https://"),
    ({"CSC_URL": "conferences"}, "must be the address people type"),
    ({"CSC_DEMONSTRATION": "1"}, "answers on this machine alone"),
    ({"CSC_DEMONSTRATION": "maybe"}, "must be 1 or 0"),
    ({"CSC_DATABASE_URL": "mysql://x"}, "sqlite:/// or postgresql://"),
    ({"CSC_S3_BUCKET": "b"}, "CSC_S3_ACCESS_KEY and CSC_S3_SECRET_KEY are not set"),
    ({"CSC_S3_BUCKET": "b", "CSC_S3_ACCESS_KEY": "a", "CSC_S3_SECRET_KEY": "s", "CSC_S3_ENCRYPTION": "rot13"}, "CSC_S3_ENCRYPTION"),
    ({"CSC_SMTP_HOST": "mail.example"}, "CSC_MAIL_FROM is not set"), ({**SMTP, "CSC_MAIL_FROM": "Hub <a@b.example>"}, "one address and nothing else"),
    ({**SMTP, "CSC_MAIL_FROM": "a@b.example\r\nBcc: c@d.example"}, "one address and nothing else"),
    ({"CSC_SMTP_PASSWORD": "x"}, "CSC_SMTP_PASSWORD is set, but CSC_SMTP_HOST is not"), ({**SMTP, "CSC_SMTP_USER": "u"}, "belong together"),
    ({**SMTP, "CSC_SMTP_PASSWORD": "p"}, "belong together"), ({**SMTP, "CSC_SMTP_USER": "u", "CSC_SMTP_PASSWORD": "pä"}, "plain letters"),
    ({**SMTP, "CSC_SMTP_SECURITY": "none"}, "on this machine alone"), ({**SMTP, "CSC_SMTP_SECURITY": "ssl"}, "must be starttls, tls, or none"),
    ({**SMTP, "CSC_SMTP_PORT": "0"}, "a whole number from 1 to 65535"), ({"CSC_NOTIFY_KEY": "k"}, "belong together"),
    ({**SMTP, "CSC_NOTIFY_KEY": "k", "CSC_NOTIFY_TEMPLATE": "t"}, "through a mail server or through GOV.UK Notify"),
    ({"CSC_URL": "", "CSC_DEMONSTRATION": "1", **SMTP}, "sends no mail to the world"),
    ({"CSC_URL": "", "CSC_DEMONSTRATION": "1", "CSC_NOTIFY_KEY": "k", "CSC_NOTIFY_TEMPLATE": "t"}, "sends no mail to the world"),
    ({"CSC_COLOUR": "#ffdd00"}, "too light"), ({"CSC_COLOUR": "teal"}, "a colour such as"),
    ({"CSC_UPLOAD_MB": "0"}, "a whole number from 1 to 2000"), ({"CSC_UPLOAD_MB": "lots"}, "a whole number")])
def test_settings_that_will_not_do_say_what_to_write(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        from_environment({**GOOD, **wrong})


def test_a_demonstration_makes_a_secret_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    env = {"CSC_DEMONSTRATION": "1", "CSC_DATA": str(tmp_path)}
    first, again = from_environment(env), from_environment(env)
    assert first.secret == again.secret and len(first.secret) > 40


def test_mail_goes_into_a_folder_unless_a_server_is_set() -> None:
    from csc_hub.adapters.mail import FolderMail, NotifyMail, SmtpMail, open_mail

    assert isinstance(open_mail(from_environment(GOOD)), FolderMail)
    made = from_environment({**GOOD, **SMTP, "CSC_SMTP_USER": "u", "CSC_SMTP_PASSWORD": "p"})
    assert isinstance(open_mail(made), SmtpMail) and made.mail_from == "csc@anyshire.example"
    assert made.smtp and (made.smtp.port, made.smtp.security) == (587, "starttls")
    assert isinstance(open_mail(from_environment({**GOOD, "CSC_NOTIFY_KEY": "k" * 80, "CSC_NOTIFY_TEMPLATE": "t"})), NotifyMail)
    near = from_environment({"CSC_DEMONSTRATION": "1", "CSC_DATA": "/nowhere", "CSC_SECRET": GOOD["CSC_SECRET"], **SMTP, "CSC_SMTP_HOST": "127.0.0.1", "CSC_SMTP_SECURITY": "none"})
    assert near.smtp and near.smtp.security == "none"
