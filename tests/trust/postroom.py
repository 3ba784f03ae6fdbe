"""Two hundred invitations go out while the mail server fails in every way that mail servers have (R6)."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections import Counter
from typing import Any

from csc_hub.adapters.mail import SmtpMail
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.outbox import worker
from csc_hub.outbox.records import Outgoing, Sending
from csc_hub.people.records import Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import sending
from csc_hub.process.invitations.records import Invitation
from tests.hub import CAST, Hub, words_of
from tests.mail_server import MailServer, mail_server
from tests.trust.crash import prepared
from tests.trust.invited import next_conference
from tests.trust.rush import guests
from tests.trust.stage import Outcome, Stage

FAULTS = ("refuses connections", "says later", "says never", "says never to one in ten", "hangs", "trickles", "drops the line in the letter", "takes the letter and drops the line")
MODES = {"says later": "busy", "hangs": "hang", "trickles": "trickle", "drops the line in the letter": "drop", "takes the letter and drops the line": "lost"}
WORKERS = 4
ROUNDS = 2
"""How often every letter meets the fault before the server is whole again."""
PATIENCE = {"timeout": 0.4, "altogether": 0.8}
"""Seconds, in place of 20 and 90, while a server hangs or trickles, so that hundreds of that can be measured."""


class Clock:
    """The worker's clock, which a measurement moves on."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> dt.datetime:
        """The moment it shows."""
        return self.at


def outages(stage: Stage) -> Outcome:
    """R6: each fault × 200 invitations on each database; in short form 8 on SQLite."""
    found, told = Outcome(), Counter[str]()
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the test's own server, which would tell of every line that broke
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        hub, _ = prepared(stage, base, stage.folder("post") / "data")
        with mail_server() as server:
            for fault in FAULTS:
                told.update(_outage(found, f"{base}, a server that {fault}", hub, server, fault, stage.times(8, 200)))
        with hub.inside():
            db.engine.dispose()
    found.figure = (f"{len(FAULTS)} faults, {told['letters']:,} invitations: {told['sent']:,} sent, {told['refused']} shown as failed, {told['lost']} lost; "
                    f"{told['again']} came twice, each under the same Message-ID and UID")
    return found


def _outage(found: Outcome, what: str, hub: Hub, server: MailServer, fault: str, number: int) -> Counter[str]:
    """Sends so many by one press, lets every letter meet the fault, mends the server, and counts."""
    invited, clock = _press(hub, number), Clock()
    server.letters.clear()
    server.mode = MODES.get(fault, "")
    server.refuse = {"says never": set(invited.values()), "says never to one in ten": set(list(invited.values())[::10])}.get(fault, set())
    if fault == "refuses connections":
        server.stop()
    hub.app.extensions["csc_mail"] = SmtpMail(server.host, server.port, "none", **(PATIENCE if server.mode in ("hang", "trickle") else {}))
    for _ in range(ROUNDS):
        _send(hub, clock)
        clock.at += dt.timedelta(hours=2)
    server.mode = ""
    hub.app.extensions["csc_mail"] = SmtpMail(server.host, server.port, "none")
    if fault == "refuses connections":
        server.start()
    _send(hub, clock)
    return _judge(found, what, hub, server, invited, fault)


def _press(hub: Hub, number: int) -> dict[str, str]:
    """Invitation -> address of those to whom one press has just sent an invitation, for a meeting of their own."""
    context = hub.context("interchange")
    next_conference(hub, context)
    keys = [uuid.UUID(guest.invitation) for guest in guests(hub, number, sent=False)]
    with hub.inside(), writing():
        here, by = db.session.get_one(Context, uuid.UUID(context)), db.session.scalars(db.select(Person).where(Person.name == CAST["coordinator"])).one()
        rows = [db.session.get_one(Invitation, key) for key in keys]
        assert sending.send(here, db.session.get_one(Conference, rows[0].conference_id), keys, by, now()) == number
        return {str(row.id): row.person.email or "" for row in rows}


def _send(hub: Hub, clock: Clock) -> None:
    """Several workers at once, until nothing is due."""
    workers = [threading.Thread(target=worker.send_due, args=(hub.app, clock, 10_000)) for _ in range(WORKERS)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()


def _judge(found: Outcome, what: str, hub: Hub, server: MailServer, invited: dict[str, str], fault: str) -> Counter[str]:
    """Each letter arrived, once unless its answer was lost, or is shown with the server's words; nothing secret is left of those that went."""
    with hub.inside():
        rows = {str(row.about): row for row in db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "invitation", Outgoing.about.in_(map(uuid.UUID, invited))))}
    came = Counter(str(letter["To"].addresses[0].addr_spec) for letter in server.letters)
    seen: dict[str, set[tuple[str, str]]] = {}
    for letter in server.letters:
        seen.setdefault(str(letter["To"].addresses[0].addr_spec), set()).add((str(letter["Message-ID"]), _uid(letter)))
    told = Counter({"letters": len(invited), "again": sum(came[address] > 1 for address in invited.values())})
    for key, address in invited.items():
        row = rows.get(key)
        if not found.expect(row is not None, f"{what}: a letter is not in the outbox"):
            continue
        refused = address in server.refuse
        state = (row.state, row.said.startswith("550 5.1.1") if refused else row.text + row.html + row.calendar)
        found.expect(state == ((Sending.REFUSED, True) if refused else (Sending.SENT, "")), f"{what}: a letter is {row.state}, “{row.said}”")
        found.expect(0 < came[address] <= (1 + ROUNDS if fault.startswith("takes") else 1) if not refused else came[address] == 0, f"{what}: a letter came {came[address]} times")
        found.expect(seen.get(address, {(row.message_id, f"{key}@csc-hub")}) == {(row.message_id, f"{key}@csc-hub")}, f"{what}: a letter came under {seen.get(address)}")
        told["sent"] += row.state == Sending.SENT
        told["refused"] += row.state == Sending.REFUSED
        told["lost"] += row.state not in (Sending.SENT, Sending.REFUSED)
    if server.refuse:
        page = words_of(hub.be("coordinator").get(f"/contexts/{hub.context('interchange')}/invitations/mail"))
        found.expect("User unknown" in page, f"{what}: the page Mail does not show the server’s words")
    return told


def _uid(letter: Any) -> str:
    """What the calendar part calls the meeting."""
    part = next(part for part in letter.walk() if part.get_content_type() == "text/calendar")
    return next(line.partition(":")[2] for line in part.get_content().replace("\r\n ", "").splitlines() if line.startswith("UID:"))
