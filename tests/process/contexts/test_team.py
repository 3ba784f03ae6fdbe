"""Who leads and who chairs: nobody does both, and whoever chairs the conference that is to come is changed with it."""

import datetime as dt
import re
import uuid

from csc_hub.db import db, writing
from csc_hub.kernel import day_in_words, now
from csc_hub.people.records import Person, PersonRole
from csc_hub.people.rules import Role
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from tests.hub import CAST, NAMES, Hub, words_of


def person(hub: Hub, name: str) -> str:
    with hub.inside():
        return str(db.session.scalar(db.select(Person.id).where(Person.name == name)))


def give(hub: Hub, name: str, role: Role) -> None:
    with hub.inside(), writing():
        db.session.add(PersonRole(person_id=uuid.UUID(person(hub, name)), role=role))


def conference_of(which: str) -> Conference:
    return db.session.scalars(db.select(Conference).join(Context, Context.id == Conference.context_id).where(Context.name == NAMES[which])).one()


def test_nobody_leads_and_chairs(hub: Hub) -> None:
    priya, url = person(hub, "Priya Nair"), f"/contexts/{hub.context('peers')}/team"
    give(hub, "Priya Nair", Role.CHAIR)
    answer = hub.be("coordinator").post(url, lead_id=priya, chair_id=priya)
    assert answer.status_code == 422 and 'href="#chair_id"' in answer.text
    assert "The lead practitioner presents the assessment, so somebody else must chair" in words_of(answer)


def test_the_chair_of_a_conference_to_come_is_changed_there_and_keeps_the_door(hub: Hub) -> None:
    grace, context = hub.be("coordinator"), hub.context("interchange")
    url, lead = f"/contexts/{context}/team", person(hub, "Priya Nair")
    with hub.inside():
        day = conference_of("interchange").day
    said = f"David Hollis chairs the conference on {day_in_words(day)}. Change the chair there"
    page = grace.get(url)
    assert said in words_of(page) and f'href="/contexts/{context}/conference/edit">Change who chairs' in page.text
    for other in ("", person(hub, CAST["other chair"])):
        answer = grace.post(url, lead_id=lead, chair_id=other)
        assert answer.status_code == 422 and words_of(answer).count(said) > 1
    with hub.inside():
        assert db.session.get_one(Context, uuid.UUID(context)).chair_id == conference_of("interchange").chair_id
    assert grace.post(url, lead_id=lead, chair_id=person(hub, "David Hollis")).status_code == 303


def test_the_page_brings_back_a_chair_whom_only_the_conference_names(hub: Hub) -> None:
    grace, context = hub.be("coordinator"), hub.context("interchange")
    with hub.inside(), writing():
        db.session.get_one(Context, uuid.UUID(context)).chair_id = None
    assert grace.post(f"/contexts/{context}/team", lead_id=person(hub, "Priya Nair"), chair_id=person(hub, "David Hollis")).status_code == 303


def test_once_the_conference_is_over_another_chair_may_be_named(hub: Hub) -> None:
    grace, context = hub.be("coordinator"), hub.context("interchange")
    with hub.inside(), writing():
        conference_of("interchange").starts_at = now() - dt.timedelta(days=2)
    samira = person(hub, CAST["other chair"])
    assert grace.post(f"/contexts/{context}/team", lead_id=person(hub, "Priya Nair"), chair_id=samira).status_code == 303


def test_each_person_stands_once_in_the_lists(hub: Hub) -> None:
    page = hub.be("coordinator").get(f"/contexts/{hub.context('interchange')}/team").text
    for name in ("lead_id", "chair_id"):
        found = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)
        assert found
        offered = re.findall(r'<option value="([^"]+)"', found[0])
        assert offered and len(offered) == len(set(offered))
