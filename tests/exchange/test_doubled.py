"""Two columns that mean the same: one is read where nothing is lost by it, and otherwise a person chooses before anything is read."""

from __future__ import annotations

import re
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from csc_hub.audit.records import Event
from csc_hub.db import db
from csc_hub.exchange.records import Batch, Held
from csc_hub.exchange.updates import ReadUpdates, interpret
from tests.exchange.awkward import TODAY
from tests.exchange.test_round_trip import housing, upload, workbook
from tests.hub import Hub, words_of


def reads(*rows: list[str], chosen: dict[str, int] | None = None) -> ReadUpdates:
    """A sheet of texts, interpreted."""
    lines = [[number, {str(n): ["s", text] for n, text in enumerate(row, 1) if text}] for number, row in enumerate(rows, 1)]
    return interpret({"sheets": [{"name": "Actions", "visible": True, "rows": lines}], "notes": [], "hidden": []}, TODAY, chosen or {})


@pytest.mark.parametrize(("first", "second", "taken", "why"), [
    (["Cut", "Lit"], ["", ""], "Update", "the other is empty"),
    (["", "–"], ["Cut", "Lit"], "Comments", "the other is empty"),
    (["Cut", "Lit"], ["Cut", "Lit"], "Update", "nothing else stands in the other"),
    (["", "Lit"], ["Cut", "Lit"], "Comments", "nothing else stands in the other"),
    (["", ""], ["", ""], "Update", "the other is empty"),
])
def test_a_column_is_taken_where_nothing_is_lost_and_that_is_said(first: list[str], second: list[str], taken: str, why: str) -> None:
    found = reads(["Ref", "Update", "Comments", "Status"], *[[f"/0{n}", a, b, "Done"] for n, (a, b) in enumerate(zip(first, second), 1)])
    assert not found.questions and not found.faults
    assert found.columns["update"] == taken and [d.update for d in found.drafts] == [a if a.strip("–") else b for a, b in zip(first, second)]
    assert any(f"It reads “{taken}”" in note and note.endswith(f"{why}.") for note in found.notes), found.notes


def test_where_they_differ_nothing_is_read_and_the_rows_are_shown() -> None:
    rows = [["Ref", "Update", "Status", "Update"], ["/01", "Cut", "Done", "Lit"], ["/02", "Same", "Done", "Same"], ["Ref", "Update", "Status", "Update"], ["/03", "", "Done", "Late"]]
    found = reads(*rows)
    assert not found.drafts and not found.faults
    question, = found.questions
    assert question["field"] == "update" and question["differ"] == 2 and question["rows"] == [[2, ["Cut", "Lit"]], [5, ["", "Late"]]]
    assert [(c["cell"], c["filled"]) for c in question["columns"]] == [("B1", 2), ("D1", 3)]
    assert [d.update for d in reads(*rows, chosen={"update": 4}).drafts] == ["Lit", "Same", "Late"]
    assert reads(*rows, chosen={"update": 3}).questions  # not a column that was offered


def test_grey_columns_are_not_asked_about_but_references_are() -> None:
    found = reads(["Ref", "Lead", "Owner", "Update"], ["/01", "Sam", "Jo", "Cut"])
    assert not found.questions and found.columns["owner"] == "Owner" and found.drafts[0].locked["owner"] == "Jo"
    asked = reads(["No.", "Ref", "Update"], ["1", "/07", "Cut"]).questions
    assert [q["field"] for q in asked] == ["reference"]


def two_updates(hub: Hub, user: Any) -> openpyxl.Workbook:
    book = workbook(hub, user, hub.context("school"))
    sheet = book.worksheets[0]
    sheet["O1"], sheet["O2"] = "Update", "Both hedges are cut"
    sheet["I2"], sheet["I3"] = "One hedge is left", "The panel is there"
    return book


def test_a_person_chooses_the_column_and_then_sees_what_would_change(hub: Hub) -> None:
    user, context, before = hub.be("coordinator"), hub.context("school"), {n: a.facts for n, a in housing(hub)[1].items()}
    url = upload(user, context, two_updates(hub, user), housing(hub)[0]).location
    page = words_of(user.get(url))
    assert "Which column is meant?" in page and "“Update” (column O) 1 cell filled in" in page and "The 2 rows in which they differ" in page
    assert not user.get(url).text.count('name="seen"')
    none = user.post(url)
    assert none.status_code == 422 and "Choose the column to read as “Update”" in words_of(none)
    assert user.post(url, update="99").status_code == 422
    assert {n: a.facts for n, a in housing(hub)[1].items()} == before
    assert user.post(url, update="15").status_code == 303
    page = words_of(user.get(url))
    assert "Both hedges are cut" in page and "It reads “Update” (O1): so somebody chose" in page and "One hedge is left" not in page
    seen = re.search(r'name="seen" value="(\w+)"', user.get(url).text)
    assert seen and user.post(url, seen=seen[1]).status_code == 303
    assert housing(hub)[1][7].update == "Both hedges are cut"
    with hub.inside():
        assert db.session.scalar(select(Batch)).state == "applied" and not db.session.scalars(select(Held)).all()
        assert db.session.scalar(select(db.func.count()).select_from(Event).where(Event.verb == "chose_workbook_columns")) == 1


def test_an_agency_chooses_in_its_own_workbook_and_what_says_nothing_new_is_closed(hub: Hub) -> None:
    user, context = hub.be("agency contact"), hub.context("school")
    book = workbook(hub, hub.be("coordinator"), context)
    sheet = book.worksheets[0]
    sheet["O1"], sheet["O2"] = "Notes", "For ourselves alone"
    import io

    file = io.BytesIO()
    book.save(file)
    url = user.post(f"/our-actions/upload/{context}", file=(io.BytesIO(file.getvalue()), "ours.xlsx")).location
    assert "Which column is meant?" in words_of(user.get(url))
    assert user.post(url, update="9").status_code == 303
    assert "Nothing in this workbook would change the plan" in words_of(user.get(url))
