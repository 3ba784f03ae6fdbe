"""What has happened in the made-up council so far: five contexts at different steps."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from typing import Any

from werkzeug.datastructures import FileStorage

from csc_hub.db import db, writing
from csc_hub.demonstration import words
from csc_hub.kernel import in_london, today
from csc_hub.papers import service as papers
from csc_hub.people import records as people_records
from csc_hub.people import service as people_service
from csc_hub.people.records import Person
from csc_hub.people.service import PersonDraft
from csc_hub.process.assessments import records as assessment_records
from csc_hub.process.assessments import service as assessments
from csc_hub.process.assessments.rules import Category, Kind, Weight, Who
from csc_hub.process.conferences import records as conference_records
from csc_hub.process.conferences import service as conferences
from csc_hub.process.conferences.rules import ConferenceDraft, Near
from csc_hub.process.contexts import service as contexts
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import ContextDraft, Move, Type
from csc_hub.process.invitations import attending
from csc_hub.process.invitations import records as invitation_records
from csc_hub.process.invitations import service as invitations
from csc_hub.process.invitations.register import HERE, Deed, How
from csc_hub.process.invitations.rules import Reply
from csc_hub.process.plans import records as plan_records
from csc_hub.process.plans import service as plans
from csc_hub.process.plans.rules import ActionDraft, UpdateDraft, WorryDraft
from csc_hub.process.plans.statuses import Status

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


def tell(people: dict[str, Person], now: dt.datetime) -> dict[str, uuid.UUID]:
    """Builds the contexts, each act dated as if it had happened then; their ids by short name."""
    ids = {
        "school": _school(people, now), "interchange": _interchange(people, now), "peers": _peers(people, now),
        "park": _refer(people, now - 2 * DAY, "park", None, None).id,
    }
    ids["centre"] = _refer(people, now - 40 * DAY, "centre", "Priya Nair", None).id
    with writing():
        contexts.move(db.session.get_one(Context, ids["centre"]), Move.SEND_ELSEWHERE, words.CENTRE_REASON, people["Priya Nair"], now - 36 * DAY)
    return ids


def _refer(people: dict[str, Person], when: dt.datetime, which: str, lead: str | None, chair: str | None) -> Context:
    told = words.CONTEXTS[which]
    with writing():
        context = contexts.refer(ContextDraft(
            name=told["name"], type=Type(told["type"]), place=told["place"], themes=told["themes"], trigger=told["trigger"],
            lead_id=people[lead].id if lead else None, chair_id=people[chair].id if chair else None), people["Grace Mensah"], when)
        if told["counts"]:
            contexts.count_young_people(context, told["counts"], people["Grace Mensah"], when)
    return context


def _assess(people: dict[str, Person], context_id: uuid.UUID, which: str, start: dt.datetime, lead: str) -> None:
    told, by = words.ASSESSMENTS[which], people[lead]
    agencies = {agency.name: agency.id for agency in people_records.agencies()}
    with writing():
        context = db.session.get_one(Context, context_id)
        contexts.move(context, Move.ACCEPT, "", by, start)
        assessments.set_dates(context, today(start), today(start + 24 * DAY), today(start + 12 * DAY), by, start + 20 * DAY)
        for minute, (category, weight, text) in enumerate(told["findings"]):
            assessments.save_finding(context, None, Category(category), text, Weight(weight), by, start + 21 * DAY + minute * MINUTE)
        for day, (who, agency, how) in enumerate(told["involved"], 10):
            assessments.involve(context, Who(who), agencies.get(agency), how, today(start + day * DAY), by, start + 22 * DAY)
        findings = assessment_records.findings(context_id)
        chosen = [finding.id for finding in findings if finding.text in told["priorities"]]
        if chosen:
            assessments.choose_priorities(context, chosen, by, start + 22 * DAY)
    for kind, name, note in told["reports"]:
        upload = FileStorage(io.BytesIO(report(told["title"].replace("assessment", Kind(kind).label), told["findings"])), filename=name)
        with writing():
            taken = papers.take_in(upload)
            assessments.add_report(db.session.get_one(Context, context_id), Kind(kind), taken, note, by, start + 23 * DAY)


def report(title: str, findings: tuple[tuple[str, str, str], ...]) -> bytes:
    """A short assessment report in Word."""
    from docx import Document

    document = Document()
    document.core_properties.author = "Anyshire Council"
    document.core_properties.title = title
    document.add_heading(title, 0)
    document.add_paragraph("OFFICIAL-SENSITIVE. This report is about a place and what makes it safer. No young person is named or described.")
    for category in Category:
        found = [text for which, _, text in findings if which == category]
        if found:
            document.add_heading(category.heading, 1)
            for text in found:
                document.add_paragraph(text, style="List Bullet")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _sign_off(people: dict[str, Person], context_id: uuid.UUID, when: dt.datetime, lead: str) -> None:
    with writing():
        context, by = db.session.get_one(Context, context_id), people[lead]
        contexts.decide_threshold(
            context, True, words.THRESHOLD[context.type], f"{by.name}, {by.job_title}", today(when), by, when, today(when))
        assessments.sign_off(context, by, when)


def _meet(people: dict[str, Person], context: Context, which: str, day: dt.date, by: Person, when: dt.datetime) -> None:
    """Plans the conference: date, chair, venue, list and replies."""
    told = words.CONFERENCES[which]
    starts_at = in_london(day, dt.time(10, 0))
    conference, _ = conferences.save(context, ConferenceDraft(
        starts_at=starts_at, minutes=120, chair_id=context.chair_id, independence_note=told["independence"], venue=told["venue"],
        near=Near(told["near"]), address=told["address"], access=told["access"]), by, min(when, starts_at - DAY) if starts_at else when)
    for name, why, reply, note in told["asked"]:
        person = people.get(name)
        if person is None:
            agency = next(a for a in people_records.agencies() if a.contact_name.startswith(name))
            person = people_service.add_invitee(PersonDraft(
                name=name, email="", job_title=note, phone="01632 960002", agency_id=agency.id), people["Grace Mensah"], when, context.id)
            people[name] = person
        invitations.ask(context, conference, person.id, why, "", by, when)
        if reply:
            row = next(i for i in invitation_records.of_conference(conference.id) if i.person_id == person.id)
            invitations.record_reply(context.id, row, Reply(reply), "On leave that week" if reply == "declined" else "", "", today(when), people["Grace Mensah"], when)
    invitations.answer(context, conference, 5, told["involved"], by, when)
    conferences.save_pre_meeting(context, conference, None, "chair", "", None, today(when), None, by, when, today(when))
    if told["agreed"]:
        conferences.agree(context, conference, by, when)
        conferences.agree(context, conference, next(p for p in people.values() if p.id == context.chair_id), when)


def _plan(people: dict[str, Person], context_id: uuid.UUID, which: str, when: dt.datetime, conference: dt.date, lead: str) -> None:
    told, by = words.PLANS[which], people[lead]
    agencies = {agency.name: agency.id for agency in people_records.agencies()}
    with writing():
        context = db.session.get_one(Context, context_id)
        _meet(people, context, which, conference, by, when)
        plans.set_header(context, conference + 112 * DAY, told["attendees"], by, when)
        for worry, impact, helping, goal, actions in told["worries"]:
            row = plans.save_worry(context, None, WorryDraft(worry, impact, helping, goal), by, when)
            for text, agency, team, owner, days, timescale in actions:
                plans.save_action(context, row, None, ActionDraft(
                    text, agencies[agency], team, owner, conference + days * DAY if days else None, timescale), by, when, today(when))


def _register(people: dict[str, Person], context_id: uuid.UUID, told: dict[str, Any]) -> None:
    """The register as the coordinator kept it on the day, and what the chair said of the attendance."""
    grace, agencies = people["Grace Mensah"], {agency.name: agency.id for agency in people_records.agencies()}
    with writing():
        context = db.session.get_one(Context, context_id)
        conference = conference_records.current(context_id)
        assert conference and conference.starts_at and conference.ends_at

        def tap(name: str, deed: How | Deed, when: dt.datetime) -> None:
            line = next(line for line in attending.lines(context, conference) if line.name == name)
            attending.mark(context, conference, line.key, deed, line.version, False, grace, when)

        for name, how, minutes in told["people"]:
            tap(name, How(how), conference.starts_at + minutes * MINUTE)
            if how in HERE:
                tap(name, Deed.ACKNOWLEDGED, conference.starts_at + minutes * MINUTE)
        for name, agency, minutes in told["others"]:
            attending.walk_in(context, conference, name, agencies[agency], How.IN_PERSON, "", grace, conference.starts_at + minutes * MINUTE)
        for name, minutes in told["left"]:
            tap(name, Deed.LEFT, conference.ends_at - minutes * MINUTE)
        attending.say_sufficient(context, conference, "yes", told["sufficient"], conference.chair or grace, conference.starts_at + 14 * MINUTE)


def _school(people: dict[str, Person], now: dt.datetime) -> uuid.UUID:
    """Day 61 of its plan, with two actions late."""
    held = now - 61 * DAY
    context = _refer(people, held - 60 * DAY, "school", "Priya Nair", "Helen Marsh")
    _assess(people, context.id, "school", held - 50 * DAY, "Priya Nair")
    _sign_off(people, context.id, held - 20 * DAY, "Priya Nair")
    _plan(people, context.id, "school", held, today(held), "Priya Nair")
    _register(people, context.id, words.REGISTER)
    with writing():
        plans.issue(db.session.get_one(Context, context.id), people["Helen Marsh"], held + DAY)
    with writing():
        actions = {a.number: a for a in plan_records.actions_of(context.id)}
        for number, days, status, text in sorted(words.UPDATES, key=lambda told: told[1]):
            when = held + days * DAY
            plans.update(actions[number], UpdateDraft(status=Status(status), update=text, updated_on=today(when)), people["Priya Nair"], when, today(when))
    return context.id


def _interchange(people: dict[str, Person], now: dt.datetime) -> uuid.UUID:
    """Assessed, its conference in fourteen days: the list has a gap and two have not replied. The plan is a draft."""
    context = _refer(people, now - 48 * DAY, "interchange", "Priya Nair", "David Hollis")
    _assess(people, context.id, "interchange", now - 40 * DAY, "Priya Nair")
    _sign_off(people, context.id, now - 11 * DAY, "Priya Nair")
    _plan(people, context.id, "interchange", now - 6 * DAY, today(now + 14 * DAY), "Priya Nair")
    with writing():
        assessments.refer_out(
            db.session.get_one(Context, context.id), today(now - 20 * DAY), "Priya Nair", "mash", today(now - 18 * DAY),
            people["Priya Nair"], now, today(now))
    return context.id


def _peers(people: dict[str, Person], now: dt.datetime) -> uuid.UUID:
    """A peer group under assessment, its report still missing."""
    context = _refer(people, now - 30 * DAY, "peers", "Priya Nair", "Samira Khan")
    _assess(people, context.id, "peers", now - 26 * DAY, "Priya Nair")
    return context.id
