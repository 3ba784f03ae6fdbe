"""A door is for one mailbox: whoever gets another address leaves the old one outside, and what was mailed there opens nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from csc_hub.db import db, writing
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.kernel import now
from csc_hub.outbox.records import Outgoing
from csc_hub.people import links
from csc_hub.people import service as people
from csc_hub.people.records import Agency, Person
from csc_hub.people.service import PersonDraft
from tests.exchange.doors.conftest import agency_id, ask, come_in, key_in, letter
from tests.hub import CAST, Hub

OLD, NEW = "sam.reed@housing.example", "samuel.reed@housing.example"


def sam(hub: Hub) -> None:
    """Somebody of Housing whom the hub knows, without an account."""
    with hub.inside(), writing():
        housing = db.session.scalars(db.select(Agency).where(Agency.name == "Housing")).one()
        people.add_person(PersonDraft("Sam Reed", OLD, agency_id=housing.id), None, now())


def known(name: str = "Sam Reed") -> Person:
    return db.session.scalars(db.select(Person).where(Person.name == name)).one()


def corrected() -> None:
    people.correct_address(known(), NEW, known(CAST["lead"]), now(), known().agency_id)


def changed() -> None:
    person = known()
    people.change_person(person, PersonDraft(person.name, NEW, agency_id=person.agency_id), known(CAST["administrator"]), now())


def typed_past_the_deeds() -> None:
    known().email = NEW


def yesterday(hub: Hub) -> None:
    """Makes everything that was mailed a day older: somebody is asked once a day."""
    with hub.inside(), writing():
        db.session.execute(db.update(Outgoing).values(queued_at=now() - dt.timedelta(days=2)))


@pytest.mark.parametrize("deed", [corrected, changed, typed_past_the_deeds])
def test_another_address_shuts_out_the_old_mailbox(hub: Hub, deed: Callable[[], None]) -> None:
    sam(hub)
    key = ask(hub, name="Sam", email=OLD)
    code = re.search(r"code (\d{3} \d{3})", letter(hub, OLD).text)[1]  # type: ignore[index]
    inside = come_in(hub, key)
    assert inside.get("/report").status_code == 200
    with hub.inside(), writing():
        deed()
    assert inside.get("/report").status_code == 404 and hub.be(None).get(f"/u/{key}").status_code == 404
    assert hub.be(None).post("/code", email=OLD, code=code).status_code in (404, 422)


@pytest.mark.parametrize("deed", [corrected, changed])
def test_what_was_mailed_to_the_old_address_is_ended_whatever_it_is_about(hub: Hub, deed: Callable[[], None]) -> None:
    sam(hub)
    ask(hub, name="Sam", email=OLD)
    with hub.inside(), writing():
        links.make(links.Purpose.SIGNING, known().id, OLD, now() + dt.timedelta(days=9), now())
        db.session.flush()
        deed()
    with hub.inside():
        assert [link.revoked_at is None for link in db.session.scalars(db.select(links.Link).where(links.Link.address == OLD))] == [False, False]


def test_an_unchanged_address_leaves_the_door_open(hub: Hub) -> None:
    sam(hub)
    inside = come_in(hub, ask(hub, name="Sam", email=OLD))
    with hub.inside(), writing():
        draft = PersonDraft("Sam Reed", OLD.upper(), agency_id=known().agency_id)
        people.change_person(known(), replace(draft, job_title="Manager"), known(CAST["administrator"]), now())
    assert inside.get("/report").status_code == 200


@pytest.mark.parametrize("how", ["one", "all"])
def test_asking_again_writes_to_the_present_address_and_knows_the_person(hub: Hub, how: str) -> None:
    sam(hub)
    ask(hub, name="Sam", email=OLD)
    with hub.inside(), writing():
        corrected()
    yesterday(hub)
    base = f"/contexts/{hub.context('school')}/updates"
    assert hub.be("lead").post(f"{base}/ask" + (f"/{agency_id(hub, 'Housing')}" if how == "one" else ""), page=base).status_code == 303
    user = come_in(hub, key_in(letter(hub, NEW)))
    with hub.inside():
        door = db.session.scalars(db.select(UpdateDoor).where(UpdateDoor.email == NEW, UpdateDoor.ended_at.is_(None))).one()
        assert door.person_id == known().id and db.session.scalars(db.select(UpdateDoor).where(UpdateDoor.email == OLD)).one().ended_at
        assert db.session.scalar(db.select(db.func.count()).select_from(Outgoing).where(Outgoing.to_address == OLD)) == 1
    with hub.inside(), writing():
        people.end_access(known(), known(CAST["administrator"]), now())
    assert user.get("/report").status_code == 404


def test_the_old_address_typed_anew_is_another_door(hub: Hub) -> None:
    sam(hub)
    ask(hub, name="Sam", email=OLD)
    with hub.inside(), writing():
        corrected()
    yesterday(hub)
    ask(hub, name="Whoever reads it", email=OLD)
    with hub.inside():
        doors = db.session.scalars(db.select(UpdateDoor).order_by(UpdateDoor.asked_at)).all()
        assert [(d.person_id, bool(d.ended_at)) for d in doors] == [(known().id, True), (None, False)]
