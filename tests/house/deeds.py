"""One valid write for every unsafe route: does it, and looks at the event it leaves."""

from __future__ import annotations

import json
import uuid
from typing import Any

from csc_hub.audit.records import Event
from csc_hub.audit.verbs import VERBS
from csc_hub.db import db
from csc_hub.exchange.records import Batch
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
