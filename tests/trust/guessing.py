"""Whether the hub lets on whom it knows, and how many guesses it takes (A6)."""

from __future__ import annotations

import datetime as dt
import re
import statistics
import time
from dataclasses import dataclass

from sqlalchemy import delete
from werkzeug.test import TestResponse

from csc_hub.db import db, finish, start_writing, writing
from csc_hub.kernel import now
from csc_hub.people import links, records, rules, service
from csc_hub.people.records import Failure, Person
from csc_hub.process.invitations import links as invitation_links
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation
from tests.hub import Hub
from tests.trust.client import TOKEN
from tests.trust.crash import prepared
from tests.trust.stage import Outcome, Stage

NEAR = 1.10
"""How far the two medians may lie apart."""
PASSWORD = "three unrelated wombats"
CODES = 3
"""Codes that wait for the known address, as after an invitation and two reminders."""


@dataclass(frozen=True)
class Door:
    """Where somebody types who they are: an address that the hub knows, what opens it, and how else a guess is sent."""

    url: str
    known: str
    field: str
    right: str


class Typist:
    """Somebody at one place who types addresses and secrets."""

    def __init__(self, hub: Hub, place: str):
        self.client = hub.app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = place
        self.seconds: list[float] = []

    def types(self, door: Door, email: str, secret: str) -> TestResponse:
        """One try, and how long the hub took over it."""
        found = TOKEN.search(self.client.get(door.url).text)
        began = time.perf_counter()
        answer = self.client.post(door.url, data={"csrf_token": found[1] if found else "", "email": email, door.field: secret})
        self.seconds.append(time.perf_counter() - began)
        return answer


def _same(answer: TestResponse, email: str) -> bytes:
    """What an answer says, but for its token and for what was typed."""
    text = TOKEN.sub("", answer.text)
    return re.sub(r"(?i)" + re.escape(email), "", text).encode()


def guessing(stage: Stage) -> Outcome:
    """A6: known and unknown addresses at sign-in and at the code, 200 tries each, on both databases; ten tries and a wait; nobody else is shut out."""
    found, told = Outcome(), []
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        hub, _ = prepared(stage, base, stage.folder("guessing") / "data")
        for door in _doors(hub):
            known, unknown = _alike(found, f"{base} {door.url}", hub, door, stage.times(12, 200))
            told.append(f"{base} {door.url}: {known:.1f} and {unknown:.1f} ms")
            if stage.long:  # a few on a busy machine say nothing of time
                found.expect(max(known, unknown) <= NEAR * min(known, unknown), f"{base} {door.url}: known {known:.2f} ms, unknown {unknown:.2f} ms")
            _waits(found, f"{base} {door.url}", hub, door)
        _hopeless(found, base, hub)
        with hub.inside():
            db.engine.dispose()
    found.figure = "; ".join(told)
    return found


def _doors(hub: Hub) -> list[Door]:
    """Sign-in by a password and the way in by a code, each with what opens it."""
    email, sal = "priya.nair@anyshire.example", "sal.rossi@anyshire.example"
    with hub.inside(), writing():
        person = records.person_by_email(email)
        service.choose_password(service.make_link(person, None, now()), service._hasher.hash(PASSWORD), now())
        for _ in range(CODES):
            code = _code(sal)
    return [Door("/sign-in", email, "password", PASSWORD), Door("/code", sal, "code", code)]


def _code(email: str) -> str:
    """The code of one more mail. The caller is writing."""
    invitation = db.session.scalars(db.select(Invitation).join(Person).where(Person.email == email).order_by(Invitation.added_at.desc())).first()
    return invitation_links.make(invitation, db.session.get_one(Conference, invitation.conference_id), now()).code


def _forget(hub: Hub, lasting: bool = False) -> None:
    """A quarter of an hour passes; or, where `lasting`, all that was typed wrongly is long ago."""
    with hub.inside(), writing():
        if lasting:
            db.session.execute(delete(Failure))
        for failure in db.session.scalars(db.select(Failure)):
            failure.at -= dt.timedelta(minutes=rules.WINDOW_MINUTES + 1)


def _wrong(door: Door, number: int) -> str:
    return f"wrong wombats {number}" if door.field == "password" else f"{(int(door.right) + 1 + number) % 1_000_000:06}"


def _alike(found: Outcome, what: str, hub: Hub, door: Door, number: int) -> tuple[float, float]:
    """A known and an unknown address in turn: the same status, the same bytes; the medians in milliseconds.

    Each is tried from a place of its own, nine times before both begin again, so that neither is made to wait.
    """
    typists = {door.known: Typist(hub, "10.1.0.1"), f"{'x' * len(door.known.partition('@')[0])}@anyshire.example": Typist(hub, "10.1.0.2")}
    for typist in typists.values():
        typist.types(door, "warm@anyshire.example", "up")
        typist.seconds.clear()
    for count in range(number):
        if count % 9 == 0:
            _forget(hub, lasting=True)
        order = list(typists.items())
        said = {email: typist.types(door, email, _wrong(door, count)) for email, typist in (order if count % 2 else order[::-1])}
        (known, one), (unknown, other) = ((email, said[email]) for email in typists)
        found.expect(one.status_code == other.status_code == 422 and _same(one, known) == _same(other, unknown),
                     f"{what}: a known address is answered otherwise than an unknown one")
    _forget(hub, lasting=True)
    known_ms, unknown_ms = (1000 * statistics.median(typist.seconds) for typist in typists.values())
    return known_ms, unknown_ms


def _waits(found: Outcome, what: str, hub: Hub, door: Door) -> None:
    """After ten wrong ones even the right one waits at that place, and opens elsewhere; a quarter of an hour later it opens there too."""
    guesser, owner = Typist(hub, "10.2.0.1"), Typist(hub, "10.2.0.2")
    statuses = [guesser.types(door, door.known, _wrong(door, number)) for number in range(rules.TOO_MANY)]
    found.expect(not any("Too many tries" in answer.text for answer in statuses), f"{what}: made to wait before ten")
    found.expect("Too many tries" in guesser.types(door, door.known, door.right).text, f"{what}: the eleventh try is heard")
    found.expect(owner.types(door, door.known, door.right).status_code == 303, f"{what}: its owner is shut out elsewhere")
    _forget(hub)
    found.expect(Typist(hub, "10.2.0.1").types(door, door.known, door.right).status_code == 303, f"{what}: the wait does not end")
    _forget(hub, lasting=True)


def _hopeless(found: Outcome, base: str, hub: Hub) -> None:
    """A guesser with as many places as they like: after 50 wrong ones the code itself fits no more, and the next mail's does."""
    email = "tom.ward@anyshire.example"
    with hub.inside(), writing():
        door = Door("/code", email, "code", _code(email))
    for number in range(links.TRIES):
        if number in (0, links.TRIES - 1):
            found.expect(_opens(hub, email, door.right), f"{base}: a code is ended after {number} wrong ones")
        Typist(hub, f"10.3.0.{number}").types(door, email, _wrong(door, number))
    found.expect(not _opens(hub, email, door.right), f"{base}: more than {links.TRIES} guesses of one code are heard")
    with hub.inside(), writing():
        fresh = _code(email)
    found.expect(_opens(hub, email, fresh), f"{base}: the code of the next mail does not open")


def _opens(hub: Hub, email: str, code: str) -> bool:
    """Whether a code would open at a place where nobody typed any; nothing is kept."""
    with hub.inside():
        start_writing()
        opened = links.of_code(email, code, "10.4.0.1", now()) is not None
        finish(keep=False)
    return opened
