"""The file back with its faults, over HTTP: who gets it, what is on record, and that mending it finishes what was left."""

import io

import openpyxl

from csc_hub.audit.records import Event
from csc_hub.db import db
from tests.exchange.test_round_trip import housing, put, saved, upload, workbook
from tests.hub import Hub, words_of

GET = "Get the file back with its faults"


def test_a_file_with_faults_comes_back_marked_and_finishes_when_it_is_mended(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, actions = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete", update="All fitted")
    put(book, 3, status="Sort of")
    url = upload(user, context, book, agency, "Housing März.xlsx").location
    page = user.get(url)
    assert GET in words_of(page) and "It is the same workbook" in words_of(page) and f'href="{url}/faults"' in page.text
    assert user.post(url, seen=page.text.partition('name="seen" value="')[2].partition('"')[0]).status_code == 303
    answer = user.get(f"{url}/faults")
    assert answer.status_code == 200 and answer.headers["Content-Disposition"] == 'attachment; filename="Housing-M-rz-to-mend.xlsx"'
    back = openpyxl.load_workbook(io.BytesIO(answer.data))
    cell = next(cell for cell in back["Actions"][3] if cell.value == "Sort of")
    assert cell.comment.text.startswith("CSC Hub: “Sort of” is not a status") and back.sheetnames[-1] == "To mend"
    cell.value = "In progress"
    again = user.get(upload(user, context, saved(back), agency, "mended.xlsx").location)
    words = words_of(again)
    assert "Every row can be used" in words and "1 row says nothing new" in words and "1 action will change" in words, words
    assert GET not in words and "To mend" not in words
    with hub.inside():
        event = db.session.scalars(db.select(Event).where(Event.verb == "returned_updates")).one()
        assert event.detail["faults"] == 1


def test_only_who_may_see_the_workbook_gets_it_back(hub: Hub) -> None:
    user, context = hub.be("agency contact"), hub.context("school")
    book = openpyxl.load_workbook(io.BytesIO(user.get(f"/our-actions/workbook/{context}").data))
    put(book, 2, status="Sort of")
    url = user.post(f"/our-actions/upload/{context}", file=(io.BytesIO(saved(book)), "b.xlsx")).location
    assert user.get(f"{url}/faults").status_code == 200
    batch = url.rpartition("/")[2]
    assert user.get(f"/contexts/{context}/updates/{batch}/faults").status_code == 404
    assert hub.be("other agency").get(f"{url}/faults").status_code == 404
    assert hub.be("coordinator").get(f"/contexts/{hub.context('interchange')}/updates/{batch}/faults").status_code == 404
    assert hub.be("coordinator").get(f"/contexts/{context}/updates/{batch}/faults").status_code == 200


def test_a_workbook_without_faults_has_none_to_give_back(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, _ = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Reported complete")
    url = upload(user, context, book, agency).location
    answer = user.get(f"{url}/faults")
    assert answer.status_code == 422 and "Nothing in this workbook has to be put right" in words_of(answer)


def test_a_csv_file_comes_back_as_a_copy_and_the_page_says_so(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, actions = housing(hub)
    number = min(actions)
    text = f"Ref;Action;Status\r\n/{number:02d};;Sort of\r\n".encode()
    url = upload(user, context, text, agency, "Housing.csv").location
    assert "a copy of the cells as an Excel workbook (.xlsx), because a file of the kind .csv cannot be marked" in words_of(user.get(url))
    assert openpyxl.load_workbook(io.BytesIO(user.get(f"{url}/faults").data)).sheetnames == ["Housing", "To mend"]


def test_a_missing_original_is_said_and_nothing_is_on_record(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    agency, _ = housing(hub)
    book = workbook(hub, user, context)
    put(book, 2, status="Sort of")
    url = upload(user, context, book, agency).location
    with hub.inside():
        store = hub.app.extensions["csc_store"]
        for key in set(store.keys()):
            store.delete(key)
    assert user.get(f"{url}/faults").status_code in (404, 410, 503)
    with hub.inside():
        assert not db.session.scalars(db.select(Event).where(Event.verb == "returned_updates")).all()
