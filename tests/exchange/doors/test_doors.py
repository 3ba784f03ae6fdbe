"""An agency's contact reports without an account: only their own actions, only of one plan, and only while the door is open."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest

from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.kernel import now
from csc_hub.outbox.records import Outgoing
from csc_hub.people import links
from csc_hub.people.records import Agency, Person
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import service as plans
from csc_hub.process.plans.records import Action, Update
from tests.exchange.doors.conftest import agency_id, ask, come_in, key_in, letter
from tests.exchange.test_round_trip import housing as own_actions
from tests.hub import CAST, NAMES, Hub, User, words_of

FIELDS = {"evidence": "", "barrier": ""}


def events(hub: Hub, verb: str) -> list[Event]:
    with hub.inside():
        return list(db.session.scalars(db.select(Event).where(Event.verb == verb).order_by(Event.id)))


def test_one_press_writes_to_the_contact_and_the_mail_says_nothing_of_the_case(hub: Hub) -> None:
    ask(hub)
    mail = letter(hub, "contact@housing.example")
    assert (mail.subject, mail.to_name, mail.kind) == ("Please tell us how far you have got", "Joy Okafor", "report")
    for body in (mail.text, mail.html, mail.subject):
        assert not [word for word in ("Coastlands", "corridor", "CSC-20", "hedge", "young person is", "safeguarding conference") if word.lower() in body.lower()]
    said = words_of(hub.be("lead").get(f"/contexts/{hub.context('school')}/updates"))
    assert "Housing , 2 actions Asked" in said and "asked by Priya Nair" in said
    assert [(e.actor, str(e.subject)) for e in events(hub, "asked_for_updates")] == [(CAST["lead"], agency_id(hub, "Housing"))]


def test_looking_at_the_link_changes_nothing_and_continue_lets_in(hub: Hub) -> None:
    key, user = ask(hub), hub.be(None)
    for _ in range(2):
        page = user.get(f"/u/{key}")
        assert page.status_code == 200 and "Continue" in words_of(page) and "Coastlands" not in page.text and "Housing" not in page.text
    assert events(hub, "came_to_report") == [] and user.get("/report").status_code == 404
    page = words_of(come_in(hub, key).get("/report"))
    assert "What Housing agreed to do" in page and "2 actions to report on" in page
    assert [e.actor for e in events(hub, "came_to_report")] == ["Joy Okafor"]


def test_the_code_does_the_same_on_another_device(hub: Hub) -> None:
    ask(hub)
    code = re.search(r"code (\d{3} \d{3})", letter(hub, "contact@housing.example").text)[1]  # type: ignore[index]
    user = hub.be(None)
    assert user.post("/code", email="contact@housing.example", code="000 000").status_code in (200, 422)
    answer = user.post("/code", email="Contact@Housing.example", code=code)
    assert answer.status_code == 303 and answer.location == "/report"
    assert user.get("/report").status_code == 200 and user.get("/invitation").status_code == 404 and user.get("/sign").status_code == 404


def test_only_the_agencys_own_actions_of_that_plan_are_there(hub: Hub, housing: User) -> None:
    with hub.inside():
        own = {a.id for a in db.session.scalars(db.select(Action).where(Action.issued_agency_id == uuid.UUID(agency_id(hub, "Housing"))))}
        every = list(db.session.scalars(db.select(Action)))
        texts = {a.intervention for a in every if a.id not in own}
        others = [a.id for a in every if a.id not in own]
    page = housing.get("/report").text
    assert len(own) == 2 and all(f"/report/{some_id}" in page for some_id in own)
    assert not [text for text in texts if text in page] and not [some_id for some_id in others if str(some_id) in page]
    for some_id in (*others, uuid.uuid4()):
        assert housing.get(f"/report/{some_id}").status_code == 404
        assert housing.post(f"/report/{some_id}/nothing-to-report", page="/report").status_code == 404


def test_an_update_on_the_page_stands_under_their_name(hub: Hub, housing: User) -> None:
    _, actions = own_actions(hub)
    url = f"/report/{actions[7].id}"
    assert "Accepted" not in words_of(housing.get(url))
    assert housing.post(url, status="accepted", update="x", **FIELDS).status_code == 422
    answer = housing.post(url, status="reported_complete", update="Both hedges are cut", evidence="The path can be seen", barrier="")
    assert answer.status_code == 303 and answer.location.startswith("/report#action-")
    with hub.inside():
        update = db.session.scalars(db.select(Update).where(Update.action_id == actions[7].id).order_by(Update.at.desc())).first()
        assert (update.by_name, update.by_id, update.status, update.source) == ("Joy Okafor", None, "reported_complete", "page")
        assert db.session.scalars(db.select(UpdateDoor)).one().reported_at
    assert "Housing , 2 actions Reported" in words_of(hub.be("lead").get(f"/contexts/{hub.context('school')}/updates"))
    sent = words_of(housing.get("/report/sent"))
    assert "Action 7" in sent and "Status: Reported complete" in sent


def test_words_that_may_identify_somebody_are_asked_about(hub: Hub, housing: User) -> None:
    url = f"/report/{own_actions(hub)[1][7].id}"
    typed = {"status": "in_progress", "update": "Spoke to Child B", **FIELDS}
    shown = housing.post(url, **typed)
    assert shown.status_code == 422 and "<mark>Child B</mark>" in shown.text
    mark = re.search(r'name="marked" value="(\w+)"', shown.text)[1]  # type: ignore[index]
    assert housing.post(url, **typed, looked="y", marked=mark).status_code == 303


def test_nothing_to_report_on_one_and_on_all(hub: Hub, housing: User) -> None:
    _, actions = own_actions(hub)
    assert housing.post(f"/report/{actions[7].id}/nothing-to-report", page="/report").status_code == 303
    assert housing.post(f"/report/{actions[7].id}/nothing-to-report", page="/report").status_code == 303, "pressed twice"
    page = words_of(housing.get("/report/nothing-to-report"))
    waiting = int(re.search(r"Nothing to report on (\d+) open action", page)[1])  # type: ignore[index]
    assert housing.post("/report/nothing-to-report").status_code == 303
    assert "Everything that is open was reported on today" in words_of(housing.get("/report"))
    receipt = letter(hub, "contact@housing.example", "reported_here")
    assert f"Nothing new on {waiting} of your actions" in receipt.text and "Coastlands" not in receipt.text
    assert housing.get("/report/nothing-to-report").status_code == 303, "with nothing open there is nothing to ask"
    again = housing.post("/report/nothing-to-report", page="/report")
    assert again.status_code == 422 and "reported on today" in words_of(again)


def test_what_changed_since_last_time_is_marked(hub: Hub) -> None:
    key = ask(hub)
    first = come_in(hub, key)
    assert "Since you were here" not in words_of(first.get("/report"))
    action = own_actions(hub)[1][8]
    first.post(f"/report/{own_actions(hub)[1][7].id}/nothing-to-report", page="/report")  # what they said themselves is no news to them
    base = f"/contexts/{hub.context('school')}/plan/actions/{action.id}/update"
    assert hub.be("lead").post(base, status="in_progress", update="Said by phone", **FIELDS).status_code == 303
    page = words_of(come_in(hub, key).get("/report"))
    assert "1 action changed, marked below" in page and "Changed since you were here, by Priya Nair" in page
    assert "Changed since you were here" not in words_of(come_in(hub, key).get("/report"))


def test_closing_the_door_ends_it_for_whoever_is_inside(hub: Hub, housing: User) -> None:
    with hub.inside():
        door = db.session.scalars(db.select(UpdateDoor)).one()
    base = f"/contexts/{hub.context('school')}/updates"
    key = key_in(letter(hub, "contact@housing.example"))
    assert hub.be("coordinator").post(f"{base}/doors/{door.id}/close", page=base).status_code == 303
    assert housing.get("/report").status_code == 404 and housing.post(f"/report/{own_actions(hub)[1][7].id}", page="/report").status_code == 404
    closed = hub.be(None).get(f"/u/{key}")
    assert closed.status_code == 404 and "This link does not work" in words_of(closed)
    assert [e.actor for e in events(hub, "closed_door")] == [CAST["coordinator"]]
    assert hub.be("coordinator").post(f"{base}/doors/{door.id}/close", page=base).status_code == 422


def test_an_expired_link_opens_nothing_and_a_new_one_does(hub: Hub) -> None:
    key = ask(hub)
    user = come_in(hub, key)
    with hub.inside(), writing():
        db.session.execute(db.update(links.Link).where(links.Link.purpose == links.Purpose.UPDATES).values(until=now() - dt.timedelta(minutes=1)))
        db.session.execute(db.update(Outgoing).values(queued_at=now() - dt.timedelta(days=2)))
    assert hub.be(None).get(f"/u/{key}").status_code == 404 and user.get("/report").status_code == 404
    assert come_in(hub, ask(hub)).get("/report").status_code == 200
    assert letter(hub, "contact@housing.example").kind == "report_again"


def test_nobody_is_asked_twice_a_day_and_all_are_asked_by_one_press(hub: Hub) -> None:
    ask(hub)
    base = f"/contexts/{hub.context('school')}/updates"
    again = hub.be("lead").post(f"{base}/ask/{agency_id(hub, 'Housing')}", page=base)
    assert again.status_code == 422 and "was asked today" in words_of(again)
    assert hub.be("coordinator").post(f"{base}/ask", page=base).status_code == 303
    with hub.inside():
        asked = {row.to_address for row in db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "report"))}
        assert len(asked) == db.session.scalar(db.select(db.func.count(db.distinct(Action.issued_agency_id))).where(Action.context_id == uuid.UUID(hub.context("school"))))
    assert "Nobody is left to ask" in words_of(hub.be("lead").post(f"{base}/ask", page=base, follow=True))


def test_somebody_else_takes_the_door_over(hub: Hub, housing: User) -> None:
    key = ask(hub, name="Robin Lake", email="robin@housing.example")
    assert housing.get("/report").status_code == 404, "whoever was asked before is shut out"
    robin = come_in(hub, key)
    robin.post(f"/report/{own_actions(hub)[1][7].id}/nothing-to-report", page="/report")
    with hub.inside():
        assert db.session.scalars(db.select(Update).order_by(Update.at.desc())).first().by_name == "Robin Lake"
    where = f"/contexts/{hub.context('school')}/updates/ask/{agency_id(hub, 'Housing')}/somebody"
    wrong = hub.be("lead").post(where, name="Tom Ward", email="tom.ward@anyshire.example")
    assert wrong.status_code == 422 and "not with Housing" in words_of(wrong)


def test_a_person_the_hub_knows_is_themselves_and_out_once_stopped(hub: Hub) -> None:
    user = come_in(hub, ask(hub, name="Joy", email="joy.okafor@anyshire.example"))
    user.post(f"/report/{own_actions(hub)[1][7].id}/nothing-to-report", page="/report")
    with hub.inside(), writing():
        joy = db.session.scalar(db.select(Person).where(Person.name == "Joy Okafor"))
        assert db.session.scalars(db.select(Update).order_by(Update.at.desc())).first().by_id == joy.id
        joy.active = False
    assert user.get("/report").status_code == 404


@pytest.mark.parametrize("how", ["plan over", "agency stopped", "actions gone"])
def test_what_can_end_by_itself_is_asked_at_every_request(hub: Hub, housing: User, how: str) -> None:
    with hub.inside(), writing():
        if how == "plan over":
            db.session.get(Context, uuid.UUID(hub.context("school"))).state = "withdrawn"
        elif how == "agency stopped":
            db.session.scalar(db.select(Agency).where(Agency.name == "Housing")).active = False
        else:
            other = db.session.scalar(db.select(Agency.id).where(Agency.name == "Anyshire Police"))
            db.session.execute(db.update(Action).values(issued_agency_id=other))
    answer = housing.get("/report")
    if how == "agency stopped":
        assert answer.status_code == 404
        return
    assert answer.status_code == 303 and answer.location == "/report/before"
    page = words_of(housing.get("/report/before"))
    assert "Nothing left to report" in page and ("no longer in progress" in page) == (how == "plan over")
    assert housing.post("/report/nothing-to-report", page="/report/before").location == "/report/before"


def test_an_agency_that_has_not_signed_signs_first_and_then_reports(hub: Hub) -> None:
    user = come_in(hub, ask(hub, "Harbour Youth Project"))
    assert user.get("/report").location == "/report/before"
    page = words_of(user.get("/report/before"))
    assert "First, the information sharing agreement" in page and "Coastlands" not in page
    assert user.post("/report/upload", page="/report/before").location == "/report/before"
    assert user.post("/report/before").location == "/sign"
    text = user.get("/sign").text
    user.post("/sign", seen=re.search(r'name="seen" value="(\w+)"', text)[1])  # type: ignore[index]
    user.post("/sign/about", name="Leanne Foss", job_title="Manager", authority="sign", covers="everybody")
    assert user.post("/sign/name", typed_name="Leanne Foss").location == "/sign/done"
    with user.client.session_transaction() as held:
        held["invited"] = "an invitation that the same browser opened before"
    assert "Back to your actions" in words_of(user.get("/sign/done"))
    assert "What Harbour Youth Project agreed to do" in words_of(user.get("/report"))


def test_cover_that_ends_while_somebody_is_inside_shuts_the_door(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    with hub.inside(), writing():
        db.session.scalar(db.select(Agency).where(Agency.name == "Housing")).statutory = False
    assert user.get("/report").location == "/report/before"
    _, actions = own_actions(hub)
    assert user.post(f"/report/{actions[7].id}/nothing-to-report", page="/report/before").location == "/report/before"
    assert user.get("/report/workbook").location == "/report/before"


def test_nobody_is_asked_before_the_plan_is_issued_or_for_an_agency_without_actions(hub: Hub) -> None:
    lead = hub.be("lead")
    base = f"/contexts/{hub.context('interchange')}/updates"
    assert lead.post(f"{base}/ask", page=base).status_code == 422
    base = f"/contexts/{hub.context('school')}/updates"
    assert lead.post(f"{base}/ask/{agency_id(hub, 'Youth Justice Service')}", page=base).status_code == 404
    assert hub.be("reader").post(f"{base}/ask", page=base).status_code == 403
    with hub.inside(), writing():
        db.session.scalar(db.select(Agency).where(Agency.name == "Housing")).contact_email = ""
    answer = lead.post(f"{base}/ask/{agency_id(hub, 'Housing')}", page=base)
    assert answer.status_code == 422 and "Somebody else" in words_of(answer)


def test_a_plan_issued_again_is_said(hub: Hub) -> None:
    key = ask(hub)
    come_in(hub, key)
    with hub.inside(), writing():
        context = db.session.scalar(db.select(Context).where(Context.name == NAMES["school"]))
        plan = plans.begun(context)
        plan.changed_since = True
        plans.issue(context, context.lead, now())
    assert "the plan was issued again" in words_of(come_in(hub, key).get("/report"))


def test_a_mail_that_did_not_arrive_is_said_with_the_servers_words(hub: Hub) -> None:
    ask(hub)
    with hub.inside(), writing():
        db.session.execute(db.update(Outgoing).values(state="bounced", said="550 no such user"))
    said = words_of(hub.be("lead").get(f"/contexts/{hub.context('school')}/updates"))
    assert "Mail did not arrive" in said and "550 no such user" in said
