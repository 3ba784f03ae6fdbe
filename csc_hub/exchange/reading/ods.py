"""Reads OpenDocument spreadsheets as a stream; a repeat is a number and is never laid out unless it holds something."""

from __future__ import annotations

import datetime as dt
import math

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.container import PASSWORD, Parts
from csc_hub.exchange.reading.grid import Book, Cell, Sheet, address
from csc_hub.exchange.reading.markup import Walker, plain, walk
from csc_hub.exchange.reading.serials import iso
from csc_hub.exchange.reading.carried import Carried
from csc_hub.exchange.reading.xlsx_carried import OPEN_DOCUMENT, Properties

_OUTSIDE = frozenset(["office:annotation", "table:tracked-changes", "table:shapes"])
_CELLS = ("table:table-cell", "table:covered-table-cell")
_ROWS_AT_ALL = 16_777_216
_COVERED = 100


def read(parts: Parts) -> Book:
    """All sheets of an OpenDocument spreadsheet. Raises `Unreadable`."""
    if b"encryption-data" in parts.read("META-INF/manifest.xml"):
        raise Unreadable(PASSWORD)
    book = Book("ods")
    walker = ContentWalker(book)
    walk(parts.open("content.xml"), walker)
    book.carries(_carried(parts, walker))
    return book


def _carried(parts: Parts, walker: ContentWalker) -> Carried:
    """What the document carries besides its cells."""
    found = Carried()
    found.add("macros", int(bool(parts.under("basic/") or parts.under("scripts/"))))
    found.add("comments", walker.comments)
    found.add("links to other files", walker.links)
    found.add("pivot tables", walker.pivots)
    found.add("embedded files", len({name.split("/")[0] for name in parts.under("object ")}))
    found.add("pictures", len(parts.under("pictures/")))
    if "meta.xml" in parts:
        properties = Properties(OPEN_DOCUMENT)
        walk(parts.open("meta.xml"), properties)
        found.named = properties.found
    return found


class ContentWalker(Walker):
    """Follows the tables of one document; what lies beside the cells is counted and passed over."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book
        self._sheet: Sheet | None = None
        self._unseen_styles: set[str] = set()
        self._style = ""
        self._outside = 0
        self._row = self._column = 0
        self._rows = self._columns = self._paragraphs = 0
        self._hidden = False
        self._line: list[tuple[int, int, Cell]] = []
        self._cell: dict[str, str] = {}
        self.comments = self.links = self.pivots = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; inside what is passed over, only its depth counts."""
        if name == "office:annotation":
            self.comments += 1
        if self._outside or name in _OUTSIDE or name.startswith("drawing:"):
            self._outside += 1
            self.pause()
            return
        if name in _CELLS and self._sheet is not None:
            self._cell_begins(attributes)
        elif name == "text:p" and self._sheet is not None:
            if self._paragraphs:
                self.add("\n")
            self._paragraphs += 1
            self.collect()
        elif name.startswith("text:"):
            self._blank(name, attributes)
        elif name.startswith("table:"):
            self._table(name, plain(attributes))
        else:
            self._styling(name, attributes)

    def end(self, name: str) -> None:
        """A cell, a row or a table is whole."""
        if self._outside:
            self._outside -= 1
            if not self._outside and self._paragraphs:
                self.collect()
        elif name in _CELLS:
            self._cell_ends(name)
        elif name == "text:p":
            self.pause()
        elif name == "table:table-row":
            self._row_ends()
        elif name == "table:table":
            self._sheet = None

    def _blank(self, name: str, attributes: dict[str, str]) -> None:
        """Spaces, tabs and line breaks that are elements of their own."""
        if self._paragraphs:
            spaces = min(_repeat(plain(attributes).get("text:c")), 1000)
            self.add({"text:s": " " * spaces, "text:tab": "\t", "text:line-break": "\n"}.get(name, ""))

    def _styling(self, name: str, attributes: dict[str, str]) -> None:
        """Notes the table styles that are not displayed."""
        if name == "style:style":
            self._style = plain(attributes).get("style:name", "")
        elif name == "style:table-properties" and plain(attributes).get("table:display") == "false":
            self._unseen_styles.add(self._style)

    def _table(self, name: str, found: dict[str, str]) -> None:
        """A sheet, a column or a row begins."""
        if name == "table:table":
            self._table_begins(found)
        elif name == "table:table-source":
            self.links += 1
        elif name == "table:data-pilot-table":
            self.pivots += 1
        elif self._sheet is not None and name == "table:table-column":
            repeat = _repeat(found.get("table:number-columns-repeated"))
            if found.get("table:visibility") in ("collapse", "filter"):
                self._sheet.hidden_spans.append((self._column + 1, self._column + repeat))
            self._column += repeat
        elif self._sheet is not None and name == "table:table-row":
            self._rows = _repeat(found.get("table:number-rows-repeated"))
            self._hidden = found.get("table:visibility") in ("collapse", "filter")
            self._column, self._line = 0, []

    def _table_begins(self, found: dict[str, str]) -> None:
        """A new sheet; the copy that a link to another file leaves behind is not one. Raises `Unreadable`."""
        if self._sheet is not None:
            raise Unreadable(BROKEN)
        name = found.get("table:name", "")
        self._row = self._column = 0
        if "'#$" not in name:
            self._sheet = self._book.sheet(name, found.get("table:style-name", "") not in self._unseen_styles)

    def _cell_begins(self, attributes: dict[str, str]) -> None:
        """What the cell says of itself."""
        self._cell = plain(attributes) if attributes else {}
        self._columns = _repeat(self._cell.get("table:number-columns-repeated"))
        self._paragraphs = 0
        self.collected()
        self._book.visit()

    def _cell_ends(self, name: str) -> None:
        """Keeps a cell that holds something; under a merged cell it is only named."""
        text, self._paragraphs = self.collected(), 0
        if self._sheet is None:
            return
        cell = _value(self._cell, text)
        self._sheet.merge(self._column + 1, self._row + 1, self._row + _repeat(self._cell.get("table:number-rows-spanned")))
        if cell is not None and name == "table:covered-table-cell":
            if len(self._sheet.covered) < _COVERED:
                self._sheet.covered.append(address(self._row + 1, self._column + 1))
        elif cell is not None:
            self._line.append((self._column + 1, self._columns, cell))
        self._column += self._columns

    def _row_ends(self) -> None:
        """Lays out a row, as often as it is repeated, if it holds something."""
        if self._sheet is None:
            return
        for row in range(self._row + 1, self._row + 1 + self._rows) if self._line else ():
            for first, repeat, cell in self._line:
                for column in range(first, first + repeat):
                    self._sheet.put(row, column, cell, self._hidden)
        self._row += self._rows
        if self._row > _ROWS_AT_ALL:
            raise Unreadable(BROKEN)


def _repeat(text: str | None) -> int:
    """How often something is repeated: once, unless it says. Raises `Unreadable`."""
    if text is None:
        return 1
    if not text.isascii() or not text.isdigit() or len(text) > 8 or int(text) < 1:
        raise Unreadable(BROKEN)
    return int(text)


def _value(found: dict[str, str], text: str) -> Cell | None:
    """The cell as its value type says, or None when it is blank."""
    kind = found.get("office:value-type", "")
    formula = "table:formula" in found
    cell: Cell
    if found.get("calcext:value-type") == "error" or (formula and text.startswith(("#", "Err:"))):
        cell = ["e", text.strip()[:20]]
    elif kind in ("float", "percentage", "currency"):
        cell = _number(found.get("office:value", ""), text)
    elif kind == "date":
        cell = _date(found.get("office:date-value", ""), text)
    elif kind == "boolean":
        cell = ["b", found.get("office:boolean-value") == "true"]
    elif formula and not kind and not text:
        return ["e", "", "f"]
    else:
        cell = ["s", text or found.get("office:string-value", "")]
    if cell[0] == "s" and not cell[1].strip():
        return None
    return cell + ["f"] if formula else cell


def _number(value: str, text: str) -> Cell:
    """A number; where there is none, what the cell shows."""
    try:
        number = float(value)
    except ValueError:
        return ["s", text]
    if not math.isfinite(number):
        return ["e", "#NUM!"]
    return ["n", int(number) if number.is_integer() and abs(number) < 1e15 else number]


def _date(value: str, text: str) -> Cell:
    """A date; where there is none, what the cell shows."""
    try:
        return ["d", iso(dt.datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0))]
    except ValueError:
        return ["s", text]
