"""One valid write for every unsafe route: does it, and looks at the event it leaves."""

from __future__ import annotations

import io
import json
import re
import uuid
from typing import Any

from csc_hub.audit.records import Event
from csc_hub.audit.verbs import VERBS
from csc_hub.db import db
from csc_hub.exchange.records import Batch
from csc_hub.outbox.records import Outgoing
from csc_hub.process.assessments.records import Finding, Involvement, ReferralOut
from csc_hub.process.plans.records import Action, Plan, Worry
from tests.house.ground import SAFE, routes
from tests.hub import CAST, Hub, User, words_of

TYPED = "Zyxwvut"
"""A word that no template holds: it stands in every text that these tests type."""


def day(name: str, text: str) -> dict[str, str]:
    return {f"{name}-{part}": value for part, value in zip(("day", "month", "year"), text.split())}


class Deeds:
    """One valid write for every unsafe route, each in the state in which it is legal."""

    def __init__(self, hub: Hub):
        self.hub = hub
        self.users: dict[str, User] = {}
        self.contexts = {which: uuid.UUID(hub.context(which)) for which in ("park", "school")}
        self.left = {route.endpoint for route in routes(hub.app) if route.method not in SAFE}

    def ids(self, which: str) -> dict[str, Any]:
        """Ids in one context of the demonstration."""
        own = self.contexts[which]
        with self.hub.inside():
            def last(table: type, *where: Any) -> Any:
                found = db.session.scalars(db.select(table).where(*where)).all()
                order = {Action: "number", Worry: "position", Batch: "uploaded_at", Finding: "added_at"}.get(table, "id")
                return sorted(found, key=lambda row: getattr(row, order))[-1].id if found else None

            plan = last(Plan, Plan.context_id == own)
            return {
                "context": f"/contexts/{own}", "context_id": own, "worry": last(Worry, Worry.plan_id == plan), "plan": plan,
                "action": last(Action, Action.context_id == own), "finding": last(Finding, Finding.context_id == own),
                "involvement": last(Involvement, Involvement.context_id == own), "batch": last(Batch, Batch.context_id == own),
                "referral": last(ReferralOut, ReferralOut.context_id == own, ReferralOut.confirmed_on.is_(None))}

    def one(self, sql: str) -> Any:
        """A value straight from the database, ids with their dashes."""
        with self.hub.inside():
            found = db.session.execute(db.text(sql)).scalar_one()
        return f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"

    def do(self, endpoint: str, verb: str, role: str | None, url: str, page: str | None = None, context: Any = None, **fields: Any) -> str:
        """Does it, and asserts that an event with the right verb, doer and context is all that was added to the record."""
        user = self.users.get(role or "") or (self.users.setdefault(role, self.hub.be(role)) if role else self.hub.be(None))
        with self.hub.inside():
            before = db.session.scalar(db.select(db.func.max(Event.id)))
        answer = user.post(url, page=page or url, **fields)
        assert answer.status_code in (200, 303), (endpoint, answer.status_code, words_of(answer)[:600])
        with self.hub.inside():
            added = list(db.session.scalars(db.select(Event).where(Event.id > before).order_by(Event.id)))
            assert verb in {event.verb for event in added}, (endpoint, [event.verb for event in added])
            for event in added:
                if role:
                    assert event.actor == CAST.get(role, CAST["partner"]) and event.actor_id, endpoint
                assert event.context_id == context, (endpoint, event.verb)
                assert event.verb in VERBS and TYPED.lower() not in json.dumps(event.detail).lower(), (endpoint, event.detail)
        self.left.discard(endpoint)
        return answer.headers.get("Location", "")

    def by_link(self, guest: User, endpoint: str, verb: str, actor: str, url: str, page: str | None = None, context: Any = None, **fields: Any) -> str:
        """Somebody who came by a link does it, and the events name them and hold no typed word."""
        with self.hub.inside():
            before = db.session.scalar(db.select(db.func.max(Event.id)))
        answer = guest.post(url, page=page or url, **fields)
        assert answer.status_code == 303, (endpoint, words_of(answer)[:400])
        with self.hub.inside():
            added = list(db.session.scalars(db.select(Event).where(Event.id > before)))
            assert verb in {e.verb for e in added} and {(e.actor, e.context_id) for e in added} == {(actor, context)}, (endpoint, [e.verb for e in added])
            assert not [e for e in added if TYPED.lower() in json.dumps(e.detail).lower()]
        self.left.discard(endpoint)
        return str(answer.headers["Location"])


def doors(deeds: Deeds, hub: Hub) -> None:
    """Housing is asked, reports by its door in every way, and the door is closed."""
    own, base = deeds.ids("school")["context_id"], f"{deeds.ids('school')['context']}/updates"
    housing = deeds.one("SELECT id FROM agencies WHERE name = 'Housing'")
    deeds.do("exchange.ask", "asked_for_updates", "lead", f"{base}/ask/{housing}", base, context=own)
    deeds.do("exchange.ask_all", "asked_for_updates", "lead", f"{base}/ask", base, context=own)
    lighting = deeds.one("SELECT id FROM agencies WHERE name = 'Street Lighting'")
    somebody = f"{base}/ask/{lighting}/somebody"
    deeds.do("exchange.ask_somebody", "asked_for_updates", "lead", somebody, context=own, name=TYPED, email=f"{TYPED}@lights.example")
    with hub.inside():
        mail = db.session.scalar(db.select(Outgoing.text).where(Outgoing.to_address == "contact@housing.example"))
    guest, mine = hub.be(None), deeds.one(f"SELECT id FROM actions WHERE context_id = '{own.hex}' AND issued_agency_id = '{housing.replace('-', '')}' LIMIT 1")

    def do(endpoint: str, verb: str, url: str, page: str | None = None, **fields: Any) -> str:
        return deeds.by_link(guest, f"doors.{endpoint}", verb, "Joy Okafor", url, page, own, **fields)

    do("link", "came_to_report", re.search(r"/u/[\w-]+", mail)[0])  # type: ignore[index]
    do("nothing", "updated_action", f"/report/{mine}/nothing-to-report", "/report")
    do("nothing_on_any", "updated_action", "/report/nothing-to-report")
    do("update", "updated_action", f"/report/{mine}", status="in_progress", update=TYPED, evidence=TYPED, barrier=TYPED)
    good, bad = (next((hub.app.config["CSC"].data / "samples").glob(f"*{name}.xlsx")).read_bytes() for name in ("filled-in", "mistakes"))
    url = do("upload", "uploaded_updates", "/report/upload", file=(io.BytesIO(good), f"{TYPED}.xlsx"))
    do("set_aside", "discarded_updates", f"{url}/set-aside", url)
    url = do("upload", "uploaded_updates", "/report/upload", file=(io.BytesIO(bad), f"{TYPED}.xlsx"))
    do("preview", "applied_updates", url, hidden="y")
    held = deeds.one(f"SELECT id FROM held WHERE batch_id = '{url.rpartition('/')[2].replace('-', '')}' AND settled_at IS NULL LIMIT 1")
    do("settle", "settled_held", f"{url}/held/{held}", url, way="ours")
    do("undo", "undid_updates", f"{url}/undo")
    door = deeds.one(f"SELECT id FROM update_doors WHERE agency_id = '{housing.replace('-', '')}'")
    deeds.do("exchange.close_door", "closed_door", "lead", f"{base}/doors/{door}/close", base, context=own)
    deeds.left -= {"doors.leave", "doors.before"}  # one forgets a cookie and writes nothing; the other is in tests/exchange/doors
