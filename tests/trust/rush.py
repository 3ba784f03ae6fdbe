"""Everybody answers their invitation at once: a thousand replies from fifty browsers, on both databases (R3)."""

from __future__ import annotations

import datetime as dt
import html
import re
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass

from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import links
from csc_hub.process.invitations.records import Invitation
from tests.hub import Hub
from tests.trust.books import Books
from tests.trust.client import Answer, Client, Faults
from tests.trust.crash import prepared
from tests.trust.server import server
from tests.trust.stage import Outcome, Stage

LIMIT, TIMED = 1.0, 500
"""Seconds that 95 of 100 answers may take."""
LOCKED = ("database is locked", "OperationalError", "the database cannot be used")
"""How the log says it: the hub writes down the kind of fault only, as its words may hold what somebody typed."""
HIDDEN = re.compile(r'<input type="hidden" name="(version|loaded)" value="([^"]*)"')


@dataclass(frozen=True)
class Guest:
    """Somebody who was invited, and the path of the link in their mail."""

    invitation: str
    link: str


def guests(hub: Hub, number: int, sent: bool = True) -> list[Guest]:
    """Puts people on the list of the bus interchange's conference, straight into the database; with links where `sent`."""
    made, context = [], uuid.UUID(hub.context("interchange"))
    with hub.inside():
        with writing():
            conference = db.session.scalars(db.select(Conference).where(Conference.context_id == context).order_by(Conference.number.desc())).first()
            agency = db.session.scalar(db.select(Agency.id).where(Agency.name == "Housing"))
            assert conference and conference.starts_at and conference.starts_at > now() + dt.timedelta(days=1)
            for _ in range(number):
                mark = uuid.uuid4()
                person = Person(id=uuid.uuid4(), name=f"Guest {mark.hex[:8]}", email=f"{mark.hex}@guests.example", agency_id=agency)
                invitation = Invitation(id=mark, conference_id=conference.id, person_id=person.id, agency_id=agency, why=[1], added_at=now(),
                                        note="rush", sent_at=now() if sent else None)
                made.append((person, invitation))
            db.session.add_all(person for person, _ in made)
            db.session.flush()
            db.session.add_all(invitation for _, invitation in made)
            db.session.flush()
            found = [Guest(invitation.id.hex, f"/i/{links.make(invitation, conference, now()).token}" if sent else "") for _, invitation in made]
        db.engine.dispose()
    return found


class Reader:
    """One guest at a browser: opens the link, presses Continue, reads their page and answers."""

    def __init__(self, port: int, guest: Guest):
        self.client, self.guest, self.hidden = Client(port), guest, dict[str, str]()

    def come_in(self) -> list[int]:
        """As far as the form; what the hub answered."""
        answers = [self.client.get(self.guest.link), self.client.post(self.guest.link), self.look()]
        return [answer.status for answer in answers]

    def look(self) -> Answer:
        """Their own page."""
        page = self.client.get("/invitation")
        self.hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}
        return page

    def accept(self) -> Answer:
        """The answer: I am coming."""
        return self.client.post("/invitation", reply="accepted", reason="", colleague="", address="", needs="", contribution="", **self.hidden)


class Crowd:
    """Browsers at once, and what they met."""

    def __init__(self, port: int, invited: list[Guest], browsers: int):
        self.port, self.waiting, self.browsers = port, deque(invited), browsers
        self.seconds: list[float] = []
        self.statuses: list[int] = []
        self.faults: list[str] = []

    def go(self) -> float:
        """Until everybody has answered; how many seconds it took."""
        threads, began = [threading.Thread(target=self._browser) for _ in range(self.browsers)], time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def _browser(self) -> None:
        while True:
            try:
                reader = Reader(self.port, self.waiting.popleft())
            except IndexError:
                return
            try:
                self._reply(reader)
            except Faults as fault:
                self.faults.append(f"no whole answer came back: {type(fault).__name__}")

    def _reply(self, reader: Reader) -> None:
        before = reader.come_in()
        began = time.monotonic()
        answer = reader.accept()
        self.seconds.append(time.monotonic() - began)
        self.statuses += [*before, answer.status]
        if [*before, answer.status] != [200, 303, 200, 303]:
            self.faults.append(f"a guest met {before} and then {answer.status}")


def rush(stage: Stage) -> Outcome:
    """R3: 1,000 replies from 50 browsers on SQLite and on PostgreSQL; in short form 40 from 10 on SQLite."""
    found, told = Outcome(), []
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        data = stage.folder("rush") / "data"
        hub, env = prepared(stage, base, data)
        invited = guests(hub, stage.times(40, 1000))
        with server(data, data, **env) as running:
            crowd = Crowd(running.port, invited, stage.times(10, 50))
            took = crowd.go()
            log = running.log.read_text(errors="replace")
        told.append(f"{base}: {_judge(found, base, crowd, invited, Books(env['CSC_DATABASE_URL'], data), log)}, {len(invited) / took:.0f} replies a second")
    found.figure = "; ".join(told)
    return found


def _judge(found: Outcome, base: str, crowd: Crowd, invited: list[Guest], books: Books, log: str) -> str:
    """Counts what was stored, what broke and how long it took."""
    replies = dict(books.rows("SELECT id, reply FROM invitations WHERE note = 'rush'"))
    said = dict(books.rows("SELECT invitation_id, count(*) FROM replies WHERE reply = 'accepted' AND source = 'link' GROUP BY invitation_id"))
    books.engine.dispose()
    for guest in invited:
        there = (replies.get(guest.invitation), said.get(guest.invitation, 0))
        found.expect(there == ("accepted", 1), f"{base}: a reply is {there[0]} and stored {there[1]} times")
    errors, locked = sum(status >= 500 for status in crowd.statuses), sum(log.count(words) for words in LOCKED)
    found.expect(not errors, f"{base}: {errors} answers of 500 and above")
    found.expect(not locked, f"{base}: the log says {locked} times that the database was locked or could not be used")
    found.failed += [f"{base}: {fault}" for fault in crowd.faults]
    slow = _p95(crowd.seconds)
    if len(invited) >= TIMED:  # a few on a busy machine say nothing of speed
        found.expect(slow < LIMIT, f"{base}: 95 in 100 answers within {slow:.2f} s, {LIMIT:g} s are asked for")
    stored = sum((replies.get(g.invitation), said.get(g.invitation)) == ("accepted", 1) for g in invited)
    return f"{stored} of {len(invited)} stored, {errors} × 5xx, {locked} × locked, p95 {slow:.2f} s"


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)] if values else float("inf")
