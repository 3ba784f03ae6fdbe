"""Letters reach a real mail server as they were meant, or it is said why not."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from csc_hub.adapters.mail import FolderMail, Letter, MailDown, MailRefused, SmtpMail, message, one_line, plain_address
from tests.mail_server import MailServer, certificate, mail_server
from tests.parts import free_ports

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nX-A:Łó\r\nEND:VCALENDAR\r\n"
LETTER = Letter(
    message_id="<0b1f@hub.example>", from_name="Anyshire Council", from_address="csc@anyshire.example", to_name="Jürgen Müller",
    to_address="jo@partner.example", subject="A conference – please answer", text="Hello\nÜ\n", html="<p>Hello Ü</p>",
    calendar=CALENDAR, method="REQUEST")


def sending(server: MailServer, **more: Any) -> SmtpMail:
    """The adapter for a server on this machine."""
    return SmtpMail(**{"host": server.host, "port": server.port, "security": "none", "timeout": 5.0, **more})


def read(letter: Letter) -> EmailMessage:
    """A letter as somebody else's program reads it."""
    return message_from_bytes(message(letter).as_bytes(), policy=policy.default)  # type: ignore[return-value]


def letters(text: str) -> list[str]:
    """Letters and digits alone."""
    return [c for c in text if c.isalnum()]


def test_a_letter_arrives_with_its_calendar_where_calendar_programs_look_for_it(smtp: MailServer) -> None:
    sending(smtp).send(LETTER)
    got, = smtp.letters
    assert smtp.recipients == ["jo@partner.example"] and got["Message-ID"] == LETTER.message_id and got["Auto-Submitted"] == "auto-generated"
    assert got["Subject"] == LETTER.subject and got["To"].addresses[0].display_name == "Jürgen Müller" and got["Date"].datetime
    assert [part.get_content_type() for part in got.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"]
    calendar, attached = list(got.walk())[4:]
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert calendar["Content-Transfer-Encoding"] == "base64" and calendar.get_payload(decode=True) == CALENDAR.encode()
    assert attached.get_filename() == "invite.ics" and attached.get_content() == CALENDAR.encode()
    assert got.get_body(("plain",)).get_content().split() == ["Hello", "Ü"] and "Hello Ü" in got.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_letters_without_calendar_or_html_are_plainer() -> None:
    assert read(replace(LETTER, calendar="", method="")).get_content_type() == "multipart/alternative"
    assert read(replace(LETTER, calendar="", method="", html="")).get_content_type() == "text/plain"
    with pytest.raises(MailRefused, match="method"):
        message(replace(LETTER, method="PUBLISH"))
    with pytest.raises(MailRefused, match="Message-ID"):
        message(replace(LETTER, message_id="<a@b>\r\nBcc: x@y.example"))


NAMES = st.text(max_size=150) | st.text("ab,;:<>@()[]\\\"'.é =?_/\r\n\t", max_size=150)


@how(max_examples=400, deadline=None)
@given(name=NAMES, domain=st.sampled_from(["partner.example", "x" * 60 + ".partner.example"]), subject=st.text(max_size=250), text=st.text(max_size=200))
def test_no_name_or_subject_adds_a_header_and_all_words_arrive(name: str, domain: str, subject: str, text: str) -> None:
    made = message(replace(LETTER, to_name=name, to_address=f"jo@{domain}", from_name=name, subject=subject, text=text))
    raw = made.as_bytes()
    assert raw.isascii() and raw.count(b"\n") == raw.count(b"\r\n") and max(map(len, raw.split(b"\r\n"))) < 900
    got = message_from_bytes(raw, policy=policy.compat32)
    assert got.keys() == ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    arrived = str(make_header(decode_header(got["Subject"].replace("\r\n", ""))))  # Python may lose a space where it folds between two encoded words
    assert "".join(arrived.split()) == "".join(one_line(subject, 200).split())
    to = message_from_bytes(raw, policy=policy.default)["To"]
    assert [a.addr_spec for a in to.addresses] == [f"jo@{domain}"]
    assert getaddresses([got["To"]])[0][1] == f"jo@{domain}" and len(getaddresses([got["To"]])) == 1


@pytest.mark.parametrize("name", [
    "Smith, \"Bob\" <x@y.example>", "Zoë\r\nBcc: thief@example.org", "O'Neil (police); a: b", "李小龙 " * 20, "Łukasz, Ænima; " * 8,
    "=?utf-8?q?a=0d=0aBcc:_thief@example.org?=", "Smith, Jane " * 9, "", "\u2028\x00"])
def test_awkward_names_stay_one_name(name: str) -> None:
    got = read(replace(LETTER, to_name=name, subject=name))
    assert [a.addr_spec for a in got["To"].addresses] == ["jo@partner.example"] and "Bcc" not in got
    shown = "".join(got["To"].addresses[0].display_name.split())
    assert letters(shown) == letters(one_line(name, 120)) and (len(name) > 40 or shown == "".join(one_line(name, 120).split()))


def test_addresses_are_made_plain_or_refused_in_a_sentence() -> None:
    assert plain_address("  jo@partner.example ") == "jo@partner.example"
    assert plain_address("jo@Bücher.example") == "jo@xn--bcher-kva.example"
    with pytest.raises(MailRefused, match="plain letters"):
        plain_address("jürgen@partner.example")
    for wrong in ("", "jo", "@a.example", "jo@", "a b@c.example", "a@b@c.example", "a@b.example\r\nBcc: c@d.example", "a@b.example>", "<a@b.example>", "a@b..example", "a,b@c.example"):
        with pytest.raises(MailRefused, match="is not an e-mail address"):
            plain_address(wrong)


def test_a_refusal_for_good_has_the_servers_words(smtp: MailServer) -> None:
    smtp.refuse.add("jo@partner.example")
    with pytest.raises(MailRefused, match="550 5.1.1 <jo@partner.example>: Recipient address rejected: User unknown"):
        sending(smtp).send(LETTER)
    assert not smtp.letters


@pytest.mark.parametrize(("mode", "said"), [("busy", "451 4.3.2 Try again later"), ("drop", "hung up|cannot be reached"), ("lost", "hung up"), ("hang", "in time")])
def test_a_server_that_may_take_it_later_is_down(smtp: MailServer, mode: str, said: str) -> None:
    smtp.mode = mode
    with pytest.raises(MailDown, match=said):
        sending(smtp, timeout=0.5).send(LETTER)


@pytest.mark.parametrize(("mode", "security"), [("hang", "none"), ("trickle", "none"), ("trickle tls", "tls")])
def test_a_server_that_is_too_slow_altogether_is_cut_off(smtp: MailServer, mode: str, security: str) -> None:
    smtp.mode = mode
    with pytest.raises(MailDown, match="in time"):
        SmtpMail(smtp.host, smtp.port, security, timeout=20, altogether=0.5).send(LETTER)


def test_no_server_is_down() -> None:
    with pytest.raises(MailDown, match="cannot be reached: Connection refused"):
        SmtpMail("127.0.0.1", free_ports(1)[0], "none").send(LETTER)
    with pytest.raises(MailDown, match="cannot be reached"):
        SmtpMail("no-such-host.invalid", 25, "starttls").send(LETTER)


def test_encryption_and_password_are_used_and_the_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(certificate=certificate(tmp_path), user="hub", password="secret word") as server:
        with pytest.raises(MailDown, match="certificate"):
            sending(server, security="starttls", user="hub", password="secret word").send(LETTER)
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        assert ssl.create_default_context().get_ca_certs()
        sending(server, security="starttls", user="hub", password="secret word").send(LETTER)
        with pytest.raises(MailDown, match="user name and password: 535"):
            sending(server, security="starttls", user="hub", password="wrong").send(LETTER)
        with pytest.raises(MailDown, match="530"):
            sending(server).send(LETTER)
    assert len(server.letters) == 1


def test_a_server_without_encryption_is_not_spoken_to_in_clear(smtp: MailServer) -> None:
    with pytest.raises(MailDown, match="STARTTLS"):
        sending(smtp, security="starttls").send(LETTER)
    with pytest.raises(MailDown, match="encryption"):
        sending(smtp, security="tls", timeout=2).send(LETTER)


def test_a_folder_keeps_one_file_for_each_letter(tmp_path: Path) -> None:
    folder = FolderMail(tmp_path / "mail")
    folder.send(LETTER)
    folder.send(replace(LETTER, text="Again"))
    folder.send(replace(LETTER, message_id="<other@hub.example>"))
    assert sorted(path.name for path in (tmp_path / "mail").iterdir()) == ["0b1f.eml", "other.eml"]
    assert "Again" in message_from_bytes((tmp_path / "mail" / "0b1f.eml").read_bytes(), policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (tmp_path / "file").write_text("")
    with pytest.raises(MailDown, match="cannot be written to"):
        FolderMail(tmp_path / "file").send(LETTER)


def test_a_server_that_greets_with_not_now_is_asked_again_later_in_its_own_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        def greet() -> None:
            line, _ = server.accept()
            line.sendall(b"421 4.7.0 Too many connections\r\n")
            line.close()

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(MailDown, match="Too many connections"):
            SmtpMail("127.0.0.1", server.getsockname()[1], "none").send(LETTER)
