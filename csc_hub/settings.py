"""Settings from the environment, read once into one frozen value; what is missing or weak refuses to start."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}


class BadSettings(Exception):
    """A setting is missing or cannot be used; the message says which and what to write."""


@dataclass(frozen=True)
class S3Settings:
    """Where papers lie when they are not in a folder."""

    endpoint: str | None
    region: str
    bucket: str
    access_key: str
    secret_key: str
    path_style: bool = True
    encryption: str = ""
    checksum: bool = True


@dataclass(frozen=True)
class SmtpSettings:
    """The mail server. `security` is starttls, tls, or none on this machine alone."""

    host: str
    port: int
    security: str
    user: str
    password: str


@dataclass(frozen=True)
class ImapSettings:
    """The mailbox that is read: its server, the folder where mail arrives, and the one into which the hub moves what it used."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str = "INBOX"
    done: str = "CSC Hub"


@dataclass(frozen=True)
class NotifySettings:
    """GOV.UK Notify: the key, and the id of a template with ((subject)) and ((body))."""

    key: str
    template: str


@dataclass(frozen=True)
class Settings:
    """Everything the person in IT decides. What the council decides is kept in the database."""

    secret: str
    data: Path
    database_url: str
    url: str
    s3: S3Settings | None = None
    clamd: str = ""
    mail_from: str = "csc-hub@localhost"
    smtp: SmtpSettings | None = None
    notify: NotifySettings | None = None
    demonstration: bool = False
    council: str = "Anyshire Council"
    colour: str = "#0b5a6b"
    upload_bytes: int = 50 * 1024 * 1024
    proxies: int = 0
    replies: Path | None = None
    imap: ImapSettings | None = None
    testing: bool = False

    @property
    def https(self) -> bool:
        """Whether people reach the hub over https."""
        return self.url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The names by which the hub may be addressed: its own, and this machine for those who watch over it."""
        return [urlsplit(self.url).hostname or "", "127.0.0.1", "localhost", "[::1]"]


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """The settings the environment holds. Raises `BadSettings` with what to write."""
    env = os.environ if env is None else env
    demonstration = _flag(env, "CSC_DEMONSTRATION")
    data = Path(env.get("CSC_DATA") or "./data").absolute()
    url = (env.get("CSC_URL") or f"http://127.0.0.1:{env.get('PORT') or 8000}").rstrip("/")
    smtp, notify = _smtp(env, demonstration), _notify(env, demonstration)
    if smtp and notify:
        raise BadSettings("Mail goes through a mail server or through GOV.UK Notify: leave CSC_SMTP_HOST or CSC_NOTIFY_KEY out.")
    replies, imap = env.get("CSC_REPLIES", "").strip(), _imap(env, demonstration)
    if replies and imap:
        raise BadSettings("The hub reads a folder or a mailbox on a server: leave CSC_REPLIES or CSC_IMAP_HOST out.")
    return Settings(
        secret=_secret(env, demonstration, data),
        data=data,
        database_url=_database(env.get("CSC_DATABASE_URL") or f"sqlite:///{data / 'csc.sqlite3'}"),
        url=_address(url, demonstration),
        s3=_s3(env),
        clamd=env.get("CSC_CLAMD", "").strip(),
        mail_from=_mail_from(env, smtp),
        smtp=smtp,
        notify=notify,
        demonstration=demonstration,
        council=(env.get("CSC_COUNCIL") or "Anyshire Council").strip()[:80],
        colour=_colour(env.get("CSC_COLOUR") or "#0b5a6b"),
        replies=Path(replies).absolute() if replies else None,
        imap=imap,
        upload_bytes=_number(env, "CSC_UPLOAD_MB", 50, 1, 2000) * 1024 * 1024,
        proxies=_number(env, "CSC_PROXIES", 0, 0, 5),
    )


def _flag(env: Mapping[str, str], name: str, default: bool = False) -> bool:
    value = env.get(name, "").strip().lower() or ("1" if default else "0")
    if value not in ("", "0", "1", "no", "yes", "false", "true"):
        raise BadSettings(f"{name} must be 1 or 0.")
    return value in ("1", "yes", "true")


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(name, "").strip() or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadSettings(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def _secret(env: Mapping[str, str], demonstration: bool, data: Path) -> str:
    secret = env.get("CSC_SECRET", "")
    if len(secret) >= 32 and len(set(secret)) >= 10:
        return secret
    if not demonstration:
        raise BadSettings("CSC_SECRET must hold at least 32 random characters. Make one with: openssl rand -base64 48")
    return _demonstration_secret(data)


def _demonstration_secret(data: Path) -> str:
    """A secret of the demonstration's own, kept so that a restart does not sign everybody out."""
    data.mkdir(parents=True, exist_ok=True)
    kept = data / "demonstration-secret"
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return kept.read_text()


def _database(url: str) -> str:
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise BadSettings("CSC_DATABASE_URL must begin with sqlite:/// or postgresql://")
    return url


def _address(url: str, demonstration: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise BadSettings("CSC_URL must be the address people type, such as https://conferences.example.gov.uk")
    if parts.scheme == "http" and not demonstration:
        raise BadSettings("CSC_URL must begin with https://, such as https://conferences.example.gov.uk. Only a demonstration does without.")
    if demonstration and parts.hostname not in LOOPBACK:
        raise BadSettings("A demonstration answers on this machine alone: leave CSC_URL out, or turn CSC_DEMONSTRATION off.")
    return url


def _s3(env: Mapping[str, str]) -> S3Settings | None:
    given = {name: env.get(f"CSC_S3_{name}", "").strip() for name in (
        "ENDPOINT", "REGION", "BUCKET", "ACCESS_KEY", "SECRET_KEY", "ENCRYPTION")}
    if not any(given.values()):
        return None
    lacking = [f"CSC_S3_{name}" for name in ("BUCKET", "ACCESS_KEY", "SECRET_KEY") if not given[name]]
    if lacking:
        raise BadSettings(f"Papers are to lie in S3 storage, but {' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not set.")
    if given["ENCRYPTION"] not in ("", "AES256", "aws:kms"):
        raise BadSettings("CSC_S3_ENCRYPTION must be AES256, aws:kms or nothing.")
    return S3Settings(
        endpoint=given["ENDPOINT"] or None, region=given["REGION"] or "us-east-1", bucket=given["BUCKET"],
        access_key=given["ACCESS_KEY"], secret_key=given["SECRET_KEY"], encryption=given["ENCRYPTION"],
        path_style=_flag(env, "CSC_S3_PATH_STYLE", True), checksum=_flag(env, "CSC_S3_CHECKSUM", True),
    )


def _smtp(env: Mapping[str, str], demonstration: bool) -> SmtpSettings | None:
    names = ("CSC_SMTP_HOST", "CSC_SMTP_USER", "CSC_SMTP_PASSWORD", "CSC_SMTP_PORT", "CSC_SMTP_SECURITY")
    host, user, password, port, security = (env.get(name, "").strip() for name in names)
    if not host:
        given = [name for name in names[1:] if env.get(name, "").strip()]
        if given:
            raise BadSettings(f"{given[0]} is set, but CSC_SMTP_HOST is not. Write the mail server’s name there, or leave both out.")
        return None
    security = security.lower() or "starttls"
    if security not in ("starttls", "tls", "none"):
        raise BadSettings("CSC_SMTP_SECURITY must be starttls, tls, or none for a mail server on this machine.")
    if security == "none" and host not in LOOPBACK:
        raise BadSettings("CSC_SMTP_SECURITY may be none for a mail server on this machine alone. Write starttls or tls.")
    if not (user + password).isascii():
        raise BadSettings("CSC_SMTP_USER and CSC_SMTP_PASSWORD may hold plain letters, digits and signs alone.")
    if bool(user) != bool(password):
        raise BadSettings("CSC_SMTP_USER and CSC_SMTP_PASSWORD belong together: set both, or neither.")
    if demonstration and host not in LOOPBACK:
        raise BadSettings("A demonstration sends no mail to the world: leave CSC_SMTP_HOST out, or turn CSC_DEMONSTRATION off.")
    return SmtpSettings(host, _number(env, "CSC_SMTP_PORT", 587, 1, 65535), security, user, password)


def _imap(env: Mapping[str, str], demonstration: bool) -> ImapSettings | None:
    names = ("CSC_IMAP_HOST", "CSC_IMAP_USER", "CSC_IMAP_PASSWORD", "CSC_IMAP_PORT", "CSC_IMAP_SECURITY", "CSC_IMAP_FOLDER", "CSC_IMAP_DONE")
    host, user, password, _, security, folder, done = (env.get(name, "").strip() for name in names)
    if not host:
        given = [name for name in names[1:] if env.get(name, "").strip()]
        if given:
            raise BadSettings(f"{given[0]} is set, but CSC_IMAP_HOST is not. Write the mailbox’s server there, or leave both out.")
        return None
    security = security.lower() or "tls"
    if security not in ("tls", "starttls", "none"):
        raise BadSettings("CSC_IMAP_SECURITY must be tls, starttls, or none for a server on this machine.")
    if security == "none" and host not in LOOPBACK:
        raise BadSettings("CSC_IMAP_SECURITY may be none for a server on this machine alone. Write tls or starttls.")
    if not user or not password:
        raise BadSettings("CSC_IMAP_USER and CSC_IMAP_PASSWORD must both be set: the hub reads one mailbox, its own.")
    if not (user + password + folder + done).isascii() or not (user + password + folder + done).isprintable():
        raise BadSettings("CSC_IMAP_USER, CSC_IMAP_PASSWORD, CSC_IMAP_FOLDER and CSC_IMAP_DONE may hold plain letters, digits and signs alone.")
    if (folder or "INBOX").upper() == done.upper():
        raise BadSettings("CSC_IMAP_DONE must be another folder than CSC_IMAP_FOLDER.")
    if demonstration and host not in LOOPBACK:
        raise BadSettings("A demonstration reads no mailbox out in the world: leave CSC_IMAP_HOST out, or turn CSC_DEMONSTRATION off.")
    return ImapSettings(
        host, _number(env, "CSC_IMAP_PORT", 143 if security == "starttls" else 993, 1, 65535), security, user, password, folder or "INBOX", done or "CSC Hub")


def _notify(env: Mapping[str, str], demonstration: bool) -> NotifySettings | None:
    key, template = (env.get(name, "").strip() for name in ("CSC_NOTIFY_KEY", "CSC_NOTIFY_TEMPLATE"))
    if bool(key) != bool(template):
        raise BadSettings("CSC_NOTIFY_KEY and CSC_NOTIFY_TEMPLATE belong together: set both, or neither.")
    if not key:
        return None
    if demonstration:
        raise BadSettings("A demonstration sends no mail to the world: leave CSC_NOTIFY_KEY out, or turn CSC_DEMONSTRATION off.")
    if find_spec("notifications_python_client") is None:
        raise BadSettings("CSC_NOTIFY_KEY needs Notify’s own package. Install it with: pip install 'csc-hub[notify]'")
    return NotifySettings(key, template)


def _mail_from(env: Mapping[str, str], smtp: SmtpSettings | None) -> str:
    address = env.get("CSC_MAIL_FROM", "").strip()
    if not address and smtp:
        raise BadSettings("CSC_MAIL_FROM is not set. Write the address that the hub’s mail comes from, such as conferences@example.gov.uk")
    if address and not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", address):
        raise BadSettings("CSC_MAIL_FROM must be one address and nothing else, such as conferences@example.gov.uk")
    return address or "csc-hub@localhost"


def _colour(text: str) -> str:
    """The council's colour, dark enough for white words on it (contrast 4.5 to 1)."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise BadSettings("CSC_COLOUR must be a colour such as #0b5a6b.")
    parts = [int(text[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    if 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) < 4.5:
        raise BadSettings("CSC_COLOUR is too light: white words on it could not be read. Choose a darker colour.")
    return text.lower()
