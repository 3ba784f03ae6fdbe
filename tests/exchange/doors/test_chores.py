"""The hub reminds whoever was asked to report until something comes, one mail a person a day, and gathers receipts."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db, writing
from csc_hub.exchange.doors import chores
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.kernel import is_working_day, now, today
from csc_hub.outbox.records import Outgoing, Sending
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plan_records
from csc_hub.process.plans import service as plans
from csc_hub.process.plans.statuses import Status
from tests.exchange.doors.conftest import ask, come_in, key_in, letter
from tests.exchange.doors.test_addresses import OLD, corrected, sam
from tests.exchange.doors.test_doors import events
from tests.exchange.test_round_trip import housing as own_actions
from tests.exchange.test_round_trip import put, upload, workbook
from tests.hub import Hub, words_of

ADDRESS = "contact@housing.example"
STAY = {f"{name}-{part}": "" for name in ("proposed_date", "completed_on") for part in ("day", "month", "year")} | {"evidence": "", "barrier": ""}


def days() -> Any:
    """The working days after today, each at nine."""
    every = (now().replace(hour=9) + dt.timedelta(days=n) for n in itertools.count(1))
    return (day for day in every if is_working_day(today(day), bank_holidays()))


def kinds(hub: Hub) -> list[str]:
    with hub.inside():
        return list(db.session.scalars(db.select(Outgoing.kind).where(Outgoing.to_address == ADDRESS).order_by(Outgoing.queued_at)))


def later(hub: Hub, number: int) -> list[str]:
    """The worker runs once each working day; what Housing's contact was written after each."""
    found = []
    for day in itertools.islice(days(), number):
        with hub.inside():
            chores.run(day)
        found.append(" ".join(kinds(hub)))
    return found


def test_whoever_does_not_answer_is_reminded_twice_and_no_more(hub: Hub) -> None:
    ask(hub)
    one, two = "report report_again", "report report_again report_again"
    assert later(hub, 13) == ["report"] * 4 + [one] * 5 + [two] * 4
    reminder = letter(hub, ADDRESS, "report_again")
    assert "This is a reminder" in reminder.text and "Coastlands" not in reminder.text + reminder.html and "CSC-20" not in reminder.text
    assert come_in(hub, key_in(reminder)).get("/report").status_code == 200
    assert [e.actor for e in events(hub, "reminded_to_report")] == ["The hub itself"] * 2
    page = words_of(hub.be("lead").get(f"/contexts/{hub.context('school')}/updates"))
    assert "Reminded" in page and "after 5 and again after 10 working days (local default)" in page


def test_any_answer_ends_the_reminders(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    assert user.post(f"/report/{own_actions(hub)[1][7].id}/nothing-to-report", page="/report").status_code == 303
    assert "report_again" not in later(hub, 11)[-1]


def test_an_answer_by_telephone_ends_the_reminders_too(hub: Hub) -> None:
    ask(hub)
    base = f"/contexts/{hub.context('school')}/plan/actions/{own_actions(hub)[1][7].id}/update"
    assert hub.be("lead").post(base, status="in_progress", update="Said by phone", **STAY).status_code == 303
    assert "report_again" not in later(hub, 6)[-1]


def test_a_door_that_opens_nothing_and_a_mail_that_did_not_arrive_are_not_chased(hub: Hub) -> None:
    ask(hub)
    with hub.inside(), writing():
        db.session.execute(db.update(Outgoing).values(state=Sending.BOUNCED))
    assert later(hub, 6)[-1] == "report"
    school = uuid.UUID(hub.context("school"))
    with hub.inside(), writing():
        db.session.execute(db.update(Outgoing).values(state=Sending.SENT))
        db.session.execute(db.update(Context).where(Context.id == school).values(state="withdrawn"))
    assert later(hub, 6)[-1] == "report"


def test_somebody_asked_by_two_doors_gets_one_reminder_a_day(hub: Hub) -> None:
    ask(hub)
    with hub.inside(), writing():
        first = db.session.scalars(db.select(UpdateDoor)).one()
        other = next(agency for agency, _ in plan_records.agencies_in(first.context_id) if agency.id != first.agency_id)
        second = UpdateDoor(context_id=first.context_id, agency_id=other.id, agency=other, name=first.name, email=ADDRESS, asked_by="Priya Nair", asked_at=first.asked_at)
        db.session.add(second)
        db.session.flush()
        asked = db.session.scalars(db.select(Outgoing)).one()
        db.session.add(Outgoing(**{name: getattr(asked, name) for name in Outgoing.__table__.columns.keys() if name not in ("id", "about", "message_id")}, id=uuid.uuid4(), message_id="<x@y>", about=second.id))
    said = later(hub, 6)
    assert [words.count("report_again") for words in said] == [0, 0, 0, 0, 1, 2]


def test_the_first_thing_said_on_the_page_has_a_receipt_at_once_and_the_rest_are_gathered(hub: Hub) -> None:
    user, actions = come_in(hub, ask(hub)), own_actions(hub)[1]
    assert user.post(f"/report/{actions[7].id}", status=Status.IN_PROGRESS, update="The first hedge is cut", **STAY).status_code == 303
    receipt = letter(hub, ADDRESS, "reported_here")
    assert "An update of 1 of your actions" in receipt.text and "This is your receipt" in receipt.text
    assert not [word for word in ("hedge", "Coastlands", "CSC-20") if word in receipt.text + receipt.html + receipt.subject]
    assert user.post(f"/report/{actions[8].id}/nothing-to-report", page="/report").status_code == 303
    assert kinds(hub).count("reported_here") == 1
    for minutes, receipts in ((5, 1), (16, 2), (40, 2)):
        with hub.inside():
            chores.run(now() + dt.timedelta(minutes=minutes))
        assert kinds(hub).count("reported_here") == receipts, minutes
    with hub.inside():
        newest = db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "reported_here").order_by(Outgoing.queued_at.desc())).first()
    assert "Nothing new on 1 of your actions" in newest.text and "An update" not in newest.text
    assert plans.NOTHING not in newest.text


def test_no_receipt_goes_to_an_address_that_was_corrected_meanwhile(hub: Hub) -> None:
    sam(hub)
    user = come_in(hub, ask(hub, name="Sam Reed", email=OLD))
    for action in list(own_actions(hub)[1].values())[:2]:
        assert user.post(f"/report/{action.id}/nothing-to-report", page="/report").status_code == 303
    with hub.inside():
        before = list(db.session.scalars(db.select(Outgoing.to_address).where(Outgoing.kind == "reported_here")))
        with writing():
            corrected()
        chores.run(now() + dt.timedelta(minutes=20))
        assert list(db.session.scalars(db.select(Outgoing.to_address).where(Outgoing.kind == "reported_here"))) == before


@pytest.mark.parametrize(("way", "reminded"), [("waits", False), ("set-aside", True)])
def test_a_workbook_that_waits_ends_the_reminders_and_one_set_aside_does_not(hub: Hub, way: str, reminded: bool) -> None:
    user, context = hub.be("lead"), hub.context("school")
    if way == "set-aside":
        ask(hub)
    book = workbook(hub, user, context)
    put(book, 2, update="Both hedges are cut")
    page = upload(user, context, book, own_actions(hub)[0]).location
    if way == "waits":
        ask(hub)
    else:
        assert user.post(f"{page}/set-aside", page=page).status_code == 303
    assert ("report_again" in later(hub, 6)[-1]) is reminded
