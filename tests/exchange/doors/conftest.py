"""Doors for updates: a hub in which agencies are asked, and people who come in by the mail."""

from __future__ import annotations

import re

import pytest

from csc_hub.db import db
from csc_hub.outbox.records import Outgoing
from csc_hub.people.records import Agency
from tests.hub import Hub, User


def letter(hub: Hub, address: str, kind: str = "") -> Outgoing:
    """The newest letter to an address."""
    with hub.inside():
        query = db.select(Outgoing).where(Outgoing.to_address == address).order_by(Outgoing.queued_at.desc())
        return db.session.scalars(query.where(Outgoing.kind == kind) if kind else query).first()


def key_in(row: Outgoing) -> str:
    """The key of the link in a letter."""
    return re.search(r"/u/([\w-]{20,})", row.text)[1]  # type: ignore[index]


def agency_id(hub: Hub, name: str) -> str:
    with hub.inside():
        return str(db.session.scalar(db.select(Agency.id).where(Agency.name == name)))


def ask(hub: Hub, agency: str = "Housing", role: str = "lead", which: str = "school", **somebody: str) -> str:
    """The lead practitioner asks an agency; the key that was mailed."""
    base = f"/contexts/{hub.context(which)}/updates"
    where = f"{base}/ask/{agency_id(hub, agency)}" + ("/somebody" if somebody else "")
    answer = hub.be(role).post(where, page=where if somebody else base, **somebody)
    assert answer.status_code == 303, answer.text[-2000:]
    slug = re.sub("[^a-z]", "", agency.lower().replace("é", "e"))
    return key_in(letter(hub, somebody.get("email", f"contact@{slug}.example")))


def come_in(hub: Hub, key: str) -> User:
    """Somebody presses Continue behind the link."""
    user = hub.be(None)
    assert user.get(f"/u/{key}").status_code == 200
    answer = user.post(f"/u/{key}")
    assert answer.status_code == 303 and answer.location == "/report"
    return user


@pytest.fixture
def housing(hub: Hub) -> User:
    """Housing's contact, come in by the link for the school."""
    return come_in(hub, ask(hub))
