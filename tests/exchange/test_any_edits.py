"""Whatever is done to a workbook and whoever saves it, the merge is what a small model of its own says."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csc_hub.exchange import manifest, merging
from csc_hub.exchange.matching import Known
from csc_hub.exchange.merging import Base, Verdict
from csc_hub.exchange.outgoing import SheetAction, UpdateSheet
from csc_hub.exchange.reading.entry import read_updates
from csc_hub.exchange.update_workbook import update_workbook
from csc_hub.exchange.updates import unpacked
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import LABELS, Status
from tests.trust.exchanged import converted

TODAY = dt.date(2026, 11, 23)
TEXTS = st.sampled_from(["", "Done", "=1+1", "Café – “ça va”\nline two", "7", "'quoted", "-", "  spaced  out ", "a" * 300])
DAYS = st.one_of(st.none(), st.dates(dt.date(2026, 1, 1), TODAY))
FACTS = st.fixed_dictionaries({
    "status": st.sampled_from(list(Status)), "update": TEXTS, "updated_on": DAYS, "evidence": TEXTS, "barrier": TEXTS,
    "proposed_date": st.one_of(st.none(), st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))), "completed_on": DAYS})
EDITS = st.dictionaries(st.sampled_from(rules.UPDATE_FIELDS), st.none(), max_size=3)
COLUMN = {name: 8 + place for place, name in enumerate(rules.UPDATE_FIELDS)}
KEY = manifest.key_of("a secret of more than thirty-two letters")


@st.composite
def cases(draw: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[int, dict[str, Any]], list[int], set[int]]:
    """(facts exported, facts now, edits in the file by row, the order of its rows, rows deleted)."""
    base = draw(st.lists(FACTS, min_size=1, max_size=6))
    now = [{**facts, **{name: draw(FACTS)[name] for name in draw(EDITS)}} for facts in base]
    edits = {n: {name: draw(FACTS)[name] for name in draw(EDITS)} for n in range(len(base))}
    return base, now, edits, draw(st.permutations(range(len(base)))), draw(st.sets(st.integers(0, len(base) - 1), max_size=2))


def known(number: int, facts: dict[str, Any]) -> Known:
    return Known(f"a{number}", 1, f"CSC-2026-014/{number:02d}", number, "us", "Housing", f"Action {number}", facts, {})


def exported(base: list[dict[str, Any]]) -> bytes:
    texts = {n: [*(rules.as_text(facts)[name] for name in manifest.COLUMNS[:7]), "Harbour Road", "Goal", f"Action {n}", "Housing", "", ""] for n, facts in enumerate(base, 1)}
    lines = manifest.made(manifest.Named("0" * 32, "1" * 32, "2" * 32, "3" * 32, 1), texts, KEY)
    actions = tuple(SheetAction(f"CSC-2026-014/{n:02d}", "Harbour Road", "Goal", f"Action {n}", "Housing", "", None, "",
                                **{**facts, "status": LABELS[facts["status"]]}) for n, facts in enumerate(base, 1))
    return update_workbook(UpdateSheet("CSC-2026-014", "Harbour Road", "Anyshire", "Housing", "OFFICIAL-SENSITIVE", TODAY, "Priya", (), actions, 1, tuple(lines)))


def edited(content: bytes, case: Any) -> bytes:
    """The workbook after somebody changed cells, sorted its rows, deleted some and left an empty one, saved by openpyxl."""
    base, _, edits, order, deleted = case
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    for n, cells in edits.items():
        for name, value in cells.items():
            page.cell(n + 2, COLUMN[name]).value = LABELS[value] if name == "status" else value or None
            page.cell(n + 2, COLUMN[name]).data_type = "s" if isinstance(value, str) and value else page.cell(n + 2, COLUMN[name]).data_type
    rows = [[(cell.value, cell.data_type) for cell in page[n + 2]] for n in order if n not in deleted]
    page.delete_rows(2, len(base))
    for number, row in enumerate(rows, 3):  # an empty row is left under the titles
        for column, (value, kind) in enumerate(row, 1):
            page.cell(number, column).value = value
            page.cell(number, column).data_type = kind
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def merged(content: bytes, base: list[dict[str, Any]], now: list[dict[str, Any]]) -> dict[tuple[int, str], str]:
    """(action, field) -> what becomes of it, of a workbook as the hub reads and merges it."""
    found = unpacked(read_updates(io.BytesIO(content), "back.xlsx", TODAY.isoformat())["found"])
    lines_ = found.manifests[0]["lines"]
    assert lines_ and manifest.believed(lines_, KEY) and not found.hidden
    lines = merging.merge(found, [known(n, facts) for n, facts in enumerate(now, 1)], "us", "CSC-2026-014", TODAY, Base(marks=manifest.marks(lines_), key=KEY))
    assert not any(line.refused for line in lines), lines
    return {(line.action.number, cell.field): cell.verdict.value for line in lines if line.action for cell in line.cells}


def model(case: Any) -> dict[tuple[int, str], str]:
    """What must become of each cell, said without the hub's words."""
    base, now, edits, _, deleted = case

    def same(a: Any, b: Any) -> bool:
        one, other = (" ".join(str(v or "").split()) for v in (a, b))
        return ("" if one in ("-", "–") else one) == ("" if other in ("-", "–") else other)

    return {(n + 1, name): Verdict.TAKE.value if same(now[n][name], base[n][name]) else Verdict.BOTH.value
            for n, cells in edits.items() if n not in deleted for name, value in cells.items()
            if not same(value, base[n][name]) and not same(value, now[n][name])}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_any_edits_sorted_and_saved_by_openpyxl_merge_as_the_model_says(case: Any) -> None:
    content = exported(case[0])
    assert merged(content, case[0], case[0]) == {}  # an unchanged file changes nothing
    assert merged(edited(content, case), case[0], case[1]) == model(case)


@pytest.mark.office
def test_any_edits_saved_by_libreoffice_merge_as_the_model_says(tmp_path: Path) -> None:
    """One LibreOffice saves all examples; they are drawn first."""
    drawn: list[Any] = []

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(cases())
    def draw(case: Any) -> None:
        drawn.append(case)

    draw()
    files = []
    for number, case in enumerate(drawn):
        files.append(tmp_path / f"case{number}.xlsx")
        files[-1].write_bytes(edited(exported(case[0]), case))
    for to in ("xlsx", "ods"):
        for case, file in zip(drawn, converted(files, to, tmp_path / to), strict=True):
            assert merged(file.read_bytes(), case[0], case[1]) == model(case), (to, case)


def shaped_like_excels(content: bytes) -> bytes:
    """As Excel saves it: carriage returns written out, blanks marked, rows with spans and a rendering hint of Microsoft's own."""
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(edited_by_nobody(content))) as parts, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in parts.namelist():
            part = parts.read(name)
            if name == "xl/sharedStrings.xml":
                part = part.replace(b"\n", b"_x000D_\n").replace(b"<t>", b'<t xml:space="preserve">')
            if name.startswith("xl/worksheets/sheet"):
                part = part.replace(b"<row r=", b'<row spans="1:14" x14ac:dyDescent="0.25" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" r=')
            out.writestr(name, part)
    return made.getvalue()


def shaped_like_google_sheets(content: bytes) -> bytes:
    """As Google Sheets exports it: every sheet visible, no protection, no drop-downs, more empty rows and columns."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for page in book:
        page.sheet_state, page.protection.sheet, page.data_validations.dataValidation = "visible", False, []
        page.cell(1000, 26).number_format = "General"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited_by_nobody(content: bytes) -> bytes:
    """Opened and saved."""
    file = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(file)
    return file.getvalue()


@pytest.mark.parametrize("shape", [shaped_like_excels, shaped_like_google_sheets])
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_workbooks_shaped_like_those_of_excel_and_google_sheets_merge_alike(shape: Any, case: Any) -> None:
    content = exported(case[0])
    assert merged(shape(content), case[0], case[0]) == {}
    assert merged(shape(edited(content, case)), case[0], case[1]) == model(case)
