"""A file for the meeting from somebody without an account: taken, replaced, taken back, and opened by few."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.papers.records import Paper
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import contributions
from csc_hub.process.invitations.records import Invitation
from tests import parts
from tests.hub import Hub, User, settings, words_of
from tests.papers.test_filetypes import GOOD
from tests.process.invitations.test_sending import link_of, sent  # noqa: F401

PDF = GOOD["letter.pdf"]


def guest(hub: Hub, mails: dict, name: str = "Sal Rossi") -> User:
    """Somebody who came in by the link in their mail."""
    user = hub.be(None)
    assert user.post(link_of(mails[name])).status_code == 303
    return user


def send(user: User, content: bytes = PDF, name: str = "What we see at the café.pdf", **more: Any) -> Any:
    """Sends a file as the page does."""
    return user.post("/invitation/file", file=(io.BytesIO(content), name), **{"nobody": "y", **more})


def live(hub: Hub) -> list[Paper]:
    """Files from guests that are kept."""
    with hub.inside():
        return list(db.session.scalars(db.select(Paper).where(Paper.from_invited, Paper.withdrawn_at.is_(None))))


def stored(hub: Hub) -> int:
    """How many files lie in the store."""
    return sum(path.is_file() for path in (Path(hub.app.config["CSC"].data) / "papers").rglob("*"))


def test_a_file_reaches_those_who_run_the_meeting_and_who_opened_it_is_on_record(sent: Any) -> None:  # noqa: F811
    hub, coordinator, context, mails = sent
    user = guest(hub, mails)
    assert send(user).status_code == 303
    own = words_of(user.get("/invitation"))
    assert "Your file for the meeting What we see at the café.pdf (PDF" in own and "Replace this file" in own
    back = user.get("/invitation/file/open")
    assert back.data == PDF and back.headers["Content-Disposition"].startswith("attachment")
    page = coordinator.get(f"/contexts/{context}/invitations/papers")
    assert "What we see at the café.pdf" in page.text and "Nobody has opened it yet" in words_of(page)
    with hub.inside():
        one = db.session.scalar(db.select(Invitation.id).where(Invitation.file_id.is_not(None)))
    opened = coordinator.get(f"/contexts/{context}/invitations/{one}/file")
    assert opened.data == PDF
    assert "Opened by Grace Mensah." in words_of(coordinator.get(f"/contexts/{context}/invitations/papers"))
    assert "A file for the meeting from Sal Rossi" in words_of(coordinator.get(f"/contexts/{context}/invitations"))


def test_nobody_else_opens_it_neither_readers_nor_other_guests_nor_by_the_papers_own_address(sent: Any) -> None:  # noqa: F811
    hub, coordinator, context, mails = sent
    send(guest(hub, mails))
    paper, = live(hub)
    with hub.inside():
        one = db.session.scalar(db.select(Invitation.id).where(Invitation.file_id.is_not(None)))
    other = guest(hub, mails, next(name for name in mails if name != "Sal Rossi"))
    assert other.get("/invitation/file/open").status_code == 404
    assert "café.pdf" not in other.get("/invitation").text
    for role in ("reader", "agency contact", "other chair"):
        assert hub.be(role).get(f"/contexts/{context}/invitations/{one}/file").status_code in (403, 404)
        assert "café.pdf" not in hub.be(role).get(f"/contexts/{context}/invitations/papers").text
    assert coordinator.get(f"/contexts/{context}/papers/{paper.id}").status_code == 404
    assert hub.be(None).get("/invitation/file/open").status_code == 404


def test_it_is_replaced_and_taken_back_until_the_meeting_begins_and_stays_as_it_is_afterwards(sent: Any) -> None:  # noqa: F811
    hub, coordinator, context, mails = sent
    user, before = guest(hub, mails), stored(hub)
    send(user)
    assert send(user).status_code == 303 and stored(hub) == before + 1, "the same file again is one file"
    assert send(user, GOOD["minutes.docx"], "notes.docx").status_code == 303
    assert [paper.name for paper in live(hub)] == ["notes.docx"] and stored(hub) == before + 1
    assert user.post("/invitation/file/remove", page="/invitation").status_code == 303
    assert live(hub) == [] and stored(hub) == before
    send(user)
    with hub.inside(), writing():
        conference = db.session.scalar(db.select(Conference).join(Invitation, Invitation.conference_id == Conference.id).where(Invitation.file_id.is_not(None)))
        conference.starts_at = now()
    assert send(user, GOOD["minutes.docx"], "notes.docx").status_code == 422
    assert user.get("/invitation/file").status_code == 422
    assert user.post("/invitation/file/remove", page="/invitation").status_code == 422
    assert [paper.name for paper in live(hub)] == ["What we see at the café.pdf"]
    assert user.get("/invitation/file/open").data == PDF


@pytest.mark.parametrize(("content", "name", "more", "words"), [
    (b"", "empty.pdf", {}, "This file is empty"), (PDF, "notes.docx", {}, "it is a PDF"), (b"MZ\0\0" * 40, "tool.pdf", {}, "This is a program"),
    (b"<html><body>x</body></html>", "page.txt", {}, "This is a web page"), (PDF + b"\0" * 11_000_000, "large.pdf", {}, "Files can have up to 10 MB"),
    (PDF + b"\0" * (10 * 1024 ** 2), "just too large.pdf", {}, "The file must have 10 MB or less"), (PDF, "fine.pdf", {"nobody": None}, "tick the box")])
def test_a_bad_file_is_refused_with_a_reason_and_nothing_of_it_is_kept(sent: Any, content: bytes, name: str, more: dict, words: str) -> None:  # noqa: F811
    hub, _, _, mails = sent
    user, before = guest(hub, mails), stored(hub)
    answer = send(user, content, name, **more)
    assert answer.status_code in (413, 422) and words in words_of(answer)
    assert live(hub) == [] and stored(hub) == before


def test_many_files_in_an_hour_are_too_many(sent: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    hub, _, context, mails = sent
    user = guest(hub, mails)
    monkeypatch.setattr(contributions, "AN_HOUR", 3)
    answers = [send(user, b"", "empty.pdf").status_code, send(user).status_code, send(user, GOOD["minutes.docx"], "n.docx").status_code]
    assert answers == [422, 303, 303]
    answer = send(user)
    assert answer.status_code == 422 and "Wait an hour" in words_of(answer)
    other = guest(hub, mails, next(name for name in mails if name != "Sal Rossi"))
    assert send(other).status_code == 303
    assert "Sal Rossi sent a file that could not be taken" in words_of(hub.be("coordinator").get(f"/contexts/{context}/history"))


def test_a_virus_never_comes_in_and_while_the_scanner_is_down_nobody_opens_the_file(sent: Any, clamd_socket: str, tmp_path: Path) -> None:  # noqa: F811
    hub, _, context, mails = sent
    data = Path(hub.app.config["CSC"].data)
    for socket, up in ((clamd_socket, True), (str(tmp_path / "none"), False)):
        scanned = Hub(create_app(settings(data, clamd=socket)))
        user = guest(scanned, mails)
        answer = send(user, parts.eicar(), "note.txt")
        assert answer.status_code == (422 if up else 303)
        assert ("A virus was found" in words_of(answer)) is up
    assert "Waiting to be checked for viruses" in words_of(user.get("/invitation"))
    assert user.get("/invitation/file/open").status_code == 422
    back = Hub(create_app(settings(data, clamd=clamd_socket)))
    coordinator, paper = back.be("coordinator"), live(hub)[0]
    assert coordinator.post(f"/contexts/{context}/papers/{paper.id}/check", page=f"/contexts/{context}/invitations/papers").status_code == 303
    assert "A virus was found in this paper, and it was removed" in words_of(coordinator.get(f"/contexts/{context}/invitations/papers"))
    assert guest(back, mails).get("/invitation/file/open").status_code == 422
