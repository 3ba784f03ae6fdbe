"""What an agency typed becomes an update, or a sentence that names the cell and the fix."""

from __future__ import annotations

import datetime as dt
import io
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from csc_hub.exchange.checking import check, exit_code
from csc_hub.exchange.outgoing import UPDATE_COLUMNS, SheetAction, UpdateSheet
from csc_hub.exchange.reading.workbook import read
from csc_hub.exchange.typed_words import candidates_of
from csc_hub.exchange.update_workbook import update_workbook
from csc_hub.exchange.updates import Fault, ReadUpdates, interpret
from csc_hub.process.plans.statuses import Status
from tests.exchange.awkward import TODAY

FIELDS = [name for name, _, _ in UPDATE_COLUMNS]


def cell(value: Any) -> list[Any]:
    """A cell as the reader gives it; a list is one already."""
    if isinstance(value, list):
        return value
    if isinstance(value, dt.date):
        return ["d", value.isoformat()]
    return ["n" if isinstance(value, int | float) else "s", value]


def reads(*rows: dict[str, Any], **more: Any) -> ReadUpdates:
    """The hub's own sheet with these rows under its titles, interpreted."""
    lines = [[1, {str(n): ["s", title] for n, (_, title, _) in enumerate(UPDATE_COLUMNS, 1)}]]
    for number, row in enumerate(rows, 2):
        lines.append([number, {str(FIELDS.index(name) + 1): cell(value) for name, value in row.items()}])
    sheet = {"name": "Actions", "visible": True, "rows": lines}
    return interpret({"sheets": [sheet], "notes": [], "hidden": [], **more}, TODAY)


def one(**row: Any) -> Any:
    """The only draft of a sheet with one row, which must have no fault."""
    found = reads({"reference": "/07"} | row)
    assert not found.faults, found.faults
    return found.drafts[0]


def fault(**row: Any) -> Fault:
    """The only fault of a sheet with one row, which must give no draft."""
    found = reads({"reference": "/07"} | row)
    assert len(found.faults) == 1 and not found.drafts, found
    return found.faults[0]


@pytest.mark.parametrize(("typed", "candidate"), [
    ("CSC-2026-014/07", "CSC-2026-014/07"), ("csc 2026 014 / 7", "CSC-2026-014/07"), ("Action CSC-2026-14/7", "CSC-2026-014/07"),
    ("/07", "/07"), ("7", "/07"), ("07", "/07"), (7, "/07"), (7.0, "/07"), ("Action 7", "/07"), ("No. 7.", "/07"), ("014/07", "-014/07"),
    ("123", "/123"),
])
def test_a_reference_is_known_however_it_was_retyped(typed: Any, candidate: str) -> None:
    assert candidates_of(cell(typed)) == (candidate,)
    assert "CSC-2026-014/07".endswith(candidate) or candidate == "/123"


@pytest.mark.parametrize("typed", ["", "seven", "7 and 8", 7.5, ["e", "#REF!"], ["d", "2026-07-14"], "12345"])
def test_what_is_no_reference_is_not_guessed(typed: Any) -> None:
    assert candidates_of(cell(typed)) == ()


@pytest.mark.parametrize(("words", "status", "at_risk"), [
    ("complete Completed DONE closed Finished blue C Y", Status.REPORTED_COMPLETE, False),
    ("ongoing In_progress WIP started amber Green", Status.IN_PROGRESS, False),
    ("Not_started TBC outstanding nil", Status.NOT_STARTED, False),
    ("overdue RED", Status.IN_PROGRESS, True),
    ("Not_possible Not_possible_–_circumstances_changed", Status.NOT_POSSIBLE, False),
    ("not_undertaken", Status.NOT_UNDERTAKEN, False),
])
def test_the_usual_words_for_a_status_are_understood(words: str, status: Status, at_risk: bool) -> None:
    for word in words.split():
        draft = one(status=word.replace("_", " "))
        assert (draft.status, draft.at_risk) == (status, at_risk)


@pytest.mark.parametrize(("word", "sentence"), [
    ("n/a", "“n/a” can mean two things. Choose “Not possible – circumstances changed” if"),
    ("Superseded", "or “Not undertaken” if it was not done for another reason."),
    ("No longer required", "can mean two things"),
    ("Accepted", "is not an agency's to say"),
    ("50%", "“50%” is not a status the hub knows. Choose “Not started”, “In progress”, “Reported complete”"),
    (["b", True], "“TRUE” is not a status"),
])
def test_a_status_that_cannot_be_taken_is_refused_with_the_choice(word: Any, sentence: str) -> None:
    found = fault(status=word)
    assert (found.cell, found.row, found.field) == ("H2", 2, "status") and sentence in found.why


@pytest.mark.parametrize("typed", [
    "18/11/2026", "18/11/26", "18.11.2026", "18-11-26", "2026-11-18", "2026/11/18", "18 Nov 2026", "18th November 2026",
    "Wed 18 November 2026", "November 18, 2026", "18-Nov-26", "w/c 18/11/26", "18/11/2026 09:30", "18 11 2026",
    dt.date(2026, 11, 18), ["d", "2026-11-18T09:30:00"], 46344, 46344.4, ["n", 46344, "f"], " 18\u00a0November\u00a02026 ",
])
def test_a_date_is_read_the_way_it_is_written_here(typed: Any) -> None:
    assert one(updated_on=typed).updated_on == dt.date(2026, 11, 18)


def test_a_day_number_counts_from_1904_where_the_workbook_does() -> None:
    assert reads({"reference": "/07", "updated_on": 46344 - 1462}, date1904=True).drafts[0].updated_on == dt.date(2026, 11, 18)


@pytest.mark.parametrize(("typed", "sentence"), [
    ("31 Feb 2026", "“31 Feb 2026” is not a day in the calendar. Write a date such as 18 November 2026."),
    ("18/11/1026", "is in the year 1026, which cannot be meant"),
    (["d", "1900-01-04"], "“4 January 1900” is in the year 1900"),
    ("end of Sept", "“end of Sept” is not a date the hub can keep. Write a date such as 18 November 2026."),
    ("Autumn term", "is not a date the hub can keep"), ("ASAP", "is not a date"), ("ongoing", "is not a date"),
    ("18 November", "“18 November” has no year"), (2026, "“2026” is a number, not a date"), (["b", True], "“TRUE” is not a date"),
    ("11/18/2026", "has the month first. If you mean 18 November 2026, write it so"),
    (["e", "#REF!"], "This cell shows #REF!, an error in a formula"),
    (["e", "", "f"], "a formula whose result is not in the file"),
])
def test_what_is_no_date_is_refused_with_the_fix(typed: Any, sentence: str) -> None:
    found = fault(proposed_date=typed)
    assert found.cell == "M2" and found.field == "proposed_date" and sentence in found.why


def test_a_column_of_american_dates_is_refused_where_it_may_be_swapped() -> None:
    found = reads(*({"reference": f"/{n}", "proposed_date": value} for n, value in enumerate(
        ["12/18/2026", "12/10/2026", "18/12/2026", "12/12/2026", dt.date(2026, 10, 12), dt.date(2026, 12, 18)], 1)))
    assert [fault.cell for fault in found.faults] == ["M2", "M3", "M6"]
    assert "If you mean 10 December 2026, write it so" in found.faults[1].why
    assert "other dates in the column have the month first" in found.faults[2].why
    assert [draft.row for draft in found.drafts] == [4, 5, 7]


def test_what_has_happened_cannot_lie_ahead() -> None:
    assert one(completed_on=TODAY + dt.timedelta(days=1)).completed_on
    assert "The date completed is 25 November 2026, which is still to come." in fault(completed_on="25/11/2026").why
    assert "The date of update is 25 November 2026" in fault(updated_on=dt.date(2026, 11, 25)).why
    assert one(proposed_date="25/11/2027").proposed_date == dt.date(2027, 11, 25)


def test_text_is_kept_without_marks_that_deceive_the_eye() -> None:
    draft = one(update="Done\x07 😀 שלום \u202egnp\u2066\r\nline two  ", evidence=42, barrier=dt.date(2026, 11, 18))
    assert draft.update == "Done 😀 שלום gnp\nline two"
    assert (draft.evidence, draft.barrier) == ("42", "18 November 2026")


def test_too_long_a_text_is_refused_with_its_length() -> None:
    assert one(update="x" * 4_000).says_something
    assert fault(evidence="x" * 4_001).why.startswith("The evidence has 4,001 characters; the hub takes up to 4,000.")


def test_a_row_must_say_which_action_it_is_about() -> None:
    found = reads({"update": "Repaired."}, {"reference": "seven", "status": "Done"}, {"reference": "TBC", "action": "Light 7", "status": "Done"})
    assert [(f.cell, f.why.partition(".")[0]) for f in found.faults] == [
        ("A2", "Row 2 says something, but neither its reference nor its action is given"),
        ("A3", "“seven” is not the reference of an action"),
    ]
    assert [(d.row, d.reference, d.candidates, d.locked["action"]) for d in found.drafts] == [(4, "TBC", (), "Light 7")]


def test_excel_turning_a_reference_into_a_date_is_explained() -> None:
    assert "Excel has turned this reference into a date (2026-07-14)" in fault(reference=["d", "2026-07-14"], status="Done").why


def test_one_bad_cell_refuses_its_whole_row_and_no_other() -> None:
    found = reads({"reference": "/1", "status": "Sort of", "updated_on": "soon", "update": "x"}, {"reference": "/2", "status": "Done"})
    assert [f.cell for f in found.faults] == ["H2", "J2"] and [d.row for d in found.drafts] == [3]


def test_two_rows_for_one_action_refuse_each_other() -> None:
    found = reads({"reference": "CSC-2026-014/07", "status": "Done"}, {"reference": 7, "update": "x"}, {"reference": "CSC-2026-014/08", "update": "y"})
    assert [(f.cell, f.why.partition(".")[0]) for f in found.faults] == [
        ("A2", "Row 2 and row 3 are about the same action"), ("A3", "Row 3 and row 2 are about the same action"),
    ]
    assert [d.row for d in found.drafts] == [4]
    contexts = reads({"reference": "CSC-2026-014/07", "status": "Done"}, {"reference": "CSC-2026-015/07", "status": "Done"})
    assert len(contexts.drafts) == 2 and not contexts.faults


def test_a_row_with_nothing_typed_is_kept_and_changes_nothing() -> None:
    found = reads({"reference": "/07", "action": "Light 7", "due": dt.date(2027, 1, 8), "update": "-", "status": " "}, {"owner": "Total"})
    assert len(found.drafts) == 1 and not found.faults and found.rows == 2
    draft = found.drafts[0]
    assert not draft.says_something and draft.locked == {"action": "Light 7", "due": "2027-01-08"}
    assert draft.cells == {"reference": "A2", "action": "D2", "due": "G2"}


def test_a_header_printed_again_is_not_a_row() -> None:
    again = {name: title for name, title, _ in UPDATE_COLUMNS}
    assert [d.row for d in reads({"reference": "/1", "status": "Done"}, again, {"reference": "/2", "status": "Done"}).drafts] == [2, 4]


def test_saved_results_of_formulas_are_named() -> None:
    found = reads({"reference": "/1", "update": ["s", "x", "f"]}, {"reference": "/2", "status": ["s", "Done", "f"]})
    assert found.notes == ("The hub does not calculate. It took the last saved result of the formula in I2 and H3.",)


def test_other_sheets_and_a_column_of_mere_colours_are_said() -> None:
    rows = [[1, {"1": ["s", "Ref"], "2": ["s", "RAG"], "3": ["s", "Update"]}], [2, {"1": ["n", 7], "3": ["s", "x"]}]]
    sheets = [{"name": "Log", "visible": True, "rows": rows}, {"name": "Lists", "visible": False, "rows": rows[1:]}]
    found = interpret({"sheets": sheets, "notes": [], "hidden": ["sheet “Lists”"]}, TODAY)
    assert (found.sheet, found.ignored, found.hidden) == ("Log", ("Lists",), ("sheet “Lists”",))
    assert found.notes == ("The column “RAG” holds no words. The hub cannot read colours: choose a status in words.",)


def test_20_000_rows_for_one_action_are_refused_in_bounded_time() -> None:
    began = time.monotonic()
    found = reads(*({"reference": "/07", "status": "Done"} for _ in range(20_000)))
    assert len(found.faults) == 20_000 and not found.drafts
    assert time.monotonic() - began < 5


def test_the_hubs_own_workbook_comes_back_as_it_went_out(tmp_path: Path) -> None:
    action = SheetAction(
        reference="CSC-2026-014/04", context="Harbour Road bus interchange", goal="Safe to walk through.", action="=Fit closers.",
        agency="Housing", owner="Estates Manager", due=None, due_words="Annually", status=Status.NOT_POSSIBLE.label,
        update="-2 of 3 done", updated_on=dt.date(2026, 11, 8), evidence="@night: 0", barrier="+44 calls", completed_on=None,
    )
    dated = replace(action, reference="CSC-2026-014/05", due=dt.date(2027, 4, 9), due_words="")
    sheet = UpdateSheet("CSC-2026-014", "Harbour Road", "Coastlands", "Housing", "OFFICIAL-SENSITIVE", TODAY, "us", (), (action, dated))
    (tmp_path / "sent.xlsx").write_bytes(update_workbook(sheet))
    result = check(tmp_path / "sent.xlsx", TODAY)
    assert exit_code([result]) == 0 and result["rows"] == 2, result
    found = interpret(read(io.BytesIO(update_workbook(sheet)), ""), TODAY)
    assert not found.ignored and not found.unknown
    assert not found.notes, "the hub's own workbook names nobody"
    for draft, sent in zip(found.drafts, sheet.actions, strict=True):
        assert (draft.reference, draft.candidates) == (sent.reference, (sent.reference,))
        assert draft.status is not None and draft.status.label == sent.status
        assert (draft.update, draft.evidence, draft.barrier) == (sent.update, sent.evidence, sent.barrier)
        assert (draft.updated_on, draft.completed_on, draft.locked["action"]) == (sent.updated_on, None, sent.action)
    assert [draft.locked["due"] for draft in found.drafts] == ["Annually", "2027-04-09"]
