"""kill -9 while a guest answers an invitation and while twenty invitations are sent: the part of R1 that is about invitations."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from csc_hub import kernel
from csc_hub.db import db, writing
from csc_hub.process.conferences.records import Conference
from tests.hub import Hub
from tests.trust import crash
from tests.trust.client import Client
from tests.trust.crash import Work
from tests.trust.rush import Guest, Reader, guests

TWENTY = 20
READY = 6
"""How many guests have their form open, and how many batches wait, before the moment that counts."""


class Replies(Work):
    """Answers through the link, by two guests at once."""

    at_once = 2
    short = ("SQLite",)

    def __init__(self, hub: Hub, *more: Any):
        super().__init__(hub, *more)
        self.hub, self.pool, self.open = hub, list[Guest](), list[Reader]()
        self.by_key: dict[str, Reader] = {}
        self.lock = threading.Lock()

    def ready(self) -> None:
        """Some guests have come in and see the form."""
        while len(self.open) < READY:
            self.pool = self.pool or guests(self.hub, 50)
            reader = Reader(self.running.port, self.pool.pop())
            statuses = reader.come_in()
            if statuses != [200, 303, 200]:
                raise AssertionError(f"a guest could not come in: {statuses}")
            self.by_key[reader.guest.invitation] = reader
            self.open.append(reader)

    def once(self, client: Client) -> None:
        """The next guest accepts; once nobody is left, somebody else looks at the hub until it is gone."""
        with self.lock:
            reader = self.open.pop() if self.open else None
        if reader is None:
            client.get("/")
            return
        self.ledger.write("sent", reader.guest.invitation)
        answer = reader.accept()
        if answer.status != 303:
            raise AssertionError(f"a reply was answered {answer.status}: {crash._error(answer.text)}")
        self.ledger.write("kept", reader.guest.invitation)

    def again(self, client: Client, key: str) -> str:
        """The guest looks at their page, as the hub did not answer, and accepts again unless it says that they did."""
        reader = self.by_key[key]
        page = reader.look()
        if "Your answer: <strong>" not in page.text:
            page = reader.accept()
            if page.status != 303:
                return f"sent again after the crash, a reply was answered {page.status}: {crash._error(page.text)}"
        self.ledger.write("kept", key)
        return ""

    def faults(self) -> list[str]:
        """A reply is wholly there, once, with its line and its event, or not at all; an acknowledged one is there."""
        rows = self.books.rows("SELECT id, reply, replied_on FROM invitations WHERE note = 'rush'")
        said = Counter(row[0] for row in self.books.rows("SELECT invitation_id FROM replies"))
        told = Counter(row[0] for row in self.books.rows("SELECT subject FROM events WHERE verb = 'recorded_reply'"))
        kept, found = set(self.ledger.keys("kept")), []
        for key, reply, on in rows:
            there = (reply == "accepted", on is not None, said[key], told[key])
            if there not in ((True, True, 1, 1), (False, False, 0, 0)):
                found.append(f"{'a reply is there twice' if said[key] > 1 else 'half a reply'}: {key[:12]} is {reply} with {said[key]} lines and {told[key]} events")
            elif key in kept and reply != "accepted":
                found.append(f"an acknowledged reply is lost: {key[:12]}")
        return found + [f"an acknowledged reply’s invitation is gone: {key[:12]}" for key in kept - {row[0] for row in rows}]


class Sendings(Work):
    """Twenty invitations by one press, on a conference of their own for each crash."""

    short = ("SQLite",)

    def __init__(self, hub: Hub, *more: Any):
        super().__init__(hub, *more)
        self.hub, self.url = hub, f"/contexts/{hub.context('interchange')}/invitations/send"
        self.waiting, self.batches = list[str](), dict[str, list[str]]()
        self.before = self._events()

    def _events(self) -> int:
        return int(self.books.rows("SELECT count(*) FROM events WHERE verb = 'sent_invitations'")[0][0])

    def ready(self) -> None:
        """A next conference, and sixty people on its list."""
        next_conference(self.hub, self.hub.context("interchange"))
        made = [guest.invitation for guest in guests(self.hub, 3 * TWENTY, sent=False)]
        self.waiting = []
        for start in range(0, len(made), TWENTY):
            self.batches[made[start]] = made[start:start + TWENTY]
            self.waiting.append(made[start])

    def _send(self, client: Client, key: str) -> Any:
        fields = [("csrf_token", client.token), *(("chosen", str(uuid.UUID(one))) for one in self.batches[key])]
        return client.ask("POST", self.url, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def once(self, client: Client) -> None:
        """The next twenty; once none are left, the page is looked at until the hub is gone."""
        if not self.waiting:
            client.get("/")
            return
        key = self.waiting.pop()
        self.ledger.write("sent", key)
        answer = self._send(client, key)
        if answer.status != 303:
            raise AssertionError(f"sending was answered {answer.status}: {crash._error(answer.text)}")
        self.ledger.write("kept", key)

    def again(self, client: Client, key: str) -> str:
        """Sent now, or no longer offered because they were."""
        page = client.get(self.url).text
        offered = [one for one in self.batches[key] if str(uuid.UUID(one)) in page]
        if offered:
            answer = self._send(client, key)
            if len(offered) < TWENTY or answer.status != 303:
                return f"after the crash {len(offered)} of twenty were offered again, and the answer was {answer.status}: {crash._error(answer.text)}"
        self.ledger.write("kept", key)
        return ""

    def faults(self) -> list[str]:
        """Each invitation has its mark, one letter and one link, or none of them; a batch all of them or none."""
        marks = dict(self.books.rows("SELECT id, CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END FROM invitations WHERE note = 'rush'"))
        letters = Counter(row[0] for row in self.books.rows("SELECT about FROM outgoing WHERE kind = 'invitation'"))
        made = Counter(row[0] for row in self.books.rows("SELECT about_id FROM links"))
        kept, found, sent = set(self.ledger.keys("kept")), [], 0
        for key, batch in self.batches.items():
            there = Counter((marks.get(one, 0), letters[one], made[one]) for one in batch)
            if set(there) not in ({(1, 1, 1)}, {(0, 0, 0)}):
                double = any(count > 1 for _, count, _ in there)
                found.append(f"{'a letter is there twice' if double else 'half a sending'}: (mark, letters, links) {dict(there)}")
            sent += (1, 1, 1) in there
            if key in kept and (0, 0, 0) in there:
                found.append(f"an acknowledged sending is lost: {key[:12]}")
        told = self._events() - self.before
        return found + ([f"{told} events tell of {sent} sendings"] if told != sent else [])


def next_conference(hub: Hub, context: str) -> None:
    """A conference after the last one, with the same date, chair and venue, and nobody on its list yet."""
    with hub.inside():
        with writing():
            last = db.session.scalars(db.select(Conference).where(Conference.context_id == uuid.UUID(context)).order_by(Conference.number.desc())).first()
            assert last and last.starts_at and last.starts_at > kernel.now()
            db.session.add(Conference(context_id=last.context_id, number=last.number + 1, starts_at=last.starts_at, minutes=last.minutes,
                                      chair_id=last.chair_id, venue=last.venue, near=last.near, agenda=last.agenda))
        db.engine.dispose()
