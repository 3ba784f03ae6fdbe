"""Cells come out of every kind of workbook alike, what is hidden is named, and no mutation brings the reader down."""

from __future__ import annotations

import datetime as dt
import io
import random
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from csc_hub.adapters import sandbox
from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange.reading.workbook import read
from csc_hub.exchange.updates import interpret
from tests.exchange.awkward import (
    ODS_SHORT, SHORT, TITLES, TODAY, filled, inline, ods_row, raw_ods, raw_xlsx, row_of, saved, table, with_comment, worksheet,
)
from tests.exchange.awkward_cases import ALL
from tests.parts import soffice_convert


def read_bytes(data: bytes, name: str = "a.xlsx") -> dict[str, Any]:
    return read(io.BytesIO(data), name)


def cells(data: bytes, sheet: int = 0) -> dict[str, list[Any]]:
    """{"row:column": cell} of one sheet."""
    return {f"{row}:{column}": cell for row, line in read_bytes(data)["sheets"][sheet]["rows"] for column, cell in line.items()}


def test_every_kind_of_cell_comes_out_as_what_it_is() -> None:
    values = ["Café", 7, 7.5, True, dt.date(2026, 11, 18), dt.datetime(2026, 11, 18, 9, 30), dt.time(9, 30), "#REF!", "=1+1"]
    found = cells(table([values]))
    assert list(found.values()) == [
        ["s", "Café"], ["n", 7], ["n", 7.5], ["b", True], ["d", "2026-11-18"], ["d", "2026-11-18T09:30:00"],
        ["s", "09:30"], ["e", "#REF!"], ["e", "", "f"],
    ]


def test_a_saved_result_of_a_formula_is_read_and_marked() -> None:
    saved_results = '<c t="str"><f>A2</f><v>Done</v></c><c><f>1+1</f><v>2</v></c><c t="str"><f>""</f><v></v></c>'
    found = cells(raw_xlsx(worksheet(f'<row r="1">{saved_results}</row>')))
    assert found == {"1:1": ["s", "Done", "f"], "1:2": ["n", 2, "f"]}


def test_the_calendar_of_old_macs_counts_from_1904() -> None:
    book = Workbook()
    book.epoch = dt.datetime(1904, 1, 1)
    book.active.append([dt.date(2026, 11, 18)])
    assert cells(saved(book)) == {"1:1": ["d", "2026-11-18"]}


def test_a_day_that_excel_invented_stays_a_number() -> None:
    book = Workbook()
    for value in (60, 61, -1, 3_000_000):
        book.active.append([value])
    for row in book.active:
        row[0].number_format = "dd/mm/yyyy"
    assert [cell for cell in cells(saved(book)).values()] == [["n", 60.0], ["d", "1900-03-01"], ["n", -1.0], ["n", 3_000_000.0]]


def test_cells_and_rows_that_do_not_say_where_they_are_follow_one_another() -> None:
    first = '<row><c t="inlineStr"><is><t>a</t></is></c><c r="D1"><v>1</v></c><c><v>2</v></c></row>'
    found = cells(raw_xlsx(worksheet(first + "<row><c><v>3</v></c></row>")))
    assert found == {"1:1": ["s", "a"], "1:4": ["n", 1], "1:5": ["n", 2], "2:1": ["n", 3]}


def test_rich_text_is_joined_and_reading_aids_are_left_out() -> None:
    rich = '<row r="1"><c t="inlineStr"><is><r><t>Light </t></r><r><t>7_x000D_</t></r><rPh><t>aid</t></rPh></is></c></row>'
    assert cells(raw_xlsx(worksheet(rich))) == {"1:1": ["s", "Light 7\r"]}


def test_hidden_rows_and_columns_count_only_when_they_hold_something() -> None:
    before = '<cols><col min="2" max="2" hidden="1"/><col min="4" max="4" width="0"/><col min="8" max="20" hidden="true"/></cols>'
    rows = inline(1, ["a", "b", "c", "d"]) + inline(2, ["e"], 'hidden="1"') + '<row r="3" hidden="1"/>' + inline(4, ["f"], 'ht="0"')
    found = read_bytes(raw_xlsx(worksheet(rows, before)))
    assert found["hidden"] == ["columns B and D of “Actions”", "rows 2 and 4 of “Actions”"]
    assert found["sheets"][0]["hidden_columns"] == ["B", "D"] and found["sheets"][0]["hidden_rows"] == [2, 4]


def test_what_else_a_workbook_carries_is_said() -> None:
    assert read_bytes(filled(with_comment))["notes"] == ["This workbook has 1 comment, which is not read."]
    found = read_bytes(raw_xlsx(
        worksheet(SHORT), xl__vbaProject_dot_bin=b"x", xl__externalLinks__externalLink1_dot_xml=b"<a/>",
        xl__pivotCache__pivotCacheDefinition1_dot_xml=b"<a/>", xl__embeddings__a_dot_bin=b"x", xl__media__a_dot_png=b"x",
    ))
    assert found["format"] == "xlsm"
    assert found["notes"] == [
        "This workbook contains macros. They were not opened.",
        "This workbook has 1 link to other files, which is not followed.",
        "This workbook has 1 picture, which is not read.",
    ]
    assert found["hidden"] == ["1 pivot table with a copy of the data behind it", "1 embedded file"]


def test_opendocument_repeats_types_and_hidden_things_are_understood() -> None:
    cell = "table:table-cell office:value-type"
    rows = (
        '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
        f'<table:table-row table:number-rows-repeated="2"><{cell}="float" office:value="7" table:number-columns-repeated="2"/>'
        f'<{cell}="date" office:date-value="2026-11-18"/><{cell}="boolean" office:boolean-value="true"/></table:table-row>'
        f'<table:table-row table:number-rows-repeated="5"/><table:table-row table:visibility="collapse"><{cell}="string">'
        '<office:annotation><text:p>secret</text:p></office:annotation><draw:frame xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><text:p>logo</text:p></draw:frame>'
        '<text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p>'
        '</table:table-cell><table:table-cell table:formula="of:=1/0"><text:p>#DIV/0!</text:p></table:table-cell></table:table-row>'
    )
    unseen = '<style:style style:name="no"><style:table-properties table:display="false"/></style:style>'
    lists = '<table:table table:name="Lists" table:style-name="no">' + ods_row(["x"]) + "</table:table>"
    data = raw_ods(rows, unseen, more=lists)
    line = {"1": ["n", 7], "2": ["n", 7], "3": ["d", "2026-11-18"], "4": ["b", True]}
    found = read_bytes(data)
    assert found["sheets"][0]["rows"] == [[1, line], [2, line], [8, {"1": ["s", "a  b\nc"], "2": ["e", "#DIV/0!", "f"]}]]
    assert found["hidden"] == ["column C of “Actions”", "row 8 of “Actions”", "sheet “Lists”"]
    assert found["notes"] == ["This workbook has 1 comment, which is not read."]


@pytest.mark.parametrize(("data", "expected"), [
    ("Ref;Update\r\n7;Café, £5\r\n".encode("cp1252"), "Café, £5"),
    ("\ufeffRef,Update\n7,\"two\nlines\"\n".encode(), "two\nlines"),
    ("Ref\tUpdate\n7\tשלום 😀\n".encode("utf-16"), "שלום 😀"),
    (b"sep=;\nRef;Update\n7;a,b,c\n", "a,b,c"),
])
def test_a_csv_file_is_read_in_any_usual_way_of_writing_it(data: bytes, expected: str) -> None:
    found = read_bytes(data, "from agency.csv")
    assert found["sheets"][0]["name"] == "from agency"
    assert found["sheets"][0]["rows"][1] == [2, {"1": ["s", "7"], "2": ["s", expected]}]


@pytest.mark.office
def test_libreoffice_saves_the_same_cells_in_every_format(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["C"].hidden = True
        book.create_sheet("Lists").append(["Sam"])
        book["Lists"].sheet_state = "hidden"
        book.active["A5"], book.active["C5"] = 7.25, "=1/0"

    source = tmp_path / "source.xlsx"
    source.write_bytes(table([TITLES, row_of(1, update="Café 😀 שלום\nline two"), row_of(2)], change))
    first: dict[str, Any] | None = None
    for format in ("ods", "xls", "xlsx"):
        folder = tmp_path / format
        folder.mkdir()
        found = read_bytes(soffice_convert(source, format, folder).read_bytes())
        assert found["format"] == format
        assert found["hidden"] == ["column C of “Actions”", "row 3 of “Actions”", "sheet “Lists”"]
        for sheet in found["sheets"]:
            for _, line in sheet["rows"]:
                for cell in line.values():
                    del cell[2:]  # xls does not tell a formula from its result
        first = first or found
        assert found["sheets"] == first["sheets"]
    assert first is not None
    rows = dict(first["sheets"][0]["rows"])
    assert rows[2]["9"] == ["s", "Café 😀 שלום\nline two"] and rows[2]["7"] == ["d", "2027-01-08"]
    assert rows[5] == {"1": ["n", 7.25], "3": ["e", "#DIV/0!"]}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with something wrong: bytes changed, cut, doubled, or a part inside it changed and packed again."""
    way = chance.randrange(6)
    if way > 3 and data.startswith(b"PK"):
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            spoilt = chance.choice(old.namelist())
            for name in old.namelist():
                part = old.read(name)
                new.writestr(name, mutated(part, chance) if name == spoilt and not part.startswith(b"PK") else part)
        return file.getvalue()
    if way == 0:
        return data[:chance.randrange(len(data) + 1)]
    if way == 1:
        start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        return data[:end] + data[start:]
    changed = bytearray(data)
    # Half of the time digits only, so that the XML stays well formed and the damage reaches what it says.
    digits = [place for place, byte in enumerate(data) if 48 <= byte <= 57] if chance.random() < 0.5 else []
    for _ in range(chance.choice((1, 3, 20)) if data else 0):
        if digits:
            changed[chance.choice(digits)] = chance.choice(b"0123456789-.")
        else:
            changed[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(changed)


def _out_of_time(*_: Any) -> None:
    raise TimeoutError


def spoil(seeds: list[bytes], times: int) -> None:
    """Reads mutated files: each is answered or refused in a sentence, within five seconds."""
    chance = random.Random(20261123)
    signal.signal(signal.SIGALRM, _out_of_time)
    for number in range(times):
        data = mutated(chance.choice(seeds), chance)
        began = time.monotonic()
        signal.alarm(20)
        try:
            interpret(read_bytes(data), TODAY)
        except Unreadable as fault:
            assert fault.sentence.endswith(".") and len(fault.sentence) > 20, (number, fault.sentence)
        finally:
            signal.alarm(0)
        assert time.monotonic() - began < 5, f"mutation {number} took too long"


def test_mutated_files_are_answered_or_refused_in_a_sentence() -> None:
    csv = b"Ref;Action;Status\n7;Light;Done\n"
    spoil([filled(), filled(with_comment), raw_xlsx(worksheet(SHORT)), raw_ods(ODS_SHORT), csv, csv.decode().encode("utf-16")], 600)


@pytest.mark.office
def test_mutated_files_of_old_excel_are_too(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(filled())
    spoil([soffice_convert(tmp_path / "a.xlsx", to, tmp_path).read_bytes() for to in ("xls", "ods")], 150)


def test_the_sandbox_hands_over_what_the_reader_read(tmp_path: Path) -> None:
    for case in (case for case in ALL if case.name in ("plain.xlsx", "plain.ods", "semicolons.csv", "hidden-columns.xlsx")):
        path = tmp_path / case.name
        path.write_bytes(case.build())
        with open(path, "rb") as file:
            assert sandbox.read("csc_hub.exchange.reading.workbook:read", file, case.name) == read_bytes(path.read_bytes(), case.name)


def test_100_000_blank_formatted_rows_cost_less_than_three_seconds() -> None:
    data = next(case for case in ALL if case.name == "blank.xlsx").build()
    began = time.process_time()
    assert len(read_bytes(data)["sheets"][0]["rows"]) == 2
    assert time.process_time() - began < 3
