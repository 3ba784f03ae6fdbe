"""Words in a workbook that may identify a young person are shown to a person, and taken only as that person says."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from csc_hub.db import db
from csc_hub.exchange.records import Held
from csc_hub.audit.records import Event
from tests.exchange.test_round_trip import housing, put, upload, workbook
from tests.exchange.test_three_ways import facts
from tests.hub import Hub, User, words_of

TYPED = "Moved AB (14) on from the path, ring 07700 900123"
REDACTED = "Moved [taken out] on from the path, ring [taken out]"


def sent(hub: Hub, user: User) -> str:
    book = workbook(hub, user, hub.context("school"))
    put(book, 2, status="In progress", update=TYPED)
    put(book, 3, evidence="The panel is there")
    return upload(user, hub.context("school"), book, housing(hub)[0]).location


def test_it_is_marked_and_everything_else_goes_through(hub: Hub) -> None:
    user = hub.be("coordinator")
    url = sent(hub, user)
    page = user.get(url)
    assert "1 cell may identify a young person" in words_of(page)
    assert "This may identify a young person (initials with an age and a phone number)" in words_of(page)
    assert re.findall(r"<mark>(.*?)</mark>", page.text) == ["AB (14)", "07700 900123"]
    assert user.post(url).status_code == 303
    after = facts(hub)
    assert (after[7]["update"], after[8]["evidence"]) != (TYPED, "") and after[7]["update"] != TYPED and after[8]["evidence"] == "The panel is there"
    with hub.inside():
        assert db.session.scalar(select(db.func.count()).select_from(Held).where(Held.settled_at.is_(None), Held.field == "update")) == 1


@pytest.mark.parametrize(("way", "update"), [("theirs", TYPED), ("redacted", REDACTED), ("ours", None)])
def test_a_person_takes_it_or_takes_it_without_or_leaves_it(hub: Hub, way: str, update: str | None) -> None:
    user, before = hub.be("coordinator"), facts(hub)
    url = sent(hub, user)
    assert user.post(url, **{"cell-2-update": way}).status_code == 303
    assert facts(hub)[7]["update"] == (before[7]["update"] if update is None else update)
    with hub.inside():
        assert db.session.scalar(select(db.func.count()).select_from(Held).where(Held.settled_at.is_(None))) == 0


def test_taking_the_rest_never_takes_what_may_identify_somebody(hub: Hub) -> None:
    user = hub.be("coordinator")
    url = sent(hub, user)
    assert user.post(url, rest="y").status_code == 303
    assert facts(hub)[7]["update"] != TYPED


@pytest.mark.parametrize(("way", "update"), [("theirs", TYPED), ("redacted", REDACTED)])
def test_what_was_held_is_settled_the_same_way_and_no_longer_kept_there(hub: Hub, way: str, update: str) -> None:
    user = hub.be("coordinator")
    url = sent(hub, user)
    user.post(url)
    now = facts(hub)[7]["update"]
    page = user.get(url)
    assert "<mark>AB (14)</mark>" in page.text and "Take it without what is marked" in words_of(page)
    with hub.inside():
        held = db.session.scalars(select(Held).where(Held.field == "update")).one().id
    assert user.post(f"{url}/held/{held}", page=url, way=way, stands=now).status_code == 303
    assert facts(hub)[7]["update"] == update
    with hub.inside():
        assert db.session.get_one(Held, held).says == REDACTED
        assert not [event for event in db.session.scalars(select(Event)) if "AB (14)" in str(event.detail) or "900123" in str(event.detail)]


def test_undoing_leaves_none_of_it_among_what_was_held(hub: Hub) -> None:
    user = hub.be("coordinator")
    url = sent(hub, user)
    user.post(url)
    assert user.post(f"{url}/undo").status_code == 303
    with hub.inside():
        assert [held.says for held in db.session.scalars(select(Held).where(Held.field == "update"))] == [REDACTED]
