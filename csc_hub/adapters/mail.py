"""Sends one letter: to a mail server, into a folder, or through GOV.UK Notify. It knows nothing of what letters say.

`send` returns once the other side has taken the letter. Otherwise it raises `MailRefused`, when trying again would not
help, or `MailDown`, when it may. A letter that was taken while its answer got lost counts as `MailDown`: sent again, it
has the same Message-ID, by which most mail programs know it as the same.
"""

from __future__ import annotations

import email.policy
import os
import re
import smtplib
import socket
import ssl
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from pathlib import Path
from typing import Any, Protocol

import idna

SECONDS = 20.0
"""How long each answer of a mail server may take."""
LETTER_SECONDS = 90.0
"""How long a letter may take altogether; then the line is cut."""
POLICY = email.policy.SMTP.clone(cte_type="7bit")
UNBROKEN = 40
"""Letters of a name that always stand on one line."""
METHODS = ("REQUEST", "CANCEL")
NOT_OURS = (530, 534, 535, 538)
"""Permanent refusals that speak of our settings, not of the letter."""
SLOW = "The mail server did not answer in time."
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]{1,100}@[A-Za-z0-9.-]{1,200}>")


class MailRefused(Exception):
    """The letter will never be taken; the message is the server's words, or says what is wrong with the letter."""


class MailDown(Exception):
    """The letter could not be handed over now; the message says why."""


@dataclass(frozen=True)
class Letter:
    """One letter to one person. `calendar` is iCalendar text, whose METHOD `method` repeats: REQUEST or CANCEL."""

    message_id: str
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str = ""
    calendar: str = ""
    method: str = ""


class Mail(Protocol):
    """Whatever takes letters."""

    def send(self, letter: Letter) -> None:
        """Hands one letter over. Raises `MailRefused` or `MailDown`."""


def open_mail(settings: Any) -> Mail:
    """What the settings ask for: a mail server, GOV.UK Notify, or else the folder `mail` beside the data."""
    if settings.smtp:
        given = settings.smtp
        return SmtpMail(given.host, given.port, given.security, given.user, given.password)
    if settings.notify:
        return NotifyMail(settings.notify.key, settings.notify.template)
    return FolderMail(settings.data / "mail")


def message(letter: Letter) -> EmailMessage:
    """The letter as it goes over the wire. Raises `MailRefused` where an address cannot be written to.

    Line breaks and control characters in names and subjects become spaces, so nobody can add a header.
    """
    if not _MESSAGE_ID.fullmatch(letter.message_id):
        raise MailRefused("The letter has no usable Message-ID.")
    if letter.calendar and letter.method not in METHODS:
        raise MailRefused(f"A calendar part needs a method: {' or '.join(METHODS)}.")
    made = EmailMessage(policy=POLICY)
    made["From"] = _mailbox(letter.from_name, letter.from_address)
    made["To"] = _mailbox(letter.to_name, letter.to_address)
    made["Subject"] = one_line(letter.subject, 200)
    made["Date"] = format_datetime(localtime())
    made["Message-ID"] = letter.message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_body(letter.text))
    if letter.html:
        made.add_alternative(_body(letter.html), subtype="html")
    if letter.calendar:
        made.add_alternative(letter.calendar, subtype="calendar", charset="utf-8", cte="base64", params={"method": letter.method})
        made.make_mixed()
        made.add_attachment(letter.calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return made


def one_line(text: str, most: int) -> str:
    """Text for a header: one line, no control characters, no encoded words, single spaces, at most so many letters."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text).replace("=?", "= ?")
    return " ".join(text.split())[:most].strip()


def plain_address(text: str) -> str:
    """An address as mail servers write it, an international domain in its ASCII form. Raises `MailRefused` with a sentence."""
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if not local.isascii():
        raise MailRefused(f"“{one_line(text, 100)}” has letters before the @ that not all mail servers take. Use an address with plain letters there.")
    try:
        domain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        domain = ""
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64 or not re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", domain):
        raise MailRefused(f"“{one_line(text, 100)}” is not an e-mail address.")
    return f"{local}@{domain}"


def _mailbox(name: str, address: str) -> Address:
    """A name and an address. Python loses the quotes of a long name when it breaks the line, so such a name has no
    signs that need them."""
    name = one_line(name, 120)
    if len(name) > UNBROKEN:
        name = one_line(re.sub(r"[^\w '&/–-]|_", " ", name), 120)
    return Address(name, addr_spec=plain_address(address))


def _body(text: str) -> str:
    return "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


class FolderMail:
    """Letters as files that mail programs open, one each; a letter sent again replaces its file."""

    def __init__(self, folder: Path):
        self._folder = folder

    def send(self, letter: Letter) -> None:
        """Writes the letter, whole or not at all."""
        content = message(letter).as_bytes()
        name = re.sub(r"[^A-Za-z0-9.-]+", "_", letter.message_id.strip("<>").partition("@")[0])
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                try:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                    os.replace(file.name, self._folder / f"{name}.eml")
                except BaseException:
                    os.unlink(file.name)
                    raise
        except OSError as fault:
            raise MailDown(f"The folder for mail cannot be written to: {fault.strerror}.") from None


class SmtpMail:
    """A mail server. `security` is starttls, tls or none; certificates are checked; `timeout` in seconds is for each answer."""

    def __init__(self, host: str, port: int = 587, security: str = "starttls", user: str = "", password: str = "",
                 timeout: float = SECONDS, altogether: float = LETTER_SECONDS):
        if security not in ("starttls", "tls", "none"):
            raise ValueError(security)
        self._host, self._port, self._security = host, port, security
        self._user, self._password = user, password
        self._timeout, self._altogether = timeout, altogether

    def send(self, letter: Letter) -> None:
        """Hands the letter over on a line of its own."""
        made = message(letter)
        content, sender, to = made.as_bytes(), plain_address(letter.from_address), plain_address(letter.to_address)
        line = _Line(self._host, self._timeout, ssl.create_default_context() if self._security == "tls" else None)
        cut = threading.Timer(self._altogether, line.cut)
        cut.daemon = True
        cut.start()
        try:
            with _smtp_faults():
                code, said = line.connect(self._host, self._port)
                if code != 220:
                    raise smtplib.SMTPConnectError(code, said)
                if self._security == "starttls":
                    line.starttls(context=ssl.create_default_context())
                if self._user:
                    line.login(self._user, self._password)
                line.sendmail(sender, [to], content)
                with suppress(smtplib.SMTPException, OSError):
                    line.quit()
        except MailDown:
            if line.was_cut:
                raise MailDown(SLOW) from None
            raise
        finally:
            cut.cancel()
            line.end()


class _Line(smtplib.SMTP):
    """A line to a mail server that can be cut from another thread at any moment, also while it is still being greeted.

    A server that sends one byte now and then never times out: each byte begins the wait anew.
    """

    def __init__(self, host: str, timeout: float, tls: ssl.SSLContext | None):
        super().__init__(timeout=timeout)
        self._host = host  # whose certificate starttls asks for
        self._tls, self.was_cut = tls, False
        self._cord: socket.socket | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """As smtplib asks for it. The cord stays ours whatever becomes of the socket."""
        plain = super()._get_socket(host, port, timeout)
        self._cord = plain.dup()
        if self.was_cut:
            self.cut()
        return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain

    def cut(self) -> None:
        """Ends the line at once, whatever it waits for."""
        self.was_cut = True
        if self._cord:
            with suppress(OSError):
                self._cord.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Lets go of everything."""
        self.close()
        if self._cord:
            self._cord.close()


def _words(said: Any) -> str:
    return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said), 400)


@contextmanager
def _smtp_faults() -> Iterator[None]:
    """Sorts what smtplib raises into what will never work and what may work later."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as fault:
        code, said = next(iter(fault.recipients.values()))
        raise _fault(code, said) from None
    except smtplib.SMTPAuthenticationError as fault:
        raise MailDown(f"The mail server does not take the hub’s user name and password: {fault.smtp_code} {_words(fault.smtp_error)}") from None
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as fault:
        raise MailDown(f"{fault.smtp_code} {_words(fault.smtp_error)}") from None
    except smtplib.SMTPResponseException as fault:
        raise _fault(fault.smtp_code, fault.smtp_error) from None
    except smtplib.SMTPServerDisconnected as fault:
        slow = "timed out" in str(fault)
        raise MailDown(SLOW if slow else "The mail server hung up before it had taken the letter.") from None
    except smtplib.SMTPException as fault:
        raise MailDown(_words(fault)) from None
    except TimeoutError:
        raise MailDown(SLOW) from None
    except ssl.SSLError as fault:
        raise MailDown(f"The mail server’s certificate or encryption will not do: {_words(fault)}") from None
    except OSError as fault:
        raise MailDown(f"The mail server cannot be reached: {fault.strerror or type(fault).__name__}.") from None


def _fault(code: int, said: Any) -> Exception:
    words = f"{code} {_words(said)}"
    return MailRefused(words) if 500 <= code < 600 and code not in NOT_OURS else MailDown(words)


class NotifyMail:
    """GOV.UK Notify. Its template needs ((subject)) and ((body)). It carries text alone: no calendar part and no HTML."""

    def __init__(self, key: str, template_id: str, base_url: str = ""):
        from notifications_python_client.notifications import NotificationsAPIClient

        self._client = NotificationsAPIClient(key, **({"base_url": base_url} if base_url else {}), timeout=int(SECONDS))
        self._template = template_id

    def send(self, letter: Letter) -> None:
        """Hands the letter to Notify under its Message-ID as the reference."""
        from notifications_python_client.errors import HTTPError

        body = {"subject": one_line(letter.subject, 200), "body": _body(letter.text)}
        try:
            self._client.send_email_notification(
                email_address=plain_address(letter.to_address), template_id=self._template, personalisation=body, reference=letter.message_id)
        except HTTPError as fault:
            words = f"{fault.status_code} {_words(fault.message)}"
            raise (MailRefused(words) if fault.status_code in (400, 404, 422) else MailDown(words)) from None
        except OSError as fault:
            raise MailDown(f"GOV.UK Notify cannot be reached: {type(fault).__name__}.") from None
