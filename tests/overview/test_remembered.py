"""What a connection remembers of contexts is forgotten as soon as anything changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from csc_hub import create_app
from csc_hub.db import REMEMBERED, db, finish, remembered, start_writing, writing
from csc_hub.kernel import now, today
from csc_hub.people.records import Person, PersonRole
from csc_hub.process.contexts.records import Context
from tests.hub import CAST, NAMES, Hub, settings


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A hub on each database."""
    more = {}
    if request.param == "postgresql":
        more = {"database_url": request.getfixturevalue("postgres_server").new_database()}
    hub = Hub(create_app(settings(tmp_path, **more))).build()
    yield hub
    with hub.inside():
        db.engine.dispose()


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
