"""Whoever has left covers nothing any more; the chair covers what they stand for, on the list or not."""

import datetime as dt
import re
import uuid

import pytest

from csc_hub.db import db, writing
from csc_hub.kernel import now, today
from csc_hub.overview import countdown, standing
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import records, sending
from csc_hub.process.invitations.records import Invitation
from tests.hub import Hub, words_of


def person(name: str) -> Person:
    return db.session.scalars(db.select(Person).where(Person.name == name)).unique().one()


def leave(hub: Hub, name: str, how: str) -> None:
    """Somebody goes: to another agency, or their access ends."""
    with hub.inside(), writing():
        if how == "moved":
            person(name).agency_id = db.session.scalar(db.select(Agency.id).where(Agency.name == "Tideway Buses"))
        else:
            person(name).active = False


def stands(hub: Hub, context: str, row: str, role: str = "coordinator") -> str:
    """How a row of the board stands, in words."""
    page = hub.be(role).get(f"/contexts/{context}/invitations").text
    found = re.search(rf'<th scope="row"[^>]*>(?:\d\. )?{re.escape(row)}.*?</tr>', page, re.S)
    assert found, row
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def hold(hub: Hub, context: str) -> None:
    """The conference was yesterday."""
    with hub.inside(), writing():
        db.session.scalars(db.select(Conference).where(Conference.context_id == uuid.UUID(context))).one().starts_at = now() - dt.timedelta(days=1)


def considerations(hub: Hub, context: str) -> countdown.Line:
    """The line of the countdown, as first page and frame have it."""
    with hub.inside():
        found, on = db.session.get_one(Context, uuid.UUID(context)), today(now())
        line = countdown.of([found], standing.of([found.id], on), on)[0].lines
        return next(one for one in line if one.key == "considerations")


@pytest.mark.parametrize("how", ["moved", "ended"])
def test_whoever_has_left_covers_no_kind_of_agency(hub: Hub, how: str) -> None:
    context = hub.context("interchange")
    assert "Leanne Foss is coming Covered" in stands(hub, context, "Local youth provision")
    leave(hub, "Leanne Foss", how)
    assert "Leanne Foss has left Harbour Youth Project: ask whoever took over Gap" in stands(hub, context, "Local youth provision")
    page = words_of(hub.be("coordinator").get(f"/contexts/{context}/invitations"))
    assert "3 coming · 1 not coming · 2 without a reply · 1 has left" in page and "Leanne Foss has left Harbour Youth Project since" in page
    listed = page.partition("People on the list, why, and their replies")[2]
    assert listed.index("Leanne Foss") < listed.index("Joy Okafor"), "those to see to come first"
    assert "Harbour Youth Project (" in words_of(hub.be("coordinator").get(f"/contexts/{context}/invitations/add")).partition("Nobody is on the list yet")[2]


@pytest.mark.parametrize("how", ["moved", "ended"])
def test_whoever_has_left_answers_no_question_in_the_countdown_either(either: Hub, how: str) -> None:
    hub, context = either, either.context("interchange")
    before = considerations(hub, context)
    leave(hub, "Kemi Ajayi", how)
    assert "Kemi Ajayi has left Anyshire Youth Council: ask whoever took over Gap" in stands(hub, context, "Speaks for young people")
    after = considerations(hub, context)
    assert (before.said, after.said) == ("1 of 5 not answered yet", "2 of 5 not answered yet")


def test_a_conference_that_was_held_keeps_who_stood_for_what(either: Hub) -> None:
    hub, context = either, either.context("interchange")
    hold(hub, context)
    leave(hub, "Leanne Foss", "moved")
    leave(hub, "Kemi Ajayi", "ended")
    assert "Leanne Foss is coming Covered" in stands(hub, context, "Local youth provision")
    assert considerations(hub, context).said == "1 of 5 not answered yet"
    assert "has left" not in words_of(hub.be("coordinator").get(f"/contexts/{context}/invitations"))


def test_nothing_is_sent_to_whoever_has_left_and_nobody_waits_for_it(either: Hub) -> None:
    hub, context = either, either.context("interchange")
    with hub.inside():
        before = len(sending.to_send(records.in_hand(uuid.UUID(context))[1])), standing.of([uuid.UUID(context)], today(now()))[uuid.UUID(context)].unsent
    leave(hub, "Sal Rossi", "moved")
    with hub.inside():
        left = records.in_hand(uuid.UUID(context))[1]
        assert (len(sending.to_send(left)), standing.of([uuid.UUID(context)], today(now()))[uuid.UUID(context)].unsent) == (before[0] - 1, before[1] - 1)
    assert "Sal Rossi" not in words_of(hub.be("coordinator").get(f"/contexts/{context}/invitations/phone-list"))


def test_somebody_without_an_agency_who_is_given_one_has_not_left(hub: Hub) -> None:
    context = hub.context("interchange")
    with hub.inside(), writing():
        kemi = db.session.scalars(db.select(Invitation).where(Invitation.person.has(name="Kemi Ajayi"), Invitation.conference.has(context_id=uuid.UUID(context)))).unique().one()
        kemi.agency_id = None
    assert "Kemi Ajayi: asked or to be asked" in stands(hub, context, "Speaks for young people")
    assert considerations(hub, context).said == "1 of 5 not answered yet"


def test_the_chair_covers_their_kind_and_questions_on_the_list_too(hub: Hub) -> None:
    context, user = hub.context("interchange"), hub.be("coordinator")
    own = f"/contexts/{context}/invitations"
    assert "David Hollis chairs Covered" in stands(hub, context, "Community Safety")
    with hub.inside():
        david = person("David Hollis").id
    assert user.post(f"{own}/add", person_id=str(david), why="3", note="").status_code == 303
    assert "David Hollis chairs Covered" in stands(hub, context, "Community Safety")
    assert "David Hollis chairs Covered" in stands(hub, context, "Can make the changes")
    page = words_of(user.get(own))
    assert "8 people on the list · 5 coming · 1 not coming · 2 without a reply" in page and "Chairs the meeting, so no invitation is sent" in page
    to_ring = user.get(f"{own}/phone-list").text.partition("<tbody")[2].partition("</tbody>")[0]
    assert "Sal Rossi" in to_ring and "David Hollis" not in to_ring
    with hub.inside():
        assert "David Hollis" not in [i.person.name for i in sending.to_send(records.in_hand(uuid.UUID(context))[1])]


def test_a_chair_whose_access_has_ended_covers_nothing(hub: Hub) -> None:
    context = hub.context("interchange")
    leave(hub, "David Hollis", "ended")
    assert "David Hollis has left Community Safety Partnership: ask whoever took over Gap" in stands(hub, context, "Community Safety")
