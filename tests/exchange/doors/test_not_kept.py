"""What may identify somebody and was not taken is not kept in what was read of a workbook either."""

from __future__ import annotations

import json
import uuid

import pytest

from csc_hub.db import db
from csc_hub.exchange.records import Batch, Held
from tests.exchange.test_marking import REDACTED, TYPED, sent
from tests.exchange.test_round_trip import housing, put, upload, workbook
from tests.exchange.test_three_ways import facts
from tests.hub import Hub

SIGNS = ("AB (14)", "07700 900123")


def kept(hub: Hub, url: str) -> str:
    with hub.inside():
        return json.dumps(db.session.get_one(Batch, uuid.UUID(url.rsplit("/", 1)[1])).read)


@pytest.mark.parametrize("way", ["redacted", "ours", "theirs"])
def test_a_choice_holds_for_what_was_read_too(hub: Hub, way: str) -> None:
    user, before = hub.be("coordinator"), facts(hub)
    url = sent(hub, user)
    assert all(sign in kept(hub, url) for sign in SIGNS)
    user.post(url, **{"cell-2-update": way})
    assert [sign in kept(hub, url) for sign in SIGNS] == [way == "theirs"] * 2
    assert user.get(url).status_code == 200
    assert user.post(f"{url}/undo").status_code == 303 and facts(hub)[7] == before[7] and facts(hub)[8]["evidence"] == before[8]["evidence"]
    assert not [sign for sign in SIGNS if sign in kept(hub, url)]


@pytest.mark.parametrize("way", ["redacted", "ours", "theirs"])
def test_what_was_held_is_kept_until_it_is_settled(hub: Hub, way: str) -> None:
    user = hub.be("coordinator")
    url = sent(hub, user)
    user.post(url)
    assert all(sign in kept(hub, url) for sign in SIGNS)
    with hub.inside():
        held = db.session.scalars(db.select(Held).where(Held.settled_at.is_(None), Held.field == "update")).one()
    assert user.post(f"{url}/held/{held.id}", page=url, way=way, stands=facts(hub)[7]["update"] or "").status_code == 303
    assert [sign in kept(hub, url) for sign in SIGNS] == [way == "theirs"] * 2
    assert (facts(hub)[7]["update"] == REDACTED) == (way == "redacted") and (facts(hub)[7]["update"] == TYPED) == (way == "theirs")


def test_a_workbook_set_aside_keeps_none_of_it(hub: Hub) -> None:
    user = hub.be("coordinator")
    url = sent(hub, user)
    assert user.post(f"{url}/set-aside", page=url).status_code == 303
    assert not [sign for sign in SIGNS if sign in kept(hub, url)] and user.get(url).status_code == 200


def test_a_row_that_cannot_be_used_keeps_none_of_it(hub: Hub) -> None:
    user = hub.be("coordinator")
    book = workbook(hub, user, hub.context("school"))
    put(book, 2, status="Sort of done", update=TYPED)
    put(book, 3, evidence="The panel is there")
    url = upload(user, hub.context("school"), book, housing(hub)[0]).location
    assert "AB (14)" in kept(hub, url)
    assert user.post(url).status_code == 303
    assert not [sign for sign in SIGNS if sign in kept(hub, url)]
