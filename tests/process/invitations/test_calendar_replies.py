"""Answers from calendars: only from the invited address, only about the newest date, and never twice."""

from pathlib import Path

import pytest

from csc_hub.adapters.mailbox import FolderMailbox
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import service as people
from csc_hub.people.records import Person
from csc_hub.process.invitations import incoming
from csc_hub.process.invitations.records import Invitation, Said
from tests.hub import CAST, words_of
from tests.process.invitations.test_sending import calendar_of, sent  # noqa: F401


def reply(entry: str, partstat: str, sender: str = "sal.rossi@anyshire.example", sequence: int = 0, comment: str = "") -> bytes:
    """What a calendar program mails when somebody presses a button."""
    uid = next(line for line in entry.splitlines() if line.startswith("UID:"))[4:].strip()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{uid}", f"SEQUENCE:{sequence}",
             "DTSTAMP:20261123T100000Z", "DTSTART:20261207T100000Z", f"ATTENDEE;PARTSTAT={partstat}:mailto:{sender}"]
    lines += [f"COMMENT:{comment}"] if comment else []
    body = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
    return (f"From: Sal <{sender}>\r\nTo: csc-hub@localhost\r\nSubject: Accepted\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n{body}").encode()


def read(hub, folder: Path, *mails: bytes) -> list[str]:  # noqa: ANN001
    """Puts mails into a mailbox folder and has the hub read it."""
    folder.mkdir(exist_ok=True)
    for number, mail in enumerate(mails):
        (folder / f"{number}.eml").write_bytes(mail)
    with hub.inside():
        return [said for _, said in incoming.read(FolderMailbox(folder), now())]


def test_an_answer_from_the_calendar_is_on_the_board_with_its_source(sent, tmp_path: Path) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    entry = calendar_of(mails["Sal Rossi"])
    assert read(hub, tmp_path / "box", reply(entry, "ACCEPTED")) == ["taken"]
    assert "Nick Penrose and Sal Rossi are coming" in words_of(user.get(f"/contexts/{context}/invitations"))
    assert "coming, from their calendar" in words_of(user.get(f"/contexts/{context}/history"))
    assert read(hub, tmp_path / "box", reply(entry, "ACCEPTED")) == ["read already"]
    assert read(hub, tmp_path / "box", b"Message-ID: <2@x>\r\n" + reply(entry, "ACCEPTED")) == ["the same answer as before"]
    assert read(hub, tmp_path / "box", reply(entry, "DECLINED", comment="Market day")) == ["taken"]
    assert "Market day" in words_of(user.get(f"/contexts/{context}/invitations"))
    assert not list((tmp_path / "box").glob("*.eml")) and len(list((tmp_path / "box" / "read").iterdir())) == 1


@pytest.mark.parametrize(("change", "said"), [
    ({"sender": "mallory@elsewhere.example"}, "not from the invited address"), ({"sequence": -1}, "about an older date of the meeting"),
    ({"partstat": "DELEGATED"}, "an answer that the hub does not take")])
def test_an_answer_that_does_not_count_changes_nothing(sent, tmp_path: Path, change: dict, said: str) -> None:  # noqa: ANN001, F811
    hub, _, _, mails = sent
    assert read(hub, tmp_path / "box", reply(calendar_of(mails["Sal Rossi"]), **{"partstat": "ACCEPTED", **change})) == [said]
    with hub.inside():
        assert db.session.scalar(db.select(Invitation.reply).where(Invitation.sent_at.is_not(None), Invitation.person.has(name="Sal Rossi"))) == "none"


def test_an_answer_of_somebody_whose_access_has_ended_changes_nothing(sent, tmp_path: Path) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    with hub.inside(), writing():
        sal, admin = (db.session.scalar(db.select(Person).where(Person.name == name)) for name in ("Sal Rossi", CAST["administrator"]))
        people.end_access(sal, admin, now())
    assert read(hub, tmp_path / "box", reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED")) == ["from somebody whose access has ended"]
    assert "from somebody whose access has ended" in words_of(user.get(f"/contexts/{context}/history"))
    with hub.inside():
        assert db.session.scalar(db.select(Invitation.reply).where(Invitation.sent_at.is_not(None), Invitation.person_id == sal.id)) == "none"


def test_junk_in_the_mailbox_is_set_aside(sent, tmp_path: Path) -> None:  # noqa: ANN001, F811
    hub, _, _, mails = sent
    before = reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED")
    junk = [b"", b"\x00\xff" * 5000, b"From: x\r\n\r\nhello", before.replace(b"UID:", b"UID:x"), before[:-60].replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT" * 3), before + b"x" * 2_000_000]
    assert "taken" not in read(hub, tmp_path / "box", *junk)
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Said).where(Said.source == "calendar")) == 0
