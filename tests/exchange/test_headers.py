"""The row of titles is found wherever it was moved to, and the hub never guesses between two columns."""

from __future__ import annotations

from typing import Any

import pytest

from csc_hub.exchange import headers
from csc_hub.exchange.headers import HEADERS, find, understood
from csc_hub.exchange.outgoing import UPDATE_COLUMNS


def workbook(*sheets: Any, visible: tuple[bool, ...] = ()) -> dict[str, Any]:
    """A workbook that was read, from rows of values; None is a blank cell."""
    found = []
    for number, rows in enumerate(sheets):
        lines = [
            [row, {str(column): ["s", value] for column, value in enumerate(values, 1) if value is not None}]
            for row, values in enumerate(rows, 1)
        ]
        found.append({
            "name": f"Sheet{number + 1}", "visible": visible[number] if visible else True,
            "rows": [line for line in lines if line[1]],
        })
    return {"sheets": found, "notes": [], "hidden": []}


@pytest.mark.parametrize(("name", "title"), [(name, title) for name, titles in HEADERS.items() for title in titles])
def test_every_title_is_known_whatever_its_case_spaces_and_points(name: str, title: str) -> None:
    other = [t for n, t in (("reference", "Ref"), ("update", "Update")) if n != name]
    for written in (title, title.upper(), f"  {title.replace(' ', '_')}: "):
        header = find(workbook([[written, *other]]))
        assert header is not None and header.columns[name] == 1 and header.titles[name] == " ".join(written.split())


def test_the_hubs_own_titles_are_all_known_and_shown() -> None:
    assert understood() == [title for _, title, _ in UPDATE_COLUMNS]
    assert list(HEADERS) == [name for name, _, _ in UPDATE_COLUMNS]


def test_a_table_may_start_anywhere_under_titles_and_remarks() -> None:
    rows = [["Coastlands Council"], ["Action log, status at 1 November"], [], [], [], [], [None, None, None, "Ref", "Action", "Status"]]
    header = find(workbook(rows))
    assert header is not None and (header.cell, header.row) == ("D7", 7)
    assert header.columns == {"reference": 4, "action": 5, "status": 6}


def test_a_header_two_rows_deep_is_read_as_one() -> None:
    header = find(workbook([["Ref", "Action", "Progress", None], [None, None, "Status", "Update"], ["7", "Light", "Done", "Repaired."]]))
    assert header is not None and (header.cell, header.row) == ("A1", 2)
    assert header.columns == {"reference": 1, "action": 2, "status": 3, "update": 4}


def test_a_row_of_data_is_not_taken_for_a_second_row_of_titles() -> None:
    header = find(workbook([["Ref", "Action", "Status"], ["7", "Progress", "Closed"]]))
    assert header is not None and header.row == 1


@pytest.mark.parametrize("titles", [["Ref", "Action", "Agency"], ["Status", "Update"], ["Name", "Age"], []])
def test_without_an_action_and_something_to_fill_in_there_is_no_header(titles: list[str]) -> None:
    assert find(workbook([titles])) is None


def test_two_columns_for_one_thing_are_both_named() -> None:
    header = find(workbook([["Ref", "Update", "Site", "Comments"]]))
    assert header is not None
    assert {name: [(c.column, c.cell, c.title) for c in several] for name, several in header.claims.items()} == {"update": [(2, "B1", "Update"), (4, "D1", "Comments")]}


def test_the_best_visible_sheet_is_chosen() -> None:
    poor, good = [["Ref", "Status"]], [["Ref", "Action", "Status", "Update"]]
    assert [find(workbook(poor, good)).sheet, find(workbook(good, poor)).sheet] == [1, 0]  # type: ignore[union-attr]
    hidden = find(workbook(poor, good, visible=(True, False)))
    assert hidden is not None and hidden.sheet == 0
    only = find(workbook([["Hello"]], good, visible=(True, False)))
    assert only is not None and only.sheet == 1


def test_columns_that_the_hub_does_not_know_are_named() -> None:
    header = find(workbook([["Ref", "Status", "Site visited", None], ["7", "Done", "yes", "loose words"]]))
    assert header is not None
    assert header.unknown == ("“Site visited” (column C)", "column D, which has no title")


def test_no_title_belongs_to_two_fields() -> None:
    claims = {(headers.key_of(title), name) for name, titles in HEADERS.items() for title in titles}
    keys = [key for key, _ in claims]
    assert len(keys) == len(set(keys)) and all(keys)
