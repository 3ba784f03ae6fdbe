"""One context of a made council with all that hangs on it, as it would be after months of work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bench import words
from tests.hub import CAST

if TYPE_CHECKING:
    from tests.bench.maker import Maker

TYPES = ("neighbourhood", "school", "other", "peer_group")
VERBS = ("referred", "changed_context", "moved", "added_finding", "changed_assessment", "planned_conference", "asked_person", "recorded_reply", "added_action", "updated_action")
STATUSES = ("not_started",) * 25 + ("in_progress",) * 35 + ("reported_complete",) * 30 + ("not_possible",) * 6 + ("not_undertaken",) * 4
CASELOAD = 60


def context(make: Maker, order: int, number: int, state: str, actions: int) -> None:
    """A context, its assessment, conference, plan and events; `order` counts from the oldest of `number`."""
    dice, key, plan_issued = make.dice, make.id(), state == "plan_in_progress"
    mine = order % max(1, number // max(CASELOAD, number // 200)) == 0 or number - order < 4
    lead = make.cast[CAST["lead"]] if mine else make.leads[1 + dice.randrange(len(make.leads) - 1)]
    chair = make.chairs[0] if mine else dice.choice(make.chairs)
    name, place = words.place(dice)
    decided = {"threshold_met": 1, "threshold_reasons": words.FINDINGS[0], "threshold_by": make.names[lead]} if state in ("assessed", "plan_in_progress") else {}
    age = 5 + (number - order) * 3600 // number
    year = make.today.year - 12 + 11 * order // number
    make.add(
        "contexts", id=key, order=year * 100_000 + 1 + order, reference=f"CSC-{year}-{order + 1:03d}", name=name, type=TYPES[dice.randrange(4)],
        place=place, themes='["youth_violence"]', trigger=words.FINDINGS[1], counts='{"in_need": 3, "unknown": 4}', state=state,
        state_at=make.moment(-age), lead_id=None if state == "referred" else lead, chair_id=None if state == "referred" else chair,
        threshold_on=make.day(-age) if decided else None, created_at=make.moment(-age - 60), **decided)
    if state != "referred":
        for person, role in ((lead, "lead"), (chair, "chair")):
            make.add("grants", id=make.id(), person_id=person, context_id=key, role=role, opened_by="contexts", opened_at=make.moment(-age))
        _assessment(make, key, lead, age, signed=state in ("assessed", "plan_in_progress"))
    if state in ("assessed", "plan_in_progress"):
        _conference(make, key, chair, age, held=plan_issued)
        _plan(make, key, lead, actions, plan_issued, age)
    for count, verb in enumerate(VERBS * (1 if number - order > 2 else 12)):
        make.add("events", at=make.moment(-age + count % 5), actor_id=lead, actor=make.names[lead], verb=verb, subject=key, context_id=key, detail="{}")


def _assessment(make: Maker, key: str, lead: str, age: int, signed: bool) -> None:
    dice = make.dice
    make.add("assessments", id=make.id(), context_id=key, period_from=make.day(-age - 50), period_to=make.day(-age - 20), mapping_date=make.day(-age - 30),
             signed_off_at=make.moment(-age) if signed else None)
    for count, text in enumerate(words.FINDINGS):
        make.add("findings", id=make.id(), context_id=key, category=("risk", "vulnerability", "strength", "complicating")[count], text=text,
                 weight="high", priority=int(count == 0 and signed), added_at=make.moment(-age - 20))
    for who in ("young_people", "agency"):
        make.add("involvements", id=make.id(), context_id=key, who=who, agency_id=dice.choice(make.agencies)[0] if who == "agency" else None,
                 how=words.UPDATES[0], on=make.day(-age - 25))
    report, paper = make.id(), make.id()
    make.add("reports", id=report, context_id=key, kind="safer_me")
    make.add("papers", id=paper, context_id=key, name="safer-me.docx", extension="docx", size=40_000, sha256="0" * 64, key=make.id(),
             content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document", check="no_scanner",
             uploaded_at=make.moment(-age - 20), uploaded_by_id=lead)
    make.add("report_versions", id=make.id(), report_id=report, number=1, paper_id=paper)
    make.add("events", at=make.moment(-age), actor_id=lead, actor=make.names[lead], verb="opened_paper", subject=paper, context_id=key, detail="{}")


def _conference(make: Maker, key: str, chair: str, age: int, held: bool) -> None:
    dice, conference = make.dice, make.id()
    day = -age if held else 10 + dice.randrange(40)
    make.add("conferences", id=conference, context_id=key, number=1, state="planned", starts_at=make.moment(day), minutes=120, chair_id=chair,
             venue=words.place(dice)[0], near="near", agenda="[10, 15, 20, 10, 15, 50]", review_on=make.day(day + 112),
             attendees="Those on the list, and two apologies.")
    for person, name, agency in dice.sample(make.people, 6):
        make.add("invitations", id=make.id(), conference_id=conference, person_id=person, agency_id=agency, why=json.dumps([dice.randrange(1, 5)]),
                 reply=dice.choice(("none", "accepted", "accepted", "declined")), added_at=make.moment(-age))
    make.add("attendance_answers", id=make.id(), conference_id=conference, question=5, text=words.UPDATES[0])
    make.add("pre_meetings", id=make.id(), conference_id=conference, kind="chair", done_on=make.day(-age))


def _plan(make: Maker, key: str, lead: str, actions: int, issued: bool, age: int) -> None:
    if not actions:
        return
    dice, plan, at = make.dice, make.id(), make.moment(-age)
    make.add("plans", id=plan, context_id=key, issue=int(issued), issued_at=at if issued else None, issued_by=make.names[lead] if issued else "")
    worries = [make.id() for _ in range(3)]
    for position, worry in enumerate(worries, 1):
        make.add("worries", id=worry, plan_id=plan, position=position, worry=words.WORRIES[position], impact="Young people stay away.",
                 helping="People who look out for them.", goal=words.GOALS[position - 1])
    for number in range(1, actions + 1):
        action = make.id()
        agency = make.own if dice.random() < 0.12 else make.agencies[dice.randrange(len(make.agencies))][0]
        status = STATUSES[dice.randrange(len(STATUSES))] if issued else "not_started"
        due = make.day(-age + 30 + dice.randrange(200)) if number % 9 else None
        text, owner = words.ACTIONS[number % len(words.ACTIONS)], "" if number % 3 else "Duty desk"
        facts = {"intervention": text, "goal": words.GOALS[number % 3], "owner": owner, "when": due or "Monthly", "timescale": "" if due else "Monthly"}
        make.add("actions", id=action, context_id=key, worry_id=worries[(number - 1) * 3 // actions], number=number, intervention=text, agency_id=agency,
                 owner=owner, due_on=due, timescale="" if due else "Monthly", status=status, update=words.UPDATES[number % 3] if status != "not_started" else "",
                 updated_on=make.day(-age + 40) if status != "not_started" else None, touched_at=at,
                 issued_in=1 if issued else None, issued_agency_id=agency if issued else None, issued_facts=json.dumps(facts) if issued else "{}")
        if number % 4 == 0 and issued:
            make.add("updates", id=make.id(), action_id=action, at=at, by_id=lead, by_name=make.names[lead], source="page", status=status,
                     text=words.UPDATES[number % 3], changed="update,status", before="{}")
