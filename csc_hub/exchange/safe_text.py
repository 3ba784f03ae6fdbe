"""Makes typed text harmless before it goes into Excel, Word or CSV: it is always words, never a formula."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pages that make no workbook do not wait for it
    from openpyxl.cell.cell import Cell
    from openpyxl.cell.text import InlineFont

CELL_LIMIT = 32_767
"""What one Excel cell holds, counted as Excel counts: an emoji is two."""
MARGIN_LIMIT = 70
"""What one part of a page header or footer may hold; Excel takes 255 for the three parts with their codes."""
CUT = " … [cut here: too long for one cell]"

_LINE_END = re.compile("\r\n|\r|\v|\f|\x85")
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"  # what XML cannot hold, and other controls
    "\u202a-\u202e\u2066-\u2069]"  # marks that turn the direction of the text after them
)
_STARTS_FORMULA = re.compile(
    r"\A(?:[\t\r]|[\uFEFF\u200B-\u200F\u2060\x00-\x1F\x7F\s]*[=+\-@|%\uFF1D\uFF0B\uFF0D\uFF20])"
)
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_SHEET_NAME_FORBIDS = re.compile(r"[\[\]:*?/\\]")


def for_cell(text: str | None) -> str:
    """The text without characters a document cannot hold or that hide what is written, at most 32,767 long."""
    kept = _UNWANTED.sub("", _LINE_END.sub("\n", text or ""))
    return kept if 2 * len(kept) <= CELL_LIMIT or _units(kept) <= CELL_LIMIT else _cut(kept, CELL_LIMIT - _units(CUT)) + CUT


def as_written(text: str | None) -> str:
    """The text as it is put into the XML of a workbook by hand: what Excel would take for an escape stays what was typed."""
    return _escaped(for_cell(text))


def for_csv(text: str | None) -> str:
    """The text for one CSV value: an apostrophe in front where a spreadsheet could take it for a formula.

    The CSV writer must still quote every value.
    """
    kept = for_cell(text)
    return f"'{kept}" if looks_like_formula(kept) else kept


def for_margin(text: str | None) -> str:
    """The text for one part of a page header or footer in Excel: one short line in which & is only an &."""
    line = " ".join(for_cell(text).split())
    if len(line) + line.count("&") > MARGIN_LIMIT:
        while len(line) + line.count("&") >= MARGIN_LIMIT:
            line = line[:-1]
        line = line.rstrip() + "…"
    return line.replace("&", "&&")


def sheet_name(text: str | None, otherwise: str) -> str:
    """The text as the name of a worksheet: 31 characters, none that Excel forbids."""
    kept = " ".join(_SHEET_NAME_FORBIDS.sub("-", for_cell(text)).split())
    kept = _cut(kept, 31).strip("' ")
    return otherwise if not kept or kept.casefold() == "history" else kept


def looks_like_formula(text: str) -> bool:
    """Could a spreadsheet take the text for a formula, now or after somebody edits it?"""
    return _STARTS_FORMULA.match(text) is not None


def write(cell: Cell, value: object) -> None:
    """Put a value in an Excel cell. Text stays text, even when a person edits the cell later."""
    if not isinstance(value, str):
        cell.value = value
        return
    if value.isascii() and value.isprintable() and len(value) <= CELL_LIMIT:  # nothing in it can be unwanted
        cell._value, text = _escaped(value), value
    else:
        text = for_cell(value)
        cell.value = _escaped(text)
    _stay_text(cell, text)


def write_parts(cell: Cell, parts: Sequence[tuple[InlineFont, str]]) -> None:
    """Put text of several fonts in one Excel cell, as safely as `write`. The fonts must be ones that are made once and kept."""
    from openpyxl.cell.rich_text import CellRichText

    from csc_hub.exchange.runs import Run

    safe = [(font, for_cell(text)) for font, text in parts]
    whole = "".join(text for _, text in safe)
    if _units(whole) > CELL_LIMIT:
        write(cell, whole)
        return
    cell.value = CellRichText([Run(font, _escaped(text)) for font, text in safe if text])
    _stay_text(cell, whole)


def _stay_text(cell: Cell, text: str) -> None:
    """Store as a string whatever it looks like; mark it as text where editing could wake a formula."""
    cell.data_type = "s"
    if looks_like_formula(text):
        cell.quotePrefix = True


def _escaped(text: str) -> str:
    """Excel reads _x003D_ as '='; written as _x005F_x003D_ it stays what was typed."""
    return _ESCAPE.sub("_x005F_", text)


def _units(text: str) -> int:
    """Length as Excel counts it."""
    return len(text) + sum(c > "\uffff" for c in text)


def _cut(text: str, units: int) -> str:
    """The beginning of a text, no longer than so many units."""
    used = 0
    for place, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > units:
            return text[:place]
    return text
