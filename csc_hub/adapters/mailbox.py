"""Reads what arrives at the hub's own address: from a folder, or over IMAP. It knows nothing of what the mails say.

A mail is put away only after whoever reads has dealt with it. Nothing is deleted.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from csc_hub.adapters.mail import one_line

SECONDS = 20.0
"""How long each answer of a mailbox's server may take."""
ALTOGETHER = 120.0
"""How long one look into a mailbox may take; then the line is cut, and the next look goes on from there."""
MOST_BYTES = 1_000_000
"""So much of a mail is fetched, and one byte more, so that it can be told that there was more."""
AT_ONCE = 200
"""Mails that one look deals with; the others wait for the next."""
Known = Callable[[Sequence[str]], Mapping[str, bool]]
"""Which of these places were dealt with before, and whether what lay there was of use."""


class MailboxDown(Exception):
    """The mailbox cannot be read now; the message says why, in words for whoever looks after the hub."""


@dataclass(frozen=True)
class Waiting:
    """A mail: its own name in the log, a mark of the place where it lies, and its bytes up to the ceiling."""

    name: str
    place: str
    raw: bytes


class Box(Protocol):
    """A mailbox that is open."""

    def waiting(self, known: Known) -> Iterator[Waiting]:
        """Mails that nobody has dealt with. Raises `MailboxDown`."""

    def put_away(self, mail: Waiting, used: bool) -> None:
        """Says that a mail was dealt with, and whether it was of use to the hub. Raises `MailboxDown`."""


class Mailbox(Protocol):
    """Whatever mails arrive in."""

    def opened(self) -> AbstractContextManager[Box]:
        """The mailbox, open for one look. Raises `MailboxDown`."""


def open_mailbox(settings: Any) -> Mailbox | None:
    """What the settings ask for: an IMAP server, a folder, or nothing."""
    if settings.imap:
        given = settings.imap
        return ImapMailbox(given.host, given.port, given.security, given.user, given.password, given.folder, given.done)
    return FolderMailbox(settings.replies) if settings.replies else None


class FolderMailbox:
    """`*.eml` files of a folder, or a Maildir's `new`; what was dealt with is moved into `read` beside them."""

    def __init__(self, folder: Path):
        self._folder = folder

    @contextmanager
    def opened(self) -> Iterator[Box]:
        """Nothing to open: a folder that is not there yet is empty."""
        yield self

    def waiting(self, known: Known) -> Iterator[Waiting]:
        """Every mail in the order of the files' names. A file is there once: what lies there was not dealt with."""
        source = self._source()
        try:
            paths = sorted(p for p in source.iterdir() if p.is_file() and (source.name == "new" or p.suffix == ".eml")) if source.is_dir() else []
            for path in paths[:AT_ONCE]:
                with path.open("rb") as file:
                    yield Waiting(path.name, _mark("folder", path.name, str(path.stat().st_mtime_ns)), file.read(MOST_BYTES + 1))
        except OSError as fault:
            raise MailboxDown(f"The folder for replies cannot be read: {fault.strerror}.") from None

    def put_away(self, mail: Waiting, used: bool) -> None:
        """Moves the file, whether it was of use or not: nobody else looks into this folder."""
        try:
            (self._folder / "read").mkdir(exist_ok=True)
            (self._source() / mail.name).replace(self._folder / "read" / mail.name)
        except FileNotFoundError:
            pass  # another worker was quicker
        except OSError as fault:
            raise MailboxDown(f"The folder for replies cannot be written to: {fault.strerror}.") from None

    def _source(self) -> Path:
        return self._folder / "new" if (self._folder / "new").is_dir() else self._folder


class ImapMailbox:
    """A mailbox on an IMAP server. What was of use is moved into the folder `done`; all else stays in `folder`, for people."""

    def __init__(self, host: str, port: int, security: str, user: str, password: str, folder: str = "INBOX", done: str = "CSC Hub",
                 timeout: float = SECONDS, altogether: float = ALTOGETHER):
        self._host, self._port, self._security, self._user, self._password = host, port, security, user, password
        self._folder, self._done, self._timeout, self._altogether = folder, done, timeout, altogether

    @contextmanager
    def opened(self) -> Iterator[Box]:
        """Signs in and opens the folder, for as long as one look may take."""
        with _imap_faults():
            line = self._connect()
            try:
                if self._security == "starttls":
                    line.starttls(ssl_context=ssl.create_default_context())
                line.login(self._user, self._password)
                _must(line.select(_quoted(self._folder)), "There is no folder of that name")
                validity = str(line.response("UIDVALIDITY")[1])
                yield _ImapBox(line, _mark("imap", self._host, self._user, self._folder, validity), self._done)
            finally:
                with suppress(imaplib.IMAP4.error, OSError):
                    line.logout()
                line.over()

    def _connect(self) -> _Line | _SafeLine:
        if self._security == "tls":
            return _SafeLine(self._altogether, self._host, self._port, ssl_context=ssl.create_default_context(), timeout=self._timeout)
        return _Line(self._altogether, self._host, self._port, timeout=self._timeout)


class _Timed:
    """A line that is cut after so many seconds, from its first letter on: a server may answer too slowly to ever time out."""

    sock: socket.socket

    def __init__(self, altogether: float, *given: Any, **more: Any):
        self._cut = threading.Timer(altogether, self._end)
        self._cut.daemon = True
        try:
            super().__init__(*given, **more)
        except BaseException:
            self.over()
            raise

    def open(self, *given: Any, **more: Any) -> None:
        """Connects; the clock runs before the greeting is read."""
        super().open(*given, **more)  # type: ignore[misc]
        self._cut.start()

    def over(self) -> None:
        """The line is no longer in use."""
        self._cut.cancel()

    def _end(self) -> None:
        with suppress(OSError, AttributeError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Line(_Timed, imaplib.IMAP4):
    """A line that begins without encryption."""


class _SafeLine(_Timed, imaplib.IMAP4_SSL):
    """A line that is encrypted from its first letter on."""


class _ImapBox:
    """One look into a folder. A mail's place is the folder, its UIDVALIDITY and its UID, which no other mail ever gets."""

    def __init__(self, line: imaplib.IMAP4, folder: str, done: str):
        self._line, self._mark, self._done = line, folder, done
        self._uids: dict[str, str] = {}
        self._made = False

    def waiting(self, known: Known) -> Iterator[Waiting]:
        """Mails by their UID. One that was dealt with before the hub could move it is moved now."""
        found = _must(self._line.uid("SEARCH", "UNDELETED"), "The folder cannot be searched")[0] or b""
        self._uids = {_mark(self._mark, uid): uid for uid in found.decode("ascii", "replace").split()}
        before, number = known(list(self._uids)), 0
        for place, uid in self._uids.items():
            if place in before:
                if before[place]:
                    self._move(uid)
            elif number < AT_ONCE and (raw := self._fetched(uid)) is not None:
                number += 1
                yield Waiting(f"UID {uid}", place, raw)

    def _fetched(self, uid: str) -> bytes | None:
        """The bytes of a mail up to the ceiling, without marking it as read; None where it is gone meanwhile."""
        answer = _must(self._line.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES + 1}>)"), "A mail cannot be fetched")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple) and len(part) > 1), None)

    def put_away(self, mail: Waiting, used: bool) -> None:
        """Moves what was of use; what was not stays as it is."""
        if used:
            self._move(self._uids[mail.place])

    def _move(self, uid: str) -> None:
        """Moves a mail, marked as read; by copying where the server knows no MOVE, and only then is the first one marked as deleted."""
        if not self._made:
            self._line.create(_quoted(self._done))  # says no where it is there already
            self._made = True
        self._line.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
        if "MOVE" in self._line.capabilities:
            _must(self._line.uid("MOVE", uid, _quoted(self._done)), "A mail cannot be moved")
            return
        _must(self._line.uid("COPY", uid, _quoted(self._done)), "A mail cannot be copied")
        _must(self._line.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"), "A mail cannot be marked")
        if "UIDPLUS" in self._line.capabilities:
            self._line.uid("EXPUNGE", uid)


def _mark(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _quoted(name: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _must(answer: tuple[str, list[Any]], otherwise: str) -> list[Any]:
    """What the server answered. Raises `MailboxDown` where it says no."""
    status, data = answer
    if status != "OK":
        raise MailboxDown(f"{otherwise}: {_words(data[0] if data else b'')}")
    return data


def _words(said: Any) -> str:
    return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said or "no reason given"), 300)


@contextmanager
def _imap_faults() -> Iterator[None]:
    """What imaplib raises, in words for whoever looks after the hub."""
    try:
        yield
    except TimeoutError:
        raise MailboxDown("The mailbox’s server takes too long to answer.") from None
    except ssl.SSLError as fault:
        raise MailboxDown(f"The mailbox’s certificate or encryption will not do: {_words(fault)}") from None
    except imaplib.IMAP4.abort:
        raise MailboxDown("The mailbox’s server hung up.") from None
    except imaplib.IMAP4.error as fault:
        raise MailboxDown(f"The mailbox’s server says no: {_words(fault.args[0] if fault.args else '')}") from None
    except OSError as fault:
        raise MailboxDown(f"The mailbox’s server cannot be reached: {fault.strerror or type(fault).__name__}.") from None
