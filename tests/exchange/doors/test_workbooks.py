"""An agency's contact gets the workbook at the door, sends it back there, settles and undoes it, and keeps a receipt. On both databases."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from csc_hub import create_app
from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.exchange.doors import service
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.exchange.records import Batch, Export, Held
from csc_hub.kernel import now
from csc_hub.outbox.records import Outgoing
from csc_hub.people.records import Agency, Failure
from csc_hub.process.plans.records import Action
from tests.exchange.doors.conftest import agency_id, ask, come_in, letter
from tests.exchange.test_round_trip import housing as own_actions
from tests.exchange.test_round_trip import put, saved
from tests.exchange.test_three_ways import by_phone
from tests.hub import Hub, User, copy, settings, words_of
from tests.parts import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, built: Path, tmp_path: Path) -> Iterator[Hub]:
    """A demonstration on each database."""
    if request.param == "sqlite":
        yield copy(built, tmp_path / "hub")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    (tmp_path / "data").mkdir()
    made = Hub(create_app(settings(tmp_path / "data", database_url=server.new_database()))).build()
    yield made
    with made.inside():
        db.session.remove()
        db.engine.dispose()


def book_of(user: User) -> openpyxl.Workbook:
    answer = user.get("/report/workbook")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def send(user: User, content: bytes, name: str = "back.xlsx") -> str:
    answer = user.post("/report/upload", file=(io.BytesIO(content), name))
    assert answer.status_code == 303, words_of(answer)
    return answer.location


def test_out_filled_in_back_and_applied_with_a_receipt_by_page_and_mail(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    with hub.inside():
        assert str(db.session.scalars(db.select(Export.agency_id).where(Export.by == "Joy Okafor")).one()) == agency_id(hub, "Housing")
    put(book, 2, status="Reported complete", update="Hedges cut", evidence="Nobody was asked to leave")
    put(book, 3, status="Sort of done")
    file = saved(book)
    url = send(user, file)
    assert url.startswith("/report/workbooks/")
    page = words_of(user.get(url))
    assert "1 action will change: 3 cells" in page and "Sort of done" in page and own_actions(hub)[1][7].status != "reported_complete"
    assert user.post(url).location == url
    assert own_actions(hub)[1][7].update == "Hedges cut"
    with hub.inside():
        batch = db.session.scalars(db.select(Batch).where(Batch.sent_by == "Joy Okafor")).one()
        verbs = [e.verb for e in db.session.scalars(db.select(Event).where(Event.actor == "Joy Okafor", Event.actor_id.is_(None)).order_by(Event.id))]
    assert verbs[:3] == ["came_to_report", "exported_updates", "uploaded_updates"] and "applied_updates" in verbs
    sent = words_of(user.get("/report/sent"))
    assert batch.sha256 in sent and "3 cells of 1 action" in sent and "1 cell: somebody looks at it by" in sent
    receipt = letter(hub, "contact@housing.example", "reported")
    assert batch.sha256 in receipt.text and "3 cells of 1 action" in receipt.text and "1 cell: somebody looks at it by" in receipt.text
    assert not [word for word in ("back.xlsx", "CSC-20", "Coastlands", "Hedges") if word in receipt.text + receipt.html + receipt.subject]
    again = words_of(user.get(send(user, file)))
    assert "The same file was applied" in again


def test_both_changed_is_a_question_and_what_is_held_is_settled_here(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    by_phone(hub, hub.context("school"), own_actions(hub)[1][7], update="Said by phone")
    put(book, 2, update="Hedges cut")
    url = send(user, saved(book))
    page = words_of(user.get(url))
    assert "Your workbook back.xlsx waits" in words_of(user.get("/report"))
    assert re.search(r"You both changed this.*Keep what is here now: Said by phone \(Priya Nair, .*Take the workbook’s: Hedges cut", page)
    user.post(url)
    assert "1 cell of back.xlsx is held" in words_of(user.get("/report"))
    with hub.inside():
        held = db.session.scalars(db.select(Held).where(Held.settled_at.is_(None))).one()
    assert "1 cell to settle" in words_of(hub.be("lead").get(f"/contexts/{hub.context('school')}/updates"))
    answer = user.post(f"{url}/held/{held.id}", page=url, way="theirs", stands="Said by phone")
    assert answer.status_code == 303 and answer.location == f"{url}#held"
    assert own_actions(hub)[1][7].update == "Hedges cut"
    assert user.post(f"{url}/undo").location == url
    assert own_actions(hub)[1][7].update == "Said by phone"


def test_a_workbook_with_faults_goes_back_and_can_be_set_aside(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    put(book, 2, status="Sort of done", update="Hedges cut")
    url = send(user, saved(book))
    back = openpyxl.load_workbook(io.BytesIO(user.get(f"{url}/faults").data))
    assert "To mend" in back.sheetnames
    assert user.post(f"{url}/set-aside", page=url).location == "/report"
    assert own_actions(hub)[1][7].update != "Hedges cut"


def test_a_workbook_that_says_nothing_new_gets_a_receipt_too(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    page = words_of(user.get(send(user, saved(book_of(user)))))
    assert "nothing to apply" in page and "See all workbooks" in page
    assert "Nothing: the workbook says nothing new" in letter(hub, "contact@housing.example", "reported").text


def test_workbooks_of_another_agency_or_plan_are_not_there(hub: Hub) -> None:
    lead, context = hub.be("lead"), hub.context("school")
    police = come_in(hub, ask(hub, "Anyshire Police"))
    book = book_of(police)
    put(book, 2, update="Walked the route")
    theirs = send(police, saved(book))
    user = come_in(hub, ask(hub))
    for url in (theirs, f"{theirs}/undo", f"{theirs}/faults"):
        assert user.get(url).status_code == 404
    for url in (theirs, f"{theirs}/set-aside", f"{theirs}/undo"):
        assert user.post(url, page="/report").status_code == 404
    with hub.inside():
        police_words = {a.intervention for a in db.session.scalars(db.select(Action).where(Action.agency.has(name="Anyshire Police")))}
    wrong = user.post("/report/upload", file=(io.BytesIO(saved(book)), "police.xlsx"))
    assert wrong.status_code == 422 and not [text for text in police_words if text in wrong.text]
    assert lead.get(f"/contexts/{context}/updates").status_code == 200


def test_bad_files_are_refused_in_a_sentence_counted_and_stopped(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AN_HOUR", 3)
    user = come_in(hub, ask(hub))
    with hub.inside(), writing():
        db.session.execute(db.delete(Failure))
    for _ in range(3):
        bad = user.post("/report/upload", file=(io.BytesIO(b"not a workbook"), "a.xlsx"))
        assert bad.status_code == 422 and "a.xlsx" not in words_of(bad)
    flood = user.post("/report/upload", file=(io.BytesIO(b"not a workbook"), "a.xlsx"))
    assert flood.status_code == 422 and "files in an hour" in words_of(flood)
    assert user.post("/report/upload").status_code == 422
    with hub.inside():
        assert [e.actor for e in db.session.scalars(db.select(Event).where(Event.verb == "refused_file"))] == ["Joy Okafor"] * 3
        assert db.session.scalars(db.select(UpdateDoor)).one().reported_at is None
        assert db.session.scalar(db.select(db.func.count()).select_from(Outgoing).where(Outgoing.kind == "reported")) == 0


def test_an_upload_reports_complete_and_never_accepts(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    put(book, 2, status="Accepted", update="Hedges cut")
    url = send(user, saved(book))
    user.post(url)
    action = own_actions(hub)[1][7]
    assert action.update == "Hedges cut" and action.status in ("not_started", "in_progress")


def test_the_same_file_while_it_waits_is_the_same_workbook(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    put(book, 2, update="Hedges cut")
    file = saved(book)
    assert send(user, file) == send(user, file)
    assert "has been sent already" in words_of(user.get("/report"))


def test_an_action_that_is_another_agencys_now_is_neither_shown_nor_wound_back(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    by_phone(hub, hub.context("school"), own_actions(hub)[1][7], evidence="Said by phone")
    put(book, 2, update="Hedges cut", evidence="Cut and swept")
    url = send(user, saved(book))
    user.post(url)
    assert "Here now: Said by phone" in words_of(user.get(url))
    with hub.inside(), writing():
        action = db.session.get(Action, own_actions(hub)[1][7].id)
        action.issued_agency_id = action.agency_id = db.session.scalar(db.select(Agency.id).where(Agency.name.like("%Police%")))
        action.intervention = "Words of a draft"
        action.evidence, action.issued_facts = "Words of the police", {**action.issued_facts, "intervention": "Words for the police"}
    page = words_of(user.get(url))
    assert "Words of" not in page and "Words for" not in page and "no longer this agency’s" in page
    undo = words_of(user.get(f"{url}/undo"))
    assert "Kept : the action is no longer this agency’s" in undo
    user.post(f"{url}/undo")
    with hub.inside():
        action = db.session.get(Action, action.id)
        assert (action.update, action.evidence) == ("Hedges cut", "Words of the police")


def test_of_two_columns_for_one_thing_the_agency_chooses_without_an_account(hub: Hub, housing: User) -> None:
    text = b"Ref,Status,Update,Comments\r\n/07,In progress,One hedge is left,Both hedges are cut\r\n"
    url = housing.post("/report/upload", page="/report/upload", file=(io.BytesIO(text), "two.csv")).location
    page = words_of(housing.get(url))
    assert "Which column is meant?" in page and "One hedge is left" in page
    assert housing.post(url).status_code == 422
    assert housing.post(url, update="4").status_code == 303
    assert "Both hedges are cut" in words_of(housing.get(url)) and "One hedge is left" not in words_of(housing.get(url))


def test_whoever_has_a_workbook_waiting_is_not_asked_again(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    book = book_of(user)
    put(book, 2, update="Hedges cut")
    url = send(user, saved(book))
    lead, base, before = hub.be("lead"), f"/contexts/{hub.context('school')}/updates", dt.timedelta(days=2)
    with hub.inside(), writing():
        db.session.execute(db.update(Outgoing).values(queued_at=now() - before))
        db.session.execute(db.update(UpdateDoor).values(asked_at=now() - before))

    def asked() -> int:
        lead.post(f"{base}/ask", page=base)
        with hub.inside():
            return len(list(db.session.scalars(db.select(Outgoing.id).where(Outgoing.to_address == "contact@housing.example", Outgoing.kind.in_(["report", "report_again"])))))

    assert "Housing , 2 actions Workbook waits" in words_of(lead.get(base)) and asked() == 1
    assert user.post(f"{url}/set-aside", page=url).status_code == 303
    assert "Housing , 2 actions Workbook waits" not in words_of(lead.get(base)) and asked() == 2
