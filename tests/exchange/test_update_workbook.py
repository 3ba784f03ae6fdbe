"""An agency can fill in its workbook without thinking, and can change nothing that is not its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from csc_hub.exchange.outgoing import UPDATE_COLUMNS, SheetAction, UpdateSheet
from csc_hub.exchange.update_workbook import update_workbook
from csc_hub.process.plans.statuses import AGENCY_STATUSES
from tests.exchange.test_plan_workbook import missing_words
from tests.exchange.test_safe_text import CSV, HOSTILE, as_kept, formulas, soffice_convert

ACTION = SheetAction(
    reference="CSC-2026-014/04", context="Harbour Road bus interchange", goal="Shared spaces are safe to walk through.",
    action="Fit door closers to both stairwells.", agency="Housing", owner="Estates Manager", due=dt.date(2027, 4, 9),
    due_words="", status="In progress", update="Contractor appointed.", updated_on=dt.date(2027, 1, 8),
    evidence="Fewer gatherings.", barrier="Fire officer's sign-off.",
)  # fmt: skip
YEARLY = replace(ACTION, reference="CSC-2026-014/05", due=None, due_words="Annually", status="Not started", update="", updated_on=None)
SHEET = UpdateSheet(
    reference="CSC-2026-014", context="Harbour Road bus interchange", council="Harbourshire Council", agency="Housing",
    marking="OFFICIAL-SENSITIVE", made_on=dt.date(2027, 1, 11), reply_to="csc@harbourshire.example, by secure e-mail",
    statuses=tuple(status.label for status in AGENCY_STATUSES), actions=(ACTION, YEARLY),
)  # fmt: skip
TITLES = tuple(title for _, title, _ in UPDATE_COLUMNS)


def opened(sheet: UpdateSheet) -> Workbook:
    return load_workbook(io.BytesIO(update_workbook(sheet)))


def as_shown(value: object) -> object:
    """A value with what openpyxl leaves escaped put right."""
    return value.replace("_x005F_", "_") if isinstance(value, str) else value


def guide_text(sheet: UpdateSheet) -> str:
    return "\n".join(str(value) for row in opened(sheet)["Guide"].iter_rows(values_only=True) for value in row if value)


def test_the_first_row_is_the_titles_and_each_row_below_is_one_action() -> None:
    page = opened(SHEET).worksheets[0]
    assert page.title == "Actions"
    assert tuple(cell.value for cell in page[1]) == TITLES
    assert page["A2"].value == "CSC-2026-014/04"
    assert (page.max_row, page.max_column) == (3, 14)
    assert not page.merged_cells.ranges


def test_dates_are_dates_and_words_where_there_is_none() -> None:
    page = opened(SHEET).worksheets[0]
    assert (page["G2"].value, page["G2"].number_format) == (dt.datetime(2027, 4, 9), "dd/mm/yyyy")
    assert (page["J2"].value, page["J2"].number_format) == (dt.datetime(2027, 1, 8), "dd/mm/yyyy")
    assert page["G3"].value == "Annually"
    assert [page[f"{letter}3"].number_format for letter in "JMN"] == ["dd/mm/yyyy"] * 3


def test_only_the_cells_to_fill_in_are_white_and_open() -> None:
    page = opened(SHEET).worksheets[0]
    for cell, (name, _, fillable) in zip(page[2], UPDATE_COLUMNS, strict=True):
        assert (cell.protection.locked, cell.fill.fill_type) == ((False, None) if fillable else (True, "solid")), name
    assert page.protection.sheet
    assert page.protection.password is None
    assert not any((page.protection.formatColumns, page.protection.formatRows, page.protection.sort, page.protection.autoFilter))
    assert all(cell.protection.locked for cell in page[1])


def test_typed_words_stay_words_even_when_they_begin_with_a_dash() -> None:
    page = opened(SHEET).worksheets[0]
    assert [page[f"{letter}3"].number_format for letter in "HIKL"] == ["@"] * 4


def test_a_row_grows_when_somebody_types_more() -> None:
    with zipfile.ZipFile(io.BytesIO(update_workbook(SHEET))) as parts:
        rows = re.findall(r"<row [^>]*>", parts.read("xl/worksheets/sheet1.xml").decode())
    assert len(rows) == 3
    assert all(' ht="' in row and "customHeight" not in row for row in rows[1:])


def test_the_status_is_chosen_from_the_list_in_the_guide() -> None:
    book = opened(SHEET)
    check = next(check for check in book["Actions"].data_validations.dataValidation if check.type == "list")
    assert (str(check.sqref), check.showErrorMessage) == ("H2:H3", True)
    sheet, area = check.formula1.split("!")
    assert [row[0].value for row in book[sheet][area.replace("$", "")]] == list(SHEET.statuses)


@pytest.mark.parametrize("letter", ["J", "M", "N"])
def test_a_date_is_checked_with_words_that_help(letter: str) -> None:
    checks = opened(SHEET)["Actions"].data_validations.dataValidation
    check = next(check for check in checks if str(check.sqref) == f"{letter}2:{letter}3")
    assert (check.type, check.operator, check.errorStyle or "stop", check.allow_blank) == ("date", "between", "stop", True)
    assert "09/04/2027" in check.prompt
    assert "day/month/year" in check.error
    assert len(check.promptTitle) <= 32 and len(check.errorTitle) <= 32
    assert len(check.prompt) <= 255 and len(check.error) <= 225
    assert check.showErrorMessage and check.showInputMessage


def test_the_guide_says_who_what_and_how() -> None:
    text = guide_text(SHEET)
    for words in (
        "Harbourshire Council", "CSC-2026-014 – Harbour Road bus interchange", "Housing", "Monday 11 January 2027",
        "csc@harbourshire.example, by secure e-mail", "OFFICIAL-SENSITIVE", "day/month/year",
        "Do not name or describe any child, young person or family in this sheet.", *SHEET.statuses,
    ):  # fmt: skip
        assert words in text
    assert "Accepted" not in text


def test_each_status_has_its_meaning_beside_it() -> None:
    meanings = {row[0]: row[1] for row in opened(SHEET)["Guide"].iter_rows(values_only=True)}
    assert all(meanings[status] and "Ask whoever" not in meanings[status] for status in SHEET.statuses)


def test_without_statuses_the_agency_may_choose_them_all() -> None:
    assert "Reported complete" in guide_text(replace(SHEET, statuses=()))


def test_nothing_is_hidden() -> None:
    book = opened(SHEET)
    assert [(page.title, page.sheet_state) for page in book] == [("Actions", "visible"), ("Guide", "visible")]
    for page in book:
        assert not any(side.hidden for side in (*page.row_dimensions.values(), *page.column_dimensions.values()))
        assert not [cell for row in page.iter_rows() for cell in row if cell.comment]
    assert not book.defined_names


def test_it_prints_on_a4_one_page_wide_with_the_marking_on_every_page() -> None:
    for page in opened(SHEET):
        assert str(page.page_setup.paperSize) == page.PAPERSIZE_A4
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        assert page.oddHeader.center.text == page.oddFooter.center.text == "OFFICIAL-SENSITIVE"
        assert page.oddFooter.right.text == "Page &P of &N"
    actions = opened(SHEET)["Actions"]
    assert actions.page_setup.orientation == "landscape"
    assert (actions.freeze_panes, actions.print_title_rows, actions.auto_filter.ref) == ("B2", "$1:$1", "A1:N3")


def test_an_agency_without_actions_is_told_so_on_both_sheets() -> None:
    sheet = replace(SHEET, actions=())
    page = opened(sheet)["Actions"]
    assert tuple(cell.value for cell in page[1]) == TITLES
    assert page["D2"].value == "There are no actions for Housing in this plan. There is nothing to fill in or send back."
    assert page["D2"].value in guide_text(sheet)
    assert "What to do" not in guide_text(sheet)
    assert not page.data_validations.dataValidation


def test_hostile_texts_stay_words() -> None:
    actions = tuple(
        replace(ACTION, reference=t, context=t, goal=t, action=t, agency=t, owner=t, due=None, due_words=t, status=t, update=t, evidence=t)
        for t in HOSTILE
    )
    file = update_workbook(replace(SHEET, actions=actions, reference="=1", context="=2", council="=3", agency="=4", reply_to="=5"))
    assert formulas(file) == []
    rows = load_workbook(io.BytesIO(file))["Actions"].iter_rows(min_row=2, values_only=True)
    read = [[(value or "").replace("_x005F_", "_") for value in (row[0], row[6], row[8])] for row in rows]
    assert read == [[as_kept(text)] * 3 for text in HOSTILE]


def test_long_texts_emoji_right_to_left_writing_and_200_actions() -> None:
    long, mixed = "supervision " * 833, "👩‍👧 اللغة العربية עברית café"
    actions = (replace(ACTION, action=long, update=mixed), *(replace(YEARLY, reference=f"R/{n}") for n in range(199)))
    page = opened(replace(SHEET, actions=actions))["Actions"]
    assert (page["D2"].value, page["I2"].value, page.max_row) == (long, mixed, 201)
    assert page.row_dimensions[2].height <= 409


@pytest.mark.office
def test_libreoffice_prints_and_saves_the_same(tmp_path: Path) -> None:
    source = tmp_path / "updates.xlsx"
    actions = (ACTION, YEARLY, *(replace(YEARLY, update=text) for text in HOSTILE))
    source.write_bytes(update_workbook(replace(SHEET, actions=actions)))
    pdf = soffice_convert(source, "pdf", tmp_path / "pdf")
    assert missing_words([ACTION.goal, ACTION.action, ACTION.barrier, "09/04/2027", "Annually", *TITLES, guide_text(SHEET)], pdf) <= {"2"}
    again = soffice_convert(source, "xlsx", tmp_path / "again")
    assert formulas(again.read_bytes()) == []
    before, after = load_workbook(source), load_workbook(again)
    for page in before:
        rows = after[page.title].iter_rows(max_row=page.max_row, max_col=page.max_column, values_only=True)
        assert [[as_shown(value) for value in row] for row in rows] == [[as_shown(value) for value in row] for row in page.values]
    assert after["Actions"].protection.sheet
    assert {check.type for check in after["Actions"].data_validations.dataValidation} == {"list", "date"}


@pytest.mark.office
def test_a_csv_of_it_shows_every_value_as_it_was_typed(tmp_path: Path) -> None:
    source = tmp_path / "updates.xlsx"
    source.write_bytes(update_workbook(replace(SHEET, actions=tuple(replace(ACTION, update=text) for text in HOSTILE))))
    table = soffice_convert(source, CSV, tmp_path / "csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(table, newline="")))
    assert tuple(rows[0]) == TITLES
    assert [row[8] for row in rows[1:]] == [as_kept(text) for text in HOSTILE]
    assert {(row[6], row[9]) for row in rows[1:]} == {("09/04/2027", "08/01/2027")}


def test_every_column_has_a_width() -> None:
    page = opened(SHEET)["Actions"]
    assert all(page.column_dimensions[get_column_letter(n)].width >= 11 for n in range(1, 15))
