"""Reads one worksheet of an Excel workbook in a single pass over its XML, whatever size it says it has."""

from __future__ import annotations

import datetime as dt
import math

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.grid import NO_RESULT, Book, Cell, Sheet, address
from csc_hub.exchange.reading.markup import Walker, decoded, yes
from csc_hub.exchange.reading.serials import dated, iso

_DIGITS = "0123456789"
_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
_NAMED = 100  # cells of one kind that are named
_places: dict[str, int] = {}


class SheetWalker(Walker):
    """Keeps the cells of one worksheet that hold something, and notes which rows and columns are hidden."""

    def __init__(self, book: Book, sheet: Sheet, texts: list[str], dates: frozenset[str], blanks: frozenset[str]) -> None:
        super().__init__()
        self._book, self._sheet, self._texts, self._dates, self._blanks = book, sheet, texts, dates, blanks
        self._row = self._column = self._looked_at = 0
        self._hidden = self._in_cells = self._in_cell = self._aid = False
        self._kind = self._style = ""
        self._formula = self._valued = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A row, a cell or its value begins."""
        if name == "c" and self._in_cells:
            self._cell_begins(attributes)
        elif self._in_cell:
            self._inside_cell(name)
        elif name == "row" and self._in_cells:
            self._row_begins(attributes)
        elif name == "sheetData":
            self._in_cells = True
        elif name == "col":
            self._columns(attributes)
        elif name == "mergeCell":
            self._merged(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """A cell is whole, or the cells are over."""
        if name == "c":
            if self._in_cell:
                self._in_cell = False
                if self._valued or self._formula:
                    self._keep()
        elif name == "v" or name == "t":
            self.pause()
        elif name == "rPh":
            self._aid = False
        elif name == "sheetData":
            self._in_cells = False
            self._book.visit(self._looked_at)

    def _cell_begins(self, attributes: dict[str, str]) -> None:
        """Where the cell is and of what type; a cell that does not say follows the one before it."""
        place = attributes.get("r")
        self._column = _column(place) if place else self._column + 1
        self._in_cell = True
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula = self._valued = False
        self._looked_at += 1
        if self._looked_at > 100_000:
            self._book.visit(self._looked_at)
            self._looked_at = 0

    def _inside_cell(self, name: str) -> None:
        """The formula is only noted; the value, or text in the cell, is listened to."""
        if name == "f":
            self._formula = True
        elif name == "rPh":
            self._aid = True
        elif name == "v" or (name == "t" and not self._aid):
            self._valued = True
            self.collect()

    def _row_begins(self, attributes: dict[str, str]) -> None:
        """Which row it is, and whether it is hidden or has no height."""
        place = attributes.get("r")
        self._row = _whole(place) if place else self._row + 1
        self._column = 0
        if not 0 < self._row <= _LAST_ROW:
            raise Unreadable(BROKEN)
        self._hidden = yes(attributes.get("hidden")) or _nothing(attributes.get("ht"))

    def _columns(self, attributes: dict[str, str]) -> None:
        """Notes hidden columns, and those of no width."""
        if yes(attributes.get("hidden")) or _nothing(attributes.get("width")):
            self._sheet.hidden_spans.append((_whole(attributes.get("min")), _whole(attributes.get("max"))))
            if len(self._sheet.hidden_spans) > _LAST_COLUMN:
                raise Unreadable(BROKEN)

    def _merged(self, place: str) -> None:
        """Names the cells under a merged one that hold something; they follow the cells in the file."""
        first, _, last = place.partition(":")
        if not last or self._column_and_row(first) == (0, 0) or self._column_and_row(last) == (0, 0):
            return
        (left, top), (right, bottom) = self._column_and_row(first), self._column_and_row(last)
        self._sheet.merge(left, top, bottom)
        rows = range(top, bottom + 1) if bottom - top < len(self._sheet.rows) else sorted(self._sheet.rows)
        self._book.visit(len(rows))
        for row in rows:
            for column in self._sheet.rows.get(row, ()) if top <= row <= bottom else ():
                if left <= int(column) <= right and (row, int(column)) != (top, left) and len(self._sheet.covered) < _NAMED:
                    self._sheet.covered.append(address(row, int(column)))

    def _column_and_row(self, place: str) -> tuple[int, int]:
        """(3, 7) for 'C7'; (0, 0) for anything else."""
        place = place.replace("$", "")
        letters = place.rstrip(_DIGITS)
        known = 1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha() and 0 < len(place) - len(letters) <= 7
        return (_column(letters), _whole(place[len(letters):])) if known else (0, 0)

    def _keep(self) -> None:
        """Puts the finished cell on the sheet."""
        text = self.collected()
        if self._row == 0:
            raise Unreadable(BROKEN)
        cell = self._cell(text)
        if self._formula and len(cell) == 2:
            cell.append("f")
        self._sheet.put(self._row, self._column, cell, self._hidden)
        if self._style in self._blanks and len(self._sheet.blanked) < _NAMED:
            self._sheet.blanked.append(address(self._row, self._column))

    def _cell(self, text: str) -> Cell:
        """The value as its type says."""
        kind = self._kind
        if kind == "s":
            return ["s", self._shared(text)] if text else ["s", ""]
        if kind == "inlineStr" or kind == "str":
            return ["s", decoded(text)]
        if not text.strip():
            return list(NO_RESULT) if self._formula else ["s", ""]
        if kind == "b":
            return ["b", yes(text)]
        if kind == "e":
            return ["e", text.strip()[:20]]
        return _iso_date(text) if kind == "d" else self._number(text)

    def _shared(self, text: str) -> str:
        """The shared text that a cell points to. Raises `Unreadable` when there is none."""
        place = _whole(text)
        if place >= len(self._texts):
            raise Unreadable(BROKEN)
        return self._texts[place]

    def _number(self, text: str) -> Cell:
        """A number, or the date that it stands for."""
        try:
            number = float(text)
        except ValueError:
            return ["s", text]
        if not math.isfinite(number):
            return ["e", "#NUM!"]
        if self._style in self._dates:
            return dated(number, self._book.date1904)
        return ["n", int(number) if number.is_integer() and abs(number) < 1e15 else number]


def _column(place: str) -> int:
    """The column of an address such as 'AB12'. Raises `Unreadable`."""
    name = place.rstrip(_DIGITS)
    found = _places.get(name)
    if found is None:
        found = 0
        if not 1 <= len(name) <= 3 or not name.isascii() or not name.isalpha():
            raise Unreadable(BROKEN)
        for letter in name.upper():
            found = found * 26 + ord(letter) - 64
        if found > _LAST_COLUMN:
            raise Unreadable(BROKEN)
        _places[name] = found
    return found


def _whole(text: str | None) -> int:
    """A row, column or place in a list. Raises `Unreadable`."""
    text = (text or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Unreadable(BROKEN)
    return int(text)


def _nothing(size: str | None) -> bool:
    """Whether a height or width is given, and is none."""
    try:
        return size is not None and float(size) == 0
    except ValueError:
        return False


def _iso_date(text: str) -> Cell:
    """A date that the file spells out; otherwise the text as it stands."""
    try:
        return ["d", iso(dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None, microsecond=0))]
    except ValueError:
        return ["s", text]
