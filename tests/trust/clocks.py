"""Clocks that change, leap and go back: reminders, links, letters put off, and what calendar programs show (R8)."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csc_hub.adapters import calendar
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.adapters.mail import MailDown
from csc_hub.db import db, writing
from csc_hub.kernel import LONDON, UTC, today, working_days_from
from csc_hub.outbox import worker
from csc_hub.outbox.records import Outgoing
from csc_hub.people import links as doors
from csc_hub.people import service as people
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import chores, links
from csc_hub.process.invitations.records import Invitation
from tests import browser, parts
from tests.hub import NAMES, Hub
from tests.trust.crash import prepared
from tests.trust.stage import Outcome, Stage

HOUR, AHEAD, SECOND = dt.timedelta(hours=1), dt.timedelta(days=731), dt.timedelta(seconds=1)
INSTANTS = (
    # (UTC, what it is, how many reminders London's calendar asks for: its working days alone)
    ("2027-03-26 09:00:00", "Good Friday", 0), ("2027-03-28 00:59:58", "the clocks go on", 0), ("2027-03-29 23:00:30", "Tuesday in London, Monday elsewhere", 1),
    ("2027-06-30 23:30:00", "the first of July in London, June elsewhere", 1), ("2027-09-14 09:00:00", "a working day", 1), ("2027-10-31 00:30:00", "the first 01:30", 0),
    ("2027-10-31 01:30:00", "the second 01:30", 0), ("2027-12-31 23:59:58", "the end of a year", 1), ("2028-01-03 10:00:00", "a bank holiday instead of New Year", 0),
    ("2028-02-29 09:00:00", "a leap day", 1), ("2028-03-27 07:30:00", "the first working day of summer time", 1), ("2028-12-29 22:15:00", "late on a Friday", 1),
)
GUESTS = 3
CODE = ("import sys; sys.path.insert(0, ''); from csc_hub import create_app, kernel; from csc_hub.settings import from_environment; app = create_app(from_environment())\n"
        "with app.app_context():\n    [chore(kernel.now()) for chore in app.extensions['csc_chores']]")


def clocks(stage: Stage) -> Outcome:
    """R8: twelve instants, each with its clock an hour back and on and two years ahead, on both databases; then two calendar programs."""
    found, told = Outcome(), []
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        hub, env = prepared(stage, base, stage.folder("clocks") / "data")
        reminders = 0
        for number, (utc, what, wanted) in enumerate(INSTANTS):
            at, said = dt.datetime.fromisoformat(utc).replace(tzinfo=UTC), f"{base}, {what}"
            reminders += _reminded(found, said, hub, at, wanted, env if stage.long or number == 2 else None)
            _ended(found, said, hub, at)
            _put_off(found, said, hub, at)
        told.append(f"{base}: {reminders} reminders")
        with hub.inside():
            db.engine.dispose()
    shown = _shown(found, stage.folder("calendars"))
    found.figure = f"{len(INSTANTS)} instants; {'; '.join(told)}; {shown} times of day shown by khal and calcurse"
    return found


def _meeting(at: dt.datetime) -> list[Invitation]:
    """A meeting in five working days after an instant, and guests who have not answered. The caller is writing."""
    here = db.session.scalars(db.select(Context).where(Context.name == NAMES["interchange"])).one()
    last = db.session.scalars(db.select(Conference).where(Conference.context_id == here.id).order_by(Conference.number.desc())).first()
    shop = db.session.scalars(db.select(Agency).where(~Agency.statutory)).first()
    assert last and shop
    day = working_days_from(today(at), 5, bank_holidays())
    meeting = Conference(context_id=here.id, number=last.number + 1, starts_at=dt.datetime.combine(day, dt.time(10), LONDON), minutes=120, chair_id=last.chair_id,
                         venue=last.venue, near=last.near, agenda=last.agenda)
    db.session.add(meeting)
    db.session.flush()
    made = []
    for _ in range(GUESTS):
        person = Person(id=uuid.uuid4(), name="Somebody There", email=f"{uuid.uuid4().hex}@guests.example", agency_id=shop.id)
        db.session.add(person)
        db.session.flush()
        made.append(Invitation(id=uuid.uuid4(), conference_id=meeting.id, person_id=person.id, agency_id=shop.id, why=[1], added_at=at - 9 * 24 * HOUR, sent_at=at - 9 * 24 * HOUR))
    db.session.add_all(made)
    db.session.flush()
    return made


def _reminded(found: Outcome, said: str, hub: Hub, at: dt.datetime, wanted: int, env: dict[str, str] | None) -> int:
    """The worker's round at the instant, twice, a second and an hour later, an hour back, two years ahead, and once more: one reminder each."""
    with hub.inside():
        with writing():
            keys = [row.id for row in _meeting(at)]
        for moment in (at, at + SECOND, at + AHEAD, at + HOUR, at - HOUR, at) if env is None else ():
            chores.run(moment)
        db.engine.dispose()
    for moment in (at, at + HOUR, at - HOUR) if env else ():
        _under(moment, hub, env)  # the whole program by another clock
    with hub.inside():
        number = 0
        for key in keys:
            sent = db.session.scalar(db.select(db.func.count()).select_from(Outgoing).where(Outgoing.about == key, Outgoing.kind == "reminder")) or 0
            found.expect(sent == wanted, f"{said}: somebody is reminded {sent} times, {wanted} are due")
            number += sent
        with writing():
            db.session.get_one(Conference, db.session.get_one(Invitation, keys[0]).conference_id).state = "cancelled"
            for row in db.session.scalars(db.select(Outgoing).where(Outgoing.state == "queued")):
                row.state = "sent"
    return number


def _under(moment: dt.datetime, hub: Hub, env: dict[str, str]) -> None:
    """Runs the worker's round in a process of its own, whose clock says another time."""
    program = shutil.which("faketime")
    if not program:
        parts.missing("faketime", "apt-get install faketime")
    more = browser.environment(hub.app.config["CSC"].data, 8000, env) | {"TZ": "UTC", "DONT_FAKE_MONOTONIC": "1", "CSC_SECRET": hub.app.config["CSC"].secret}
    done = subprocess.run([program, "-f", f"@{moment:%Y-%m-%d %H:%M:%S}", sys.executable, "-c", CODE], cwd=browser.ROOT, env=more, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-800:]


def _ended(found: Outcome, said: str, hub: Hub, at: dt.datetime) -> None:
    """What ran out at the instant works a second before, and not a second after; not either once the clock is an hour back. A clock
    that was two years ahead has ended nothing."""
    with hub.inside(), writing():
        invitation = _meeting(at)[0]
        db.session.get_one(Conference, invitation.conference_id).state = "cancelled"
        key = doors.make(doors.Purpose.INVITATION, invitation.id, invitation.person.email or "", at, at - 9 * 24 * HOUR)
        person = people.add_person(people.PersonDraft("New Colleague", f"{uuid.uuid4().hex}@anyshire.example"), None, at)
        token = people.make_link(person, None, at - dt.timedelta(hours=people.rules.LINK_HOURS))
        db.session.flush()
        row = db.session.scalars(db.select(doors.Link).where(doors.Link.about_id == invitation.id)).one()

        def work(moment: dt.datetime) -> list[bool]:
            db.session.expire_all()
            return [links.of_token(key.token, moment) is not None, links.still_works(row.id, moment) is not None,
                    doors.of_code(invitation.person.email or "", key.code, "10.6.0.1", moment) is not None, people.person_of_link(token, moment) is not None]

        doors.lapse(at - HOUR + AHEAD)
        found.expect(all(work(at - SECOND)), f"{said}: over a second too early, or by a clock that was two years ahead: {work(at - SECOND)}")
        found.expect(not any(work(at + SECOND)), f"{said}: still works a second later: {work(at + SECOND)}")
        doors.lapse(at + 30 * SECOND)
        found.expect(not any(work(at - HOUR)), f"{said}: works again once the clock has gone back: {work(at - HOUR)}")


class _Down:
    """A mail server that is away."""

    def send(self, letter: Any) -> None:
        """Takes nothing."""
        raise MailDown("away")


def _put_off(found: Outcome, said: str, hub: Hub, at: dt.datetime) -> None:
    """A letter that was tried while the clock was two years ahead, or taken by a worker that died then, goes out within the hour."""
    whole = hub.app.extensions["csc_mail"]
    with hub.inside():
        with writing():
            for queued in (at, at + AHEAD):
                db.session.add(Outgoing(id=uuid.uuid4(), message_id=f"<{uuid.uuid4()}@hub.example>", kind="clock", to_name="A", to_address="a@guests.example", from_name="B",
                                        subject="S", text="T", html="", calendar="", method="", state="queued", tries=0, due_at=queued, queued_at=queued, said=""))
        hub.app.extensions["csc_mail"] = _Down()
        for ahead in (AHEAD, AHEAD + HOUR):
            worker.send_due(hub.app, lambda ahead=ahead: at + ahead)
        with writing():
            taken = db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "clock", Outgoing.state == "queued")).first()
            if taken:
                taken.leased_until = at + AHEAD + worker.LEASE
        hub.app.extensions["csc_mail"] = whole
        worker.send_due(hub.app, lambda: at + HOUR)
        rows = list(db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "clock")))
        with writing():
            found.expect([row.state for row in rows] == ["sent", "sent"], f"{said}: letters of a clock two years ahead are {[row.state for row in rows]}")
            for row in rows:
                db.session.delete(row)


def _shown(found: Outcome, folder: Path) -> int:
    """A meeting at each instant, as two calendar programs show it: the same day, beginning and end as clocks in London."""
    wanted = {}
    for number, (utc, what, _) in enumerate(INSTANTS):
        at = dt.datetime.fromisoformat(utc).replace(tzinfo=UTC, second=0)
        event = calendar.Event(uid=f"{number}@hub.example", sequence=0, starts_at=at, minutes=120, summary=f"Meeting {number}", description="Say whether you can come", location="Hall",
                               organizer_name="Anyshire Council", organizer_address="csc@hub.example", attendee_name="A", attendee_address="a@guests.example", stamp=at)
        (folder / f"{number}.ics").write_bytes(calendar.request(event).encode())
        begins, ends = at.astimezone(LONDON), (at + 2 * HOUR).astimezone(LONDON)
        wanted[f"Meeting {number}"] = (f"{begins:%Y-%m-%d %H:%M}", f"{ends:%H:%M}", what)
    for program, shown in (("khal", dict(_khal(folder))), ("calcurse", dict(_calcurse(folder)))):
        for title, (begins, ends, what) in wanted.items():
            found.expect(shown.get(title) == (begins, ends), f"{what}: {program} shows {shown.get(title)}, London’s clocks {begins} to {ends}")
    return 2 * len(wanted)


def _lines(words: list[str], folder: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    env = {**os.environ, "TZ": "Europe/London", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    for line in subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout.splitlines():
        if line.count("|") == 2:
            title, begins, ends = line.strip().split("|")
            yield title, (begins, ends)


def _khal(folder: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    (folder / "cal").mkdir()
    config, how = folder / "khal.conf", "%Y-%m-%d %H:%M"
    config.write_text(f"[calendars]\n[[cal]]\npath = {folder / 'cal'}\n[sqlite]\npath = {folder / 'khal.db'}\n[locale]\nlocal_timezone = Europe/London\ndefault_timezone = Europe/London\n"
                      f"timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = {how}\nlongdatetimeformat = {how}\n")
    program = [sys.executable, "-m", "khal", "-c", str(config)]
    list(_lines([*program, "import", "--batch", "-a", "cal", *map(str, sorted(folder.glob("*.ics")))], folder))
    yield from _lines([*program, "list", "2027-01-01", "900d", "--once", "--day-format", "", "--format", "{title}|{start-long-full}|{end-time}"], folder)


def _calcurse(folder: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    if not shutil.which("calcurse"):
        parts.missing("calcurse", "apt-get install calcurse")
    program = ["calcurse", "-D", str(folder / "calcurse"), "-C", str(folder / "calcurse")]
    (folder / "calcurse").mkdir()
    for file in sorted(folder.glob("*.ics")):
        list(_lines([*program, "-i", str(file)], folder))
    yield from _lines([*program, "-Q", "--from", "01/01/2027", "--days", "900", "--filter-type", "apt", "--format-apt", "%m|%(start:%Y-%m-%d %H:%M)|%(end:%H:%M)\n"], folder)
