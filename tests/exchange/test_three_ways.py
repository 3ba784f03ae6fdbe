"""An agency's workbook comes back after both sides worked on: merged, held, settled, undone, and never taken twice."""

import datetime as dt
import io
import re
import threading
import uuid

import openpyxl
import pytest
from sqlalchemy import select

from csc_hub.db import db, writing
from csc_hub.exchange import manifest
from csc_hub.exchange.records import Batch, Export, Held
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans.records import Action, Update
from tests.exchange.test_round_trip import housing, put, saved, upload, workbook
from tests.hub import Hub, User, words_of


def by_phone(hub: Hub, context: str, action: Action, **said: str) -> None:
    """The lead practitioner writes down what the agency said by phone."""
    fields = {"status": action.status, "update": action.update, "evidence": action.evidence, "barrier": action.barrier} | said
    answer = hub.be("lead").post(f"/contexts/{context}/plan/actions/{action.id}/update", **fields)
    assert answer.status_code == 303, words_of(answer)


def sent(hub: Hub, user: User, book: openpyxl.Workbook | bytes) -> str:
    return upload(user, hub.context("school"), book, housing(hub)[0]).location


def facts(hub: Hub) -> dict[int, dict[str, object]]:
    return {number: action.facts | {"due_on": action.due_on} for number, action in housing(hub)[1].items()}


def both_worked(hub: Hub, user: User) -> str:
    """A workbook in which one cell was changed on both sides, and two in the workbook alone."""
    context = hub.context("school")
    book = workbook(hub, user, context)
    by_phone(hub, context, housing(hub)[1][7], update="Said by phone")
    put(book, 2, status="Reported complete", update="Hedges cut")
    put(book, 3, evidence="The panel is there")
    return sent(hub, user, book)


def test_each_cell_is_merged_and_a_clash_stands_side_by_side_with_who_and_when(hub: Hub) -> None:
    user, was = hub.be("coordinator"), housing(hub)[1][7].update
    url = both_worked(hub, user)
    page = words_of(user.get(url))
    assert "2 actions will change: 2 cells" in page and "1 cell changed here too since the workbook was made" in page
    assert re.search(rf"You both changed this.*Sent out as: {re.escape(' '.join(was.split()))} Keep what is here now: Said by phone \(Priya Nair, .*Take the workbook’s: Hedges cut", page), page
    assert "Matched by its reference, with which the hub sent it out" in page
    user.post(url)
    held = words_of(user.get(url)).partition("What was held")[2]
    assert re.search(rf"Sent out as: {re.escape(' '.join(was.split()))} Here now: Said by phone \(Priya Nair, .*In the workbook: Hedges cut", held), held


def test_the_agency_that_sent_it_settles_what_was_held(hub: Hub) -> None:
    user, context = hub.be("agency contact"), hub.context("school")
    book = openpyxl.load_workbook(io.BytesIO(user.get(f"/our-actions/workbook/{context}").data))
    by_phone(hub, context, housing(hub)[1][7], update="Said by phone")
    put(book, 2, update="Hedges cut")
    url = user.post(f"/our-actions/upload/{context}", file=(io.BytesIO(saved(book)), "b.xlsx")).location
    user.post(url)
    assert facts(hub)[7]["update"] == "Said by phone"
    with hub.inside():
        held = db.session.scalars(select(Held)).one().id
    stranger = hub.be("other agency").post(f"{url}/held/{held}", page="/our-actions", way="theirs", stands="Said by phone")
    assert stranger.status_code == 404 and facts(hub)[7]["update"] == "Said by phone"
    assert user.post(f"{url}/held/{held}", page=url, way="theirs", stands="Said by phone").status_code == 303
    assert facts(hub)[7]["update"] == "Hedges cut" and "Everything is settled" in words_of(user.get(url))


@pytest.mark.parametrize(("way", "update", "held"), [("theirs", "Hedges cut", 0), ("ours", "Said by phone", 0), (None, "Said by phone", 1)])
def test_a_clash_is_decided_by_a_choice_and_held_without_one(hub: Hub, way: str | None, update: str, held: int) -> None:
    user = hub.be("coordinator")
    url = both_worked(hub, user)
    assert user.post(url, **({"cell-2-update": way} if way else {})).status_code == 303
    after = facts(hub)
    assert (after[7]["status"], after[7]["update"], after[8]["evidence"]) == ("reported_complete", update, "The panel is there")
    with hub.inside():
        assert db.session.scalar(select(db.func.count()).select_from(Held).where(Held.settled_at.is_(None))) == held


def test_what_was_kept_is_not_asked_about_again_in_another_copy_until_the_workbook_is_undone(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    by_phone(hub, context, housing(hub)[1][7], update="Said by phone")
    put(book, 2, update="Hedges cut")
    put(book, 3, evidence="The panel is there")
    url = sent(hub, user, saved(book))
    assert user.post(url, **{"cell-2-update": "ours"}).status_code == 303
    assert "Left as it was by Grace Mensah" in words_of(user.get(url))
    put(book, 3, barrier="The maker is late")
    again = words_of(user.get(copy := sent(hub, user, saved(book))))
    assert "1 action will change: 1 cell" in again and "You both changed this" not in again
    assert "Row 2, action 7, update: kept by Grace Mensah" in again
    assert user.post(copy).status_code == 303
    for one in (copy, url):
        assert user.post(f"{one}/undo", page=f"{one}/undo").status_code == 303
    asked = words_of(user.get(sent(hub, user, saved(book))))
    assert "1 cell changed here too since the workbook was made" in asked and "kept by" not in asked


@pytest.mark.parametrize(("way", "update", "outcome"), [("theirs", "Hedges cut", "taken"), ("ours", "Said by phone", "left")])
def test_what_is_held_waits_for_the_lead_practitioner_and_is_settled_on_the_page(hub: Hub, way: str, update: str, outcome: str) -> None:
    user = hub.be("coordinator")
    url = both_worked(hub, user)
    user.post(url)
    lead = hub.be("lead")
    assert re.search(r"Housing’s workbook has 1 cell to look at", words_of(lead.get("/contexts"))), words_of(lead.get("/contexts"))
    assert "1 cell to settle, Priya Nair’s move" in words_of(lead.get(url))
    with hub.inside():
        held = db.session.scalars(select(Held)).one().id
    stale = lead.post(f"{url}/held/{held}", page=url, way="theirs", stands="Something else")
    assert stale.status_code == 422 and "Somebody changed this since you looked" in words_of(stale)
    assert lead.post(f"{url}/held/{held}", page=url, way=way, stands="Said by phone").status_code == 303
    assert facts(hub)[7]["update"] == update
    with hub.inside():
        assert db.session.get_one(Held, held).outcome == outcome
    again = lead.post(f"{url}/held/{held}", page=url, way="theirs", stands=update)
    assert again.status_code == 422 and "settled already, by Priya Nair" in words_of(again)
    assert "to look at" not in words_of(lead.get("/contexts"))


def test_a_date_that_the_workbook_gives_is_not_replaced_by_the_day_on_which_the_rest_is_settled(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    by_phone(hub, context, housing(hub)[1][7], update="Said by phone")
    put(book, 2, status="Reported complete", update="Hedges cut", date_of_update=dt.date(2026, 11, 3))
    url = sent(hub, user, book)
    user.post(url)
    with hub.inside():
        held = {one.field: one.id for one in db.session.scalars(select(Held))}
    assert set(held) == {"update", "updated_on"}
    for field, stands in (("updated_on", str(facts(hub)[7]["updated_on"])), ("update", "Said by phone")):
        assert user.post(f"{url}/held/{held[field]}", page=url, way="theirs", stands=stands).status_code == 303
    assert (facts(hub)[7]["update"], facts(hub)[7]["updated_on"]) == ("Hedges cut", dt.date(2026, 11, 3))


def test_a_mended_workbook_finishes_what_was_left(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    put(book, 2, status="Sort of done", update="Hedges cut")
    url = sent(hub, user, book)
    user.post(url)
    assert "Leave it out" in words_of(user.get(url)) and facts(hub)[7]["update"] == "Hedges cut"
    put(book, 2, status="Reported complete")
    mended = sent(hub, user, book)
    assert "1 action will change: 1 cell" in words_of(user.get(mended))
    user.post(mended)
    assert facts(hub)[7]["status"] == "reported_complete" and "Settled by a later workbook by Grace Mensah" in words_of(user.get(url))


def test_undoing_puts_back_every_cell_but_those_changed_since_and_says_which(hub: Hub) -> None:
    user, context, before = hub.be("coordinator"), hub.context("school"), facts(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete", update="Hedges cut", date_completed=None)
    put(book, 3, evidence="The panel is there")
    url = sent(hub, user, book)
    user.post(url)
    assert facts(hub) != before
    by_phone(hub, context, housing(hub)[1][7], update="Not quite: one hedge is left")
    page = words_of(user.get(f"{url}/undo"))
    assert "Action 7, update" in page and "Kept : changed since by Priya Nair" in page and "Action 8, evidence (what changed?)" in page, page
    assert user.post(f"{url}/undo").status_code == 303
    after = facts(hub)
    assert after[8] == before[8] and after[7]["status"] == before[7]["status"] and after[7]["update"] == "Not quite: one hedge is left"
    assert "This workbook was undone" in words_of(user.get(url)) and "kept: changed since by Priya Nair" in words_of(user.get(url))
    twice = user.post(f"{url}/undo", page=url)
    assert twice.status_code == 422 and "undone already" in words_of(twice)
    with hub.inside():
        assert {u.source for u in db.session.scalars(select(Update))} >= {"workbook", "undo"}


def test_apply_then_undo_is_as_if_nothing_had_been(hub: Hub) -> None:
    user, before = hub.be("coordinator"), facts(hub)
    book = workbook(hub, user, hub.context("school"))
    put(book, 2, status="Reported complete", update="Hedges cut", evidence="Seen", barrier="None left", date_completed=None)
    put(book, 3, status="Not undertaken", update="No money", barrier="No money")
    url = sent(hub, user, book)
    user.post(url)
    user.post(f"{url}/undo")
    assert facts(hub) == before
    again = sent(hub, user, saved(book))
    assert "2 actions will change" in words_of(user.get(again))  # after undoing, the same file may be used again


def test_the_same_file_twice_at_once_is_kept_once_and_applied_once(hub: Hub) -> None:
    user = hub.be("coordinator")
    book = workbook(hub, user, hub.context("school"))
    put(book, 2, status="Reported complete")
    content = saved(book)
    found: list[str] = []
    people = [hub.be("coordinator") for _ in range(4)]
    run([lambda one=one: found.append(sent(hub, one, content)) for one in people])
    assert len(set(found)) == 1 and len(found) == 4
    token = re.search(r'name="seen" value="(\w+)"', user.get(found[0]).text)
    assert token
    codes: list[int] = []
    run([lambda one=one: codes.append(one.post(found[0], seen=token[1]).status_code) for one in people])
    assert sorted(codes)[0] == 303 and set(codes[:]) <= {303, 409, 422} and codes.count(303) == 1
    with hub.inside():
        assert db.session.scalar(select(db.func.count()).select_from(Update).where(Update.source == "workbook")) == 1
        assert len(db.session.scalars(select(Batch)).all()) == 1


def test_two_agencies_apply_at_once_and_both_are_kept(hub: Hub) -> None:
    context, users = hub.context("school"), [hub.be("coordinator"), hub.be("lead")]
    urls, agencies = [], {}
    with hub.inside():
        for action in db.session.scalars(select(Action).where(Action.context_id == uuid.UUID(context), Action.issued_in.is_not(None))):
            agencies[action.agency.name] = str(action.agency_id)
    names = ["Housing", next(name for name in agencies if name != "Housing")]
    for user, name in zip(users, names):
        book = workbook(hub, user, context, name)
        put(book, 2, update=f"From {name}")
        urls.append(upload(user, context, book, agencies[name]).location)
    codes: list[int] = []
    run([lambda user=user, url=url: codes.append(user.post(url).status_code) for user, url in zip(users, urls)])
    assert codes == [303, 303]
    with hub.inside():
        assert {a.update for a in db.session.scalars(select(Action))} >= {f"From {name}" for name in names}


def run(deeds: list) -> None:  # type: ignore[type-arg]
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_manifest_is_very_hidden_numbered_and_never_counted_as_hidden_content(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    assert book[manifest.SHEET].sheet_state == "veryHidden"
    with hub.inside():
        export = db.session.scalars(select(Export).order_by(Export.number.desc())).first()
        assert export and any(row[0] == "Workbook number" and row[1] == f"{export.number} of CSC-2026-001" for row in book["Guide"].iter_rows(values_only=True))
    for state in ("veryHidden", "hidden", "visible"):
        own = book.worksheets[2]
        own.sheet_state, own.title = state, f"Was {state}"  # whatever the sheet is called
        put(book, 2, update=f"Sent {state}")
        page = words_of(user.get(sent(hub, user, book)))
        assert "hidden content" not in page and "1 action will change: 1 cell" in page and "Other sheets" not in page, page


@pytest.mark.parametrize(("spoil", "said", "how"), [
    (lambda book: book.remove(book["CSC Hub"]), "By the number in its guide it is compared with workbook", "1 cell"),
    (lambda book: (book.remove(book["CSC Hub"]), book.remove(book["Guide"])), "The hub cannot tell which of its workbooks this was", "asked"),
    (lambda book: put_manifest(book, 5, lambda line: line.replace("7:", "8:", 1)), "sheet in this workbook was changed or copied from elsewhere", "asked"),
    (lambda book: put_manifest(book, 4, lambda line: "0" * 64), "sheet in this workbook was changed or copied from elsewhere", "asked"),
    (lambda book: put_manifest(book, 9, lambda line: "A child's name"), "sheet in this workbook was changed or copied from elsewhere", "asked"),
])
def test_a_manifest_that_is_lost_or_altered_is_said_and_nothing_is_guessed(hub: Hub, spoil: object, said: str, how: str) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    put(book, 2, update="Hedges cut")
    spoil(book)  # type: ignore[operator]
    page = words_of(user.get(sent(hub, user, book)))
    assert said in page, page
    assert ("1 action will change: 1 cell" in page) if how == "1 cell" else ("1 cell the hub must ask about" in page), page
    if "changed or copied" in said:
        assert "This workbook has hidden content: very hidden sheet “CSC Hub”" in page


def put_manifest(book: openpyxl.Workbook, row: int, change: object) -> None:
    cell = book["CSC Hub"].cell(row, 1)
    cell.value = change(str(cell.value or ""))  # type: ignore[operator]


def test_a_workbook_of_another_hub_plan_or_agency_is_refused_in_a_sentence(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency = housing(hub)[0]
    lighting = workbook(hub, user, context, "Street Lighting")
    answer = upload(user, context, lighting, agency)
    assert answer.status_code == 422 and "was made for Street Lighting, not for Housing" in words_of(answer)
    ours = hub.be("agency contact").post(f"/our-actions/upload/{context}", file=(io.BytesIO(saved(lighting)), "x.xlsx"))
    assert ours.status_code == 422 and "made for another agency" in words_of(ours) and "Street Lighting" not in words_of(ours)
    book = workbook(hub, user, context)
    put_manifest(book, 3, lambda line: line.replace(line[4:36], "f" * 32))
    answer = upload(user, context, book, agency)
    assert answer.status_code == 422 and "made by another council’s hub" in words_of(answer)
    with hub.inside():
        assert db.session.scalar(select(db.func.count()).select_from(Batch)) == 0


def test_after_going_back_to_a_backup_the_marks_in_the_sheet_are_enough(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    put(book, 2, update="Hedges cut")
    with hub.inside(), writing():
        db.session.execute(db.delete(Export))
    page = words_of(user.get(sent(hub, user, book)))
    assert "1 action will change: 1 cell" in page and "must ask about" not in page


def test_a_workbook_older_than_the_end_of_its_case_is_refused(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    with hub.inside(), writing():
        db.session.get_one(Context, uuid.UUID(context)).state = "withdrawn"
    answer = hub.be("agency contact").post(f"/our-actions/upload/{context}", file=(io.BytesIO(saved(book)), "x.xlsx"))
    assert answer.status_code == 422 and "no longer in progress" in words_of(answer)


def test_rows_sorted_without_their_references_need_a_second_look(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context)
    sheet = book.worksheets[0]
    for column in range(2, 15):
        sheet.cell(2, column).value, sheet.cell(3, column).value = sheet.cell(3, column).value, sheet.cell(2, column).value
    url = sent(hub, user, book)
    page = words_of(user.get(url))
    assert "The rows look sorted without their references: in rows 2 and 3" in page and "not the agency’s to change" in page
    refused = user.post(url)
    assert refused.status_code == 422 and "Something about this workbook looks wrong" in words_of(refused)
    assert user.post(url, checked="y").status_code == 303


def test_what_an_agency_may_not_change_is_listed_and_never_taken(hub: Hub) -> None:
    user, context = hub.be("agency contact"), hub.context("school")
    book = openpyxl.load_workbook(io.BytesIO(user.get(f"/our-actions/workbook/{context}").data))
    book.worksheets[0]["F2"], book.worksheets[0]["D2"] = "Somebody else", "Do less"
    put(book, 2, update="Hedges cut")
    url = user.post(f"/our-actions/upload/{context}", file=(io.BytesIO(saved(book)), "b.xlsx")).location
    page = words_of(user.get(url))
    assert "2 cells are not the agency’s to change and will not be taken" in page and "Owner F2, action 7" in page and "Somebody else" in page
    user.post(url)
    action = housing(hub)[1][7]
    assert action.update == "Hedges cut" and action.owner != "Somebody else" and action.intervention != "Do less"
    assert "Workbooks we sent" in words_of(user.get("/our-actions")) and "b.xlsx Applied" in words_of(user.get("/our-actions/sent"))
    assert user.post(f"{url}/undo").status_code == 303
