"""kill -9 while people sign (the part of R1 that is about signing), and races: two who edit or sign one thing at once (R4)."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csc_hub import kernel
from csc_hub.db import db, writing
from csc_hub.people import links
from csc_hub.people.records import Agency, Kind, Person
from csc_hub.process.agreements import records
from csc_hub.process.agreements.records import Request
from csc_hub.process.agreements.rules import Document
from csc_hub.process.plans.records import Plan, Worry
from tests import agreement
from tests.hub import CAST, Hub
from tests.trust import crash, invited
from tests.trust.books import Books
from tests.trust.client import Answer, Client
from tests.trust.crash import Work, prepared
from tests.trust.rush import HIDDEN
from tests.trust.server import server
from tests.trust.stage import Outcome, Stage

READY = 6
NAME = "Sam Bell"


@dataclass(frozen=True)
class Signer:
    """Somebody at the last step, and the path of the link in their mail."""

    request: str
    link: str


def signers(hub: Hub, number: int) -> list[Signer]:
    """Organisations that were asked to sign, each of which has read the text and said who signs."""
    with hub.inside():
        with writing():
            now = kernel.now()
            version = records.in_force(Document.AGREEMENT, kernel.today(now))
            kind = db.session.scalar(db.select(Kind.id).where(Kind.statutory.is_(False)))
            found, rows = [], []
            for _ in range(number):
                mark = uuid.uuid4()
                rows.append(Agency(id=mark, name=f"Shop {mark.hex[:8]}", kind_id=kind, statutory=False))
            db.session.add_all(rows)
            db.session.flush()
            asked = [Request(id=uuid.uuid4(), version_id=version.id, agency_id=row.id, name=NAME, email=f"{row.id.hex}@shops.example", asked_at=now, asked_by="signings",
                             read_at=now, read_sha256=version.sha256, typed={"name": NAME, "job_title": "Manager", "authority": "sign", "covers": "everybody", "named": []})
                     for row in rows]
            db.session.add_all(asked)
            db.session.flush()
            for one in asked:
                key = links.make(links.Purpose.SIGNING, one.id, one.email, now + dt.timedelta(days=1), now)
                found.append(Signer(one.id.hex, f"/s/{key.token}"))
        db.engine.dispose()
    return found


class Hand:
    """One signer at a browser: opens the link, presses Continue, and signs."""

    def __init__(self, port: int, signer: Signer):
        self.client, self.signer = Client(port), signer

    def come_in(self) -> list[int]:
        """As far as the last step; what the hub answered."""
        answers = [self.client.get(self.signer.link), self.client.post(self.signer.link), self.client.get("/sign/name")]
        return [answer.status for answer in answers]

    def sign(self) -> Answer:
        """Types the name and signs."""
        return self.client.post("/sign/name", typed_name=NAME)


def half_signed(books: Books, acknowledged: set[str]) -> list[str]:
    """A request is signed once, with its receipt and its event, or not at all; an acknowledged one is; the chain has no gap."""
    signed = dict(books.rows("SELECT id, CASE WHEN signed_at IS NULL THEN 0 ELSE 1 END FROM signing_requests WHERE asked_by = 'signings'"))
    by_request: dict[str, list[str]] = {}
    for some_id, request in books.rows("SELECT id, request_id FROM signatures WHERE request_id IS NOT NULL"):
        by_request.setdefault(request, []).append(some_id)
    letters = [row[0] for row in books.rows("SELECT about FROM outgoing WHERE kind = 'signed'")]
    events = [row[0] for row in books.rows("SELECT subject FROM events WHERE verb = 'signed_agreement'")]
    found = []
    for request, is_signed in signed.items():
        there = by_request.get(request, [])
        told = (is_signed, len(there), sum(letters.count(one) for one in there), sum(events.count(one) for one in there))
        if told not in ((1, 1, 1, 1), (0, 0, 0, 0)):
            found.append(f"half a signature: {request[:12]} has (mark, signatures, receipts, events) {told}")
        elif request in acknowledged and not is_signed:
            found.append(f"an acknowledged signature is lost: {request[:12]}")
    chain = sorted(row[0] for table in ("signatures", "signature_acts") for row in books.rows(f"SELECT number FROM {table}"))
    return found + ([] if chain == list(range(1, len(chain) + 1)) else ["the chain has a gap, or a number twice"])


class Signings(Work):
    """Signatures, by two organisations at once."""

    at_once = 2
    short = ("SQLite",)

    def __init__(self, hub: Hub, *more: Any):
        super().__init__(hub, *more)
        self.hub, self.pool, self.open = hub, list[Signer](), list[Hand]()
        self.by_key: dict[str, Hand] = {}
        self.lock = threading.Lock()

    def ready(self) -> None:
        """Some stand at the last step."""
        while len(self.open) < READY:
            self.pool = self.pool or signers(self.hub, 30)
            hand = Hand(self.running.port, self.pool.pop())
            if (statuses := hand.come_in()) != [200, 303, 200]:
                raise AssertionError(f"a signer could not come in: {statuses}")
            self.by_key[hand.signer.request] = hand
            self.open.append(hand)

    def once(self, client: Client) -> None:
        """The next one signs; once nobody is left, somebody else looks at the hub until it is gone."""
        with self.lock:
            hand = self.open.pop() if self.open else None
        if hand is None:
            client.get("/")
            return
        self.ledger.write("sent", hand.signer.request)
        answer = hand.sign()
        if answer.status != 303:
            raise AssertionError(f"a signature was answered {answer.status}: {crash._error(answer.text)}")
        self.ledger.write("kept", hand.signer.request)

    def again(self, client: Client, key: str) -> str:
        """They press once more, as the hub did not answer, and are shown their receipt either way."""
        answer = self.by_key[key].sign()
        if answer.status != 303 or answer.location != "/sign/done":
            return f"sent again after the crash, a signature was answered {answer.status}: {crash._error(answer.text)}"
        self.ledger.write("kept", key)
        return ""

    def faults(self) -> list[str]:
        """Signed and receipted, or not signed."""
        return half_signed(self.books, set(self.ledger.keys("kept")))


def crashes(stage: Stage) -> Outcome:
    """R1: at least 50 kills for each of upload, import, reply, sending and signing, on SQLite and on PostgreSQL."""
    return crash.crashes(stage, (crash.Uploads, crash.Imports, invited.Replies, invited.Sendings, Signings))


def _at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each of these answers, begun at the same moment."""
    found: list[Any] = [None] * len(deeds)
    begun = threading.Barrier(len(deeds))

    def go(place: int) -> None:
        begun.wait()
        found[place] = deeds[place]()

    threads = [threading.Thread(target=go, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def races(stage: Stage) -> Outcome:
    """R4: 200 double edits, 100 double signatures, and texts that change between reading and signing, on both databases."""
    found, told = Outcome(), []
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        data = stage.folder("races") / "data"
        hub, env = prepared(stage, base, data)
        books = Books(env["CSC_DATABASE_URL"], data)
        waiting = signers(hub, stage.times(4, 100))
        with server(data, data, **env) as running:
            edits = _edits(found, base, hub, running, books, stage.times(6, 200))
            twice = _twice(found, base, running, books, waiting)
            changed = _changed(found, base, hub, running, books, stage.times(2, 20))
        told.append(f"{base}: {edits} double edits, {twice} double signatures, {changed} texts changed in between")
        books.engine.dispose()
    found.figure = "; ".join(told)
    return found


def _edits(found: Outcome, base: str, hub: Hub, running: Any, books: Books, times: int) -> int:
    """Two people have the same worry open and save it at the same moment: one is kept, the other is told and loses nothing."""
    with hub.inside():
        worry = db.session.scalar(db.select(Worry.id).join(Plan, Plan.id == Worry.plan_id).where(Plan.context_id == uuid.UUID(hub.context("school"))))
        people = [str(db.session.scalar(db.select(Person.id).where(Person.name == CAST[role]))) for role in ("coordinator", "lead")]
        db.engine.dispose()
    url, clients = f"/contexts/{hub.context('school')}/plan/worries/{worry}", [running.client(person) for person in people]
    for number in range(times):
        pages = [{name: html.unescape(value) for name, value in HIDDEN.findall(client.get(url).text)} for client in clients]
        texts = [f"Worry {number} of {who}" for who in ("Grace", "Priya")]
        answers = _at_once(*(lambda client=client, page=page, text=text: client.post(url, worry=text, impact="", helping="", goal="It is lit", **page)
                             for client, page, text in zip(clients, pages, texts)))
        (kept,), = books.rows(f"SELECT worry FROM worries WHERE id = '{worry if not books.sqlite else worry.hex}'")
        statuses = [answer.status for answer in answers]
        first = statuses.index(303) if 303 in statuses else 0
        found.expect(sorted(statuses) in ([303, 422], [303, 409]) and kept == texts[first], f"{base}: two who saved at once were answered {statuses}, and “{kept}” was kept")
        other = answers[1 - first]
        found.expect(other.status != 422 or texts[1 - first] in html.unescape(other.text), f"{base}: what the second typed is lost")
    return times


def _twice(found: Outcome, base: str, running: Any, books: Books, waiting: list[Signer]) -> int:
    """The same link is open in two browsers, and both press at the same moment."""
    for signer in waiting:
        hands = [Hand(running.port, signer) for _ in range(2)]
        came = [hand.come_in() for hand in hands]
        answers = _at_once(*(hand.sign for hand in hands))
        found.expect([a.location for a in answers] == ["/sign/done"] * 2, f"{base}: two who signed at once were answered {[a.status for a in answers]} after {came}")
    faults = half_signed(books, {signer.request for signer in waiting})
    found.expect(not faults, f"{base}: {'; '.join(faults[:3])}")
    return len(waiting)


def _changed(found: Outcome, base: str, hub: Hub, running: Any, books: Books, times: int) -> int:
    """A text is published after somebody read the one before it: they are refused, and see the new one."""
    for number in range(times):
        (signer,) = signers(hub, 1)
        hand = Hand(running.port, signer)
        hand.come_in()
        with hub.inside():
            with writing():
                body = f"## What changed\n\nText {uuid.uuid4()} number {number}."
                agreement.published(kernel.now(), body=body, shown=body, sha256=hashlib.sha256(body.encode()).hexdigest(), asks_again=False)
            db.engine.dispose()
        answer = hand.sign()
        signed = books.rows(f"SELECT count(*) FROM signatures WHERE request_id = '{signer.request}'")[0][0]
        found.expect(answer.status == 422 and "was changed since you read it" in answer.text and not signed, f"{base}: a text that changed was answered {answer.status}")
    return times
