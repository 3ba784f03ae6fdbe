"""An agency's workbook out and back over HTTP: what is shown, what is applied, and what is left alone."""

import datetime as dt
import io
import re

import openpyxl
import pytest

from csc_hub.db import db, writing
from csc_hub.exchange.records import Batch
from csc_hub.kernel import now, today
from csc_hub.process.plans.records import Action
from tests.hub import Hub, User, words_of


def workbook(hub: Hub, user: User, context: str, agency: str = "Housing") -> openpyxl.Workbook:
    """The agency's workbook as it is sent out."""
    page = user.get(f"/contexts/{context}/updates").text
    link = re.search(rf'<strong>{agency}</strong>.*?href="([^"]+workbook[^"]+)"', page, re.S)
    assert link
    return openpyxl.load_workbook(io.BytesIO(user.get(link[1]).data))


def put(book: openpyxl.Workbook, row: int, **cells: object) -> None:
    """Fills in cells by the beginning of their column's title."""
    sheet = book.worksheets[0]
    titles = {str(cell.value): cell.column for cell in sheet[1]}
    for name, value in cells.items():
        column = next(n for title, n in titles.items() if title.lower().replace(" ", "_").startswith(name))
        sheet.cell(row, column).value = value


def saved(book: openpyxl.Workbook) -> bytes:
    """The workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(user: User, context: str, book: openpyxl.Workbook | bytes, agency_id: str, name: str = "back.xlsx") -> object:
    """Sends a workbook in."""
    content = book if isinstance(book, bytes) else saved(book)
    return user.post(f"/contexts/{context}/updates/upload", agency_id=agency_id, file=(io.BytesIO(content), name))


def housing(hub: Hub) -> tuple[str, dict[int, Action]]:
    with hub.inside():
        actions = list(db.session.scalars(db.select(Action).where(Action.agency.has(name="Housing"), Action.issued_in.is_not(None))))
        return str(actions[0].agency_id), {a.number: a for a in actions}


def test_an_unchanged_workbook_changes_nothing(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, _ = housing(hub)
    page = user.get(upload(user, context, workbook(hub, user, context), agency).location)
    assert "2 rows say nothing new" in words_of(page) and "Apply" not in words_of(page) and "Set this workbook aside" not in words_of(page)
    listed = words_of(user.get(f"/contexts/{context}/updates"))
    assert "Housing Nothing new" in listed and "changed" not in listed.partition("Came back")[2] and "Waiting to be applied" not in listed


def test_a_refused_row_says_all_its_faults_and_which_action_it_is_about(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, actions = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Sort of done", date_completed="soon", proposed_new_date="31 February")
    put(book, 3, action_ref="CSC-2026-001/41", status="Nearly")
    page = words_of(user.get(upload(user, context, book, agency).location)).partition("What cannot be used")[2]
    assert page.count(f"Action 7: {actions[7].intervention}"[:100]) == 1
    assert all(words in page for words in ("“Sort of done”", "“soon”", "31 February", "“Nearly”", "“CSC-2026-001/41” is not one of this agency’s actions"))


def test_what_is_shown_is_what_is_applied_and_only_once(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, before = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete", update="Hedges cut & bins moved <both>", evidence="Nobody was asked to leave")
    book = saved(book)
    url = upload(user, context, book, agency).location
    shown = user.get(url)
    assert "1 action will change" in words_of(shown) and "Hedges cut &amp; bins moved &lt;both&gt;" in shown.text
    assert housing(hub)[1][7].status == before[7].status
    assert user.post(url).status_code == 303
    after = housing(hub)[1][7]
    assert (after.status, after.update) == ("reported_complete", "Hedges cut & bins moved <both>")
    receipt = words_of(user.get(url))
    assert "Action 7 , Cut back the hedges" in receipt and "Status: In progress → Reported complete" in receipt and "Also new: update and evidence (what changed?)" in receipt, receipt
    again = user.post(url)
    assert again.status_code == 422 and "applied already" in words_of(again)
    twice = user.get(upload(user, context, book, agency).location)
    assert "there is nothing to apply" in words_of(twice) and "The same file was applied" in words_of(twice)


def test_nothing_is_applied_when_the_plan_was_edited_after_the_preview(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, actions = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete")
    put(book, 3, update="The panel is ordered")
    url = upload(user, context, book, agency).location
    token = re.search(r'name="seen" value="(\w+)"', user.get(url).text)
    assert token
    hub.be("lead").post(f"/contexts/{context}/plan/actions/{actions[7].id}/update", status="in_progress", update="Said by phone", evidence="", barrier="")
    refused = user.post(url, seen=token[1])
    assert refused.status_code == 422 and "Somebody changed the plan since you looked" in words_of(refused)
    assert housing(hub)[1][8].update == ""
    assert user.post(url).status_code == 303


def test_an_old_workbook_does_not_undo_what_was_said_since(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, actions = housing(hub)
    old = workbook(hub, user, context)
    hub.be("agency contact").post(f"/our-actions/{actions[8].id}", status="reported_complete", update="Fitted", evidence="", barrier="")
    page = words_of(user.get(upload(user, context, old, agency).location))
    assert "there is nothing to apply" in page and "so what stands here stays" in page and "Row 3, action 8: status, update" in page


def test_hidden_content_is_named_and_nothing_is_applied_until_it_was_looked_at(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, _ = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete")
    book.create_sheet("Names")["A1"] = "x"
    book["Names"].sheet_state = "veryHidden"
    book.worksheets[0].row_dimensions[3].hidden = True
    url = upload(user, context, book, agency).location
    page = words_of(user.get(url))
    assert "row 3 of “Actions”" in page and "sheet “Names”" in page, page
    assert user.post(url).status_code == 422
    assert user.post(url, hidden="y").status_code == 303


def test_an_agency_sees_and_changes_only_its_own(hub: Hub) -> None:
    user, context = hub.be("agency contact"), hub.context("school")
    book = openpyxl.load_workbook(io.BytesIO(user.get(f"/our-actions/workbook/{context}").data))
    assert {row[0].value for row in book.worksheets[0].iter_rows(min_row=2)} == {"CSC-2026-001/07", "CSC-2026-001/08"}
    put(book, 2, action_ref="CSC-2026-001/06", status="Reported complete")
    sent = user.post(f"/our-actions/upload/{context}", file=(io.BytesIO(saved(book)), "b.xlsx"))
    page = words_of(user.get(sent.location))
    assert "is not one of this agency’s actions" in page and "Street Lighting" not in page
    assert hub.be("other agency").get(sent.location).status_code == 404
    assert user.get(f"/contexts/{context}/updates").status_code == 404
    assert user.get(f"/our-actions/workbook/{hub.context('interchange')}").status_code == 404


def test_a_file_that_is_no_workbook_leaves_nothing_behind(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, _ = housing(hub)
    with hub.inside():
        kept = set(hub.app.extensions["csc_store"].keys())
    for content, said in ((b"", "empty"), (b"%PDF-1.7", "PDF"), (b"PK\x03\x04broken", "damaged"), (b"no titles here", "holds only text")):
        answer = user.post(f"/contexts/{context}/updates/upload", agency_id=agency, file=(io.BytesIO(content), "x.xlsx"))
        assert answer.status_code == 422 and said in words_of(answer), words_of(answer)
    with hub.inside():
        assert set(hub.app.extensions["csc_store"].keys()) == kept
        assert db.session.scalar(db.select(db.func.count()).select_from(Batch)) == 0


@pytest.mark.parametrize("how", ["column gone", "no date", "as it was"])
def test_an_update_without_a_new_date_is_of_today(hub: Hub, how: str) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, actions = housing(hub)
    with hub.inside(), writing():
        db.session.execute(db.update(Action).where(Action.id == actions[7].id).values(updated_on=dt.date(2026, 10, 1)))
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete", update="Both hedges are cut", evidence="Seen from the road")
    column = next(cell.column for cell in book.worksheets[0][1] if str(cell.value).startswith("Date of update"))
    if how == "column gone":
        book.worksheets[0].delete_cols(column)
    if how == "no date":
        book.worksheets[0].cell(2, column).value = "31 February"
    page = upload(user, context, book, agency).location
    user.get(page)
    assert user.post(page, hidden="y", checked="y").status_code == 303
    with hub.inside():
        action = db.session.get(Action, actions[7].id)
        assert (action.update, action.updated_on) == ("Both hedges are cut", today(now()))
