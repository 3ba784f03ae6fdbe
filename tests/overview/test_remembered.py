"""What a connection remembers of contexts is forgotten as soon as anything changes."""

from __future__ import annotations

import datetime as dt
import re
import pytest
import sqlalchemy as sa

from csc_hub.db import REMEMBERED, db, finish, remembered, start_writing, writing
from csc_hub.kernel import now, today
from csc_hub.audit.records import Event
from csc_hub.people import records as people
from csc_hub.overview.remembered import first_page
from csc_hub.people.records import Agency, Grant, Person, PersonRole
from csc_hub.process.contexts import records as contexts
from csc_hub.process.contexts.records import Context, Named, Of, Opened
from tests.hub import CAST, NAMES, Hub, User


def test_it_is_kept_from_one_request_to_the_next_and_only_for_a_day(either: Hub) -> None:
    day = today(now())
    for wanted in ({}, {"a": 1}):
        with either.inside():
            assert remembered(day) == wanted
            remembered(day)["a"] = 1
    with either.inside():
        assert remembered(day.replace(year=day.year + 1)) == {}


def test_it_does_not_grow_for_ever(either: Hub) -> None:
    with either.inside():
        for number in range(3 * REMEMBERED):
            remembered("a")[number] = number
        assert 0 < len(remembered("a")) <= REMEMBERED + 1


def test_a_change_by_this_connection_or_by_another_makes_it_forget(either: Hub) -> None:
    day, rename = today(now()), sa.update(Context).values(place="Somewhere else")
    for by_another in (True, False):
        with either.inside():
            remembered(day)["a"] = 1
            db.session.rollback()
            if by_another:
                with sa.create_engine(db.engine.url).begin() as other:
                    other.execute(rename)
            else:
                with writing():
                    db.session.execute(rename)
        with either.inside():
            assert remembered(day) == {}, by_another


def test_who_writes_remembers_nothing_of_what_may_be_undone(either: Hub) -> None:
    day = today(now())
    with either.inside():
        remembered(day)["a"] = "before"
        start_writing()
        db.session.execute(sa.update(Context).values(place="Never kept"))
        assert remembered(day) == {}
        remembered(day)["a"] = "undone"
        finish(keep=False)
        assert remembered(day).get("a") != "undone"


def test_the_list_shows_what_was_just_changed_and_by_whom_it_may_be_seen(hub: Hub) -> None:
    grace, reader = hub.be("coordinator"), hub.be("reader")
    assert NAMES["interchange"] in grace.get("/").text and NAMES["peers"] in grace.get("/").text
    assert NAMES["peers"] not in reader.get("/").text
    with hub.inside(), sa.create_engine(db.engine.url).begin() as other:
        other.execute(sa.update(Context).where(Context.name == NAMES["interchange"]).values(name="A new name"))
    assert "A new name" in grace.get("/").text and NAMES["interchange"] not in grace.get("/").text
    assert "A new name" in reader.get("/").text


def test_whoever_was_stopped_or_lost_a_role_is_so_at_once(hub: Hub) -> None:
    grace, reader = hub.be("coordinator"), hub.be("reader")
    assert "Refer a context" in grace.get("/").text and reader.get("/").status_code == 200
    with hub.inside(), sa.create_engine(db.engine.url).begin() as other:
        mine = sa.select(Person.id).where(Person.name == CAST["coordinator"]).scalar_subquery()
        other.execute(sa.update(PersonRole).where(PersonRole.person_id == mine).values(role="reader"))
        other.execute(sa.update(Person).where(Person.name == CAST["reader"]).values(active=False))
    assert "Refer a context" not in grace.get("/").text
    assert reader.get("/").status_code == 302


@pytest.mark.parametrize(("role", "url", "table", "before"), [
    ("administrator", "/people", Person, CAST["reader"]), ("administrator", "/agencies", Agency, "Housing"),
    ("ig officer", "/audit", Event, CAST["coordinator"]), ("lead", "/contexts/{}/history", Event, CAST["coordinator"]),
])
def test_a_remembered_page_is_forgotten_when_another_process_writes(hub: Hub, role: str, url: str, table: type, before: str) -> None:
    user, url = hub.be(role), url.format(hub.context("interchange"))
    assert before in user.get(url).text
    with hub.inside(), sa.create_engine(db.engine.url).begin() as other:
        if table is Event:
            other.execute(sa.insert(Event).values(at=now(), actor="Somebody new", verb="moved", context_id=sa.select(Context.id).where(
                Context.name == NAMES["interchange"]).scalar_subquery(), detail={}))
        else:
            other.execute(sa.update(table).where(table.name == before).values(name="Somebody new"))  # type: ignore[attr-defined]
    assert "Somebody new" in user.get(url).text


def test_searches_are_not_answered_by_what_was_remembered(hub: Hub) -> None:
    keeper, officer = hub.be("administrator"), hub.be("ig officer")
    assert CAST["reader"] in keeper.get("/people").text and "referred the context" in officer.get("/audit").text
    assert CAST["reader"] not in keeper.get("/people?q=zzz").text and CAST["reader"] in keeper.get("/people").text
    assert "referred the context" not in officer.get("/audit?who=zzz").text and "referred the context" not in officer.get("/audit?last=2001-01-01").text
    assert "referred the context" in officer.get("/audit").text


def test_a_remembered_history_is_shown_only_where_one_may_look(hub: Hub) -> None:
    """The officer reads who did what, but no case; the lead reads a case, but not the whole hub's."""
    url = f"/contexts/{hub.context('interchange')}/history"
    lead, officer = hub.be("lead"), hub.be("ig officer")
    for user, place, status in ((lead, url, 200), (officer, "/audit", 200), (officer, url, 404), (lead, "/audit", 404), (hub.be("agency contact"), url, 404)):
        assert user.get(place).status_code == status, place


def test_a_door_that_closes_by_itself_closes_what_was_remembered(either: Hub) -> None:
    """No write says so: only the clock does."""
    lead, url, end = either.be("lead"), f"/contexts/{either.context('interchange')}", now() + dt.timedelta(minutes=5)
    with either.inside(), writing():
        me = db.session.scalar(sa.select(Person.id).where(Person.name == CAST["lead"]))
        db.session.execute(sa.update(Grant).where(Grant.person_id == me).values(until=end))
    shown = "/contexts?show=all"
    assert lead.get(url).status_code == 200 and NAMES["interchange"] in lead.get(shown).text
    with either.inside():
        key = db.session.scalar(sa.select(Context.id).where(Context.name == NAMES["interchange"]))
        for moment, number in ((end - dt.timedelta(seconds=1), 1), (end, 0)):
            found = contexts.opened(key, me, moment)
            assert found and bool(found[1]) == bool(number), moment
            listed = first_page(people.reader(me), (), True, moment, today(moment)).contexts
            assert (key in listed) == bool(number), moment


def test_a_door_closed_by_another_process_is_closed_at_once(either: Hub) -> None:
    lead, url = either.be("lead"), f"/contexts/{either.context('interchange')}"
    assert lead.get(url).status_code == 200 and NAMES["interchange"] in lead.get("/contexts?show=all").text
    with either.inside(), sa.create_engine(db.engine.url).begin() as other:
        other.execute(sa.update(Grant).values(until=now()))
    assert lead.get(url).status_code == 404 and NAMES["interchange"] not in lead.get("/contexts?show=all").text


def test_what_is_opened_to_read_says_the_same_as_the_record_and_cannot_be_written(either: Hub) -> None:
    with either.inside():
        me = db.session.scalar(sa.select(Person.id).where(Person.name == CAST["lead"]))
        for record in db.session.scalars(sa.select(Context)).all():
            found, entered = contexts.opened(record.id, me, now()), contexts.entered(record.id, me, now())
            assert found and entered and found[1] == entered[1]
            for name in (*(column.key for column in Context.__table__.columns), "state_", "type_"):
                assert getattr(found[0], name) == getattr(record, name), name
            for mine, theirs in ((found[0].lead, record.lead), (found[0].chair, record.chair)):
                assert (mine is None) == (theirs is None) and [getattr(mine, name, None) for name in Named._fields[:-1]] == [getattr(theirs, name, None) for name in Named._fields[:-1]]
                assert not mine or not mine.agency and not theirs.agency or all(getattr(mine.agency, name) == getattr(theirs.agency, name) for name in Of._fields)
        assert isinstance(found[0], Opened)
        with pytest.raises(AttributeError):
            found[0].name = "Another"  # type: ignore[attr-defined]


def test_what_others_made_a_connection_remember_changes_nobodys_page(hub: Hub) -> None:
    """Everybody who may opens every page twice, in turns, and finds what a connection shows that remembers nothing. Whoever may not leaves an event: it forgets."""
    cases = {which: f"/contexts/{hub.context(which)}" for which in NAMES}
    pages = ("/", "/contexts?show=all", "/people", "/agencies", "/audit", "/our-actions", *(f"{case}/history" for case in cases.values()), *(
        f"{cases['interchange']}{page}" for page in ("", "/plan", "/conference", "/invitations")))
    users = [hub.be(role) for role in CAST]

    def seen(user: User, page: str) -> str:
        text = user.get(page).text
        return text.replace(re.search(r'name="csrf_token" value="([^"]+)"', text)[1], "own token")  # type: ignore[index]  # signed with the second

    def alone(user: User, page: str) -> str:
        with hub.inside():
            db.engine.dispose()
        return seen(user, page)

    for page in pages:
        those = [user for user in users if user.get(page).status_code == 200]
        assert those, page
        wanted = [alone(user, page) for user in those]
        for _ in range(2):
            assert [seen(user, page) for user in those] == wanted, page


def test_the_frame_of_a_context_says_who_leads_it_now(hub: Hub) -> None:
    coordinator, url = hub.be("coordinator"), f"/contexts/{hub.context('interchange')}/history"
    assert f"Lead practitioner: {CAST['lead']}" in coordinator.get(url).text
    with hub.inside(), sa.create_engine(db.engine.url).begin() as other:
        other.execute(sa.update(Person).where(Person.name == CAST["lead"]).values(name="Somebody new"))
    assert "Lead practitioner: Somebody new" in coordinator.get(url).text
