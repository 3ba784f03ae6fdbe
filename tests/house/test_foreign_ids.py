"""Somebody else's ids: whatever is foreign answers like what is missing, tells nothing, and changes nothing."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from csc_hub.db import db
from csc_hub.people.records import Agency, Person
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans.records import Action
from csc_hub.exchange.records import Batch
from tests.house.ground import TOKEN, Ground, Route, address, verdict
from tests.hub import CAST, NAMES

KINDS = ("context_id", "finding_id", "involvement_id", "referral_id", "paper_id", "worry_id", "action_id", "batch_id", "held_id", "door_id", "plan_file_id", "agency_id", "person_id", "meeting_id", "invitation_id", "version_id", "conference_id", "attendance_id")
CASE = ("coordinator", "lead", "chair", "reader")
INSIDE = {"context": CASE, "invited": ("invited",), "reporting": ("reporting",), "may keep_people": ("administrator",), "may update_own_actions": ("agency contact",),
          "signed in": (*CASE, "agency contact", "administrator"), "may keep_agreements": ("ig officer",), "may read_agreements": ("coordinator", "lead", "chair", "ig officer"),
          "may record_signatures": ("coordinator", "chair", "ig officer")}
"""The roles to whom a guard opens at all; others are asked with two ids, these with all."""
MISSING = uuid.UUID("11111111-2222-4333-8444-555555555555")


@pytest.fixture(scope="module")
def foreign(ground: Ground) -> dict[str, Any]:
    """Ids that are not of Housing, of the school or of anybody here."""
    with ground.hub.inside():
        def first(table: type, *where: Any) -> Any:
            return db.session.scalar(db.select(table.id).where(*where).limit(1))

        police = first(Agency, Agency.name == "Anyshire Police")
        school, interchange = ground.ids["school"]["context_id"], ground.ids["interchange"]["context_id"]
        return {
            "police action": first(Action, Action.context_id == school, Action.agency_id == police),
            "own action not issued": first(Action, Action.context_id == interchange, Action.agency_id == ground.ids["school"]["agency_id"]),
            "police workbook": first(Batch, Batch.context_id == school, Batch.agency_id == police),
            "own workbook of a plan not issued": ground.ids["interchange"]["batch_id"],
            "agency without actions": first(Agency, Agency.name == "Youth Justice Service"),
            "person": first(Person, Person.name == CAST["lead"])}


def _swaps(ground: Ground, foreign: dict[str, Any], route: Route, name: str, role: str) -> list[Any]:
    """Ids that this role must not reach through this parameter."""
    own = ground.ids["school"]
    if role not in INSIDE[route.guard.split(" ")[1] if route.guard.startswith("in ") else route.guard]:
        return [own[name], ground.ids["peers"][name]]
    same = {"plan_of": ("context_id",), "line_id": ("invitation_id", "attendance_id")}.get(name, (name,))  # a line of the register is either
    others = [kind for kind in KINDS if kind not in same]
    turn = len(route.rule) % len(others)
    wrong = [own[kind] for kind in (others[turn:] + others[:turn])[:2 if role == "coordinator" else 3]]
    if name == "context_id":
        closed = {"chair": ("peers", "interchange", "park"), "other chair": ("school", "interchange"), "reader": ("peers",),
                  "other lead": tuple(NAMES)}.get(role, () if role in ("coordinator", "lead") else tuple(NAMES))
        return wrong + [ground.ids[which]["context_id"] for which in closed] + ([ground.ids["park"]["context_id"]] if role == "lead" else [])
    if name == "plan_of":
        return wrong + [ground.ids[which]["context_id"] for which in ("interchange", "park", "centre")]
    if route.endpoint.startswith(("our_actions", "exchange.our", "doors.")):
        kind = "action" if name == "action_id" else "workbook"
        peers = [ground.ids["peers"][name]] if route.endpoint.startswith("doors.") else []  # the same agency's, of another plan
        return wrong + peers + [some_id for what, some_id in foreign.items() if kind in what]
    if name == "kind_id" and "context_id" in route.params:
        return wrong
    if name == "agency_id" and "context_id" in route.params:
        return wrong + [foreign["agency without actions"]]
    if "context_id" in route.params:
        wrong += [ground.ids[which][name] for which in ("interchange", "peers", "park")]
    return wrong


def _same(text: str) -> str:
    return TOKEN.sub("", text)


def test_foreign_ids_answer_like_missing_ones_and_change_nothing(ground: Ground, foreign: dict[str, Any]) -> None:
    probes, opened = 0, 0
    with ground.hub.inside():
        names = [context.name for context in db.session.scalars(db.select(Context)) if context.name != NAMES["school"]]
    for route in ground.routes:
        for name in route.params:
            if f"<uuid:{name}>" not in route.rule:
                continue
            for role in ("coordinator", "lead", "chair", "agency contact", "administrator", "reader", "invited", "reporting"):
                seat, own = ground.seats[role], dict(ground.ids["school"])
                missing = seat.ask(route.method, address(route, {**own, name: MISSING}))
                body, expected = _same(missing.text), verdict(missing)
                assert expected in ("404", "403", "sign-in"), (route, role, expected)
                opened += expected == "404"
                for some_id in _swaps(ground, foreign, route, name, role) if expected == "404" else ():
                    probes += 1
                    answer = seat.ask(route.method, address(route, {**own, name: some_id}))
                    assert verdict(answer) == "404", (route.method, route.rule, name, role, some_id, answer.status_code)
                    assert _same(answer.text) == body, (route, name, role)
                    assert not [word for word in names if word in answer.text]
    assert ground.watch.differs(but=["refused_door"]) == []
    assert probes >= 500
    print(f"{probes} probes of foreign ids", end=" ")


def test_ids_sent_in_a_form_are_only_those_that_were_offered(ground: Ground, foreign: dict[str, Any]) -> None:
    own, lead = ground.ids["school"], ground.seats["lead"]
    base = f"/contexts/{own['context_id']}"
    tries = (
        ("lead", f"{base}/team", {"lead_id": str(foreign["person"]), "chair_id": str(own["person_id"])}),
        ("lead", f"{base}/team", {"lead_id": str(MISSING)}), ("lead", f"{base}/team", {"lead_id": "not an id"}),
        ("lead", f"{base}/plan/worries/{own['worry_id']}/actions/add", {"intervention": "Walk", "agency_id": str(MISSING)}),
        ("lead", f"{base}/plan/worries/{own['worry_id']}/actions/add", {"intervention": "Walk", "agency_id": str(own["person_id"])}),
        ("lead", f"{base}/assessment/involvement/add", {"who": "agency", "agency_id": str(own["context_id"]), "how": "Walk"}),
        ("lead", f"{base}/assessment/priorities", {"chosen": str(ground.ids["peers"]["finding_id"])}),
        ("administrator", "/agencies/add", {"name": "New", "kind_id": str(own["agency_id"]), "statutory": "1"}),
        ("administrator", f"/agencies/{own['agency_id']}/merge?into={own['context_id']}", {"into": str(own["context_id"]), "sure": "y"}),
        ("administrator", "/people/add", {"name": "N", "email": "n@a.example", "agency_id": str(own["context_id"]), "roles": "chair"}),
        ("administrator", "/people/add", {"name": "N", "email": "n@a.example", "roles": "emperor"}))
    for role, url, fields in tries:
        version = re.search(r'name="version" value="(\d+)"', ground.seats[role].ask("GET", url).text)
        answer = ground.seats[role].ask("POST", url, {**fields, **({"version": version[1]} if version else {})})
        assert answer.status_code == 422, (url, fields, answer.status_code)
    answer = lead.ask("POST", f"{base}/updates/upload", {"agency_id": str(foreign["agency without actions"])})
    assert answer.status_code == 422
    assert ground.watch.differs(but=["refused_door"]) == []


def test_fields_that_no_form_offers_are_left_alone(ground: Ground) -> None:
    own = ground.ids["school"]
    url = f"/contexts/{own['context_id']}/edit"
    version = re.search(r'name="version" value="(\d+)"', ground.seats["lead"].ask("GET", url).text)
    answer = ground.seats["lead"].ask("POST", url, {
        "version": version[1], "name": NAMES["school"], "type": "school", "trigger": "Why now", "state": "withdrawn",  # type: ignore[index]
        "reference": "CSC-1", "id": str(MISSING), "lead_id": "", "chair_id": str(own["person_id"]), "counts": "{}", "threshold_met": "True"})
    assert answer.status_code == 303
    with ground.hub.inside():
        context = db.session.get_one(Context, own["context_id"])
        assert (context.state, context.lead.name, context.chair.name) == ("plan_in_progress", CAST["lead"], CAST["chair"])  # type: ignore[union-attr]
        assert context.reference.startswith("CSC-20") and context.counts
    ground.watch.restore()
