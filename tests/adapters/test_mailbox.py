"""A mailbox over IMAP, on a real server: read once, nothing lost, and nobody waits for a server that is dead."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from csc_hub.adapters.mailbox import MOST_BYTES, FolderMailbox, ImapMailbox, MailboxDown
from tests.imap_server import ImapServer, imap_server


def mail(number: int, body: str = "hello") -> bytes:
    return f"From: jo@partner.example\r\nMessage-ID: <{number}@partner.example>\r\nSubject: Mail {number}\r\n\r\n{body}\r\n".encode()


def look(mailbox: object, used: bool = True, known: dict[str, bool] | None = None) -> list[bytes]:
    """One look, which remembers what it dealt with."""
    known, found = {} if known is None else known, []
    with mailbox.opened() as box:  # type: ignore[attr-defined]
        for waiting in box.waiting(lambda places: {p: known[p] for p in places if p in known}):
            found.append(waiting.raw)
            known[waiting.place] = used
            box.put_away(waiting, used)
    return found


def test_what_was_of_use_is_moved_and_nothing_is_deleted(imap: ImapServer) -> None:
    imap.deliver(mail(1), mail(2))
    assert look(imap.mailbox()) == [mail(1), mail(2)]
    assert imap.mails() == [] and imap.mails("CSC Hub") == [mail(1), mail(2)]
    assert look(imap.mailbox()) == []


def test_a_server_that_cannot_move_is_asked_to_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    with imap_server(capability="IMAP4rev1 UIDPLUS") as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        server.deliver(mail(1), mail(2))
        assert look(server.mailbox()) == [mail(1), mail(2)]
        assert server.mails() == [] and server.mails("CSC Hub") == [mail(1), mail(2)]


def test_what_is_of_no_use_stays_unread_for_people_and_is_fetched_once(imap: ImapServer) -> None:
    known: dict[str, bool] = {}
    imap.deliver(mail(1))
    assert look(imap.mailbox(), used=False, known=known) == [mail(1)]
    assert look(imap.mailbox(), used=False, known=known) == []
    assert imap.mails() == [mail(1)]
    with imap.line() as line:
        assert b"\\Seen" not in line.fetch("1", "(FLAGS)")[1][0]


def test_a_mail_that_was_dealt_with_before_a_crash_is_moved_and_not_read_again(imap: ImapServer) -> None:
    known: dict[str, bool] = {}
    imap.deliver(mail(1), mail(2))
    with pytest.raises(RuntimeError), imap.mailbox().opened() as box:
        for waiting in box.waiting(lambda places: {}):
            known[waiting.place] = True
            raise RuntimeError("killed between recording and moving")
    assert look(imap.mailbox(), known=known) == [mail(2)]
    assert sorted(imap.mails("CSC Hub")) == [mail(1), mail(2)] and imap.mails() == []


def test_a_huge_mail_is_fetched_up_to_the_ceiling_alone(imap: ImapServer) -> None:
    imap.deliver(mail(1, "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 40_000))
    assert [len(raw) for raw in look(imap.mailbox())] == [MOST_BYTES + 1]


def test_a_wrong_password_an_unknown_folder_and_a_strange_certificate_are_said(imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for mailbox, words in (
            (ImapMailbox("127.0.0.1", imap.port, "tls", "nobody", "wrong"), "says no"),
            (imap.mailbox(folder="No such folder"), "There is no folder of that name")):
        with pytest.raises(MailboxDown, match=words), mailbox.opened():
            pass
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    with pytest.raises(MailboxDown, match="certificate"), imap.mailbox().opened():
        pass


@contextmanager
def silent(says: bytes, every: float = 0) -> Iterator[int]:
    """A server that takes a line and says only this, perhaps again and again; its port."""
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = listening.accept()
                threading.Thread(target=talk, args=(line,), daemon=True).start()

    def talk(line: socket.socket) -> None:
        with suppress(OSError), line:
            line.sendall(says)
            while not over.wait(every or 30):
                line.sendall(b"* OK still here\r\n") if every else None

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        over.set()


@pytest.mark.parametrize(("says", "every"), [(b"", 0.0), (b"* OK ready\r\n", 0.0), (b"* OK ready\r\n", 0.1)])
def test_a_server_that_never_answers_is_given_up(says: bytes, every: float) -> None:
    with silent(says, every) as port:
        began = time.monotonic()
        with pytest.raises(MailboxDown), ImapMailbox("127.0.0.1", port, "none", "jo", "secret", timeout=0.5, altogether=1.0).opened():
            pass
        assert time.monotonic() - began < 10


def test_no_server_at_all_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MailboxDown, match="cannot be reached"), ImapMailbox("127.0.0.1", port, "none", "jo", "secret").opened():
        pass


def test_a_folder_is_read_in_order_and_emptied(tmp_path: Path) -> None:
    assert look(FolderMailbox(tmp_path / "not there yet")) == []
    for number in (2, 1):
        (tmp_path / f"{number}.eml").write_bytes(mail(number))
    (tmp_path / "half.part").write_bytes(b"not whole yet")
    assert look(FolderMailbox(tmp_path), used=False) == [mail(1), mail(2)]
    assert sorted(p.name for p in (tmp_path / "read").iterdir()) == ["1.eml", "2.eml"]
