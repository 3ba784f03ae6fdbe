"""Reads xlsx and xlsm: which sheets there are, the shared texts, which styles are dates, and what is not read."""

from __future__ import annotations

import posixpath

from csc_hub.adapters.sandbox import BROKEN, TOO_LARGE, Unreadable
from csc_hub.exchange.reading.container import Parts
from csc_hub.exchange.reading.grid import CELLS, SHEETS, TEXT, Book
from csc_hub.exchange.reading.markup import Walker, decoded, plain, walk, yes
from csc_hub.exchange.reading.serials import is_date_format
from csc_hub.exchange.reading.xlsx_carried import carried
from csc_hub.exchange.reading.xlsx_sheet import SheetWalker


def is_workbook(parts: Parts) -> bool:
    """Whether a container is an Excel workbook that holds its sheets as XML."""
    return _workbook_part(parts) in parts


def read(parts: Parts) -> Book:
    """All sheets of an Excel workbook. Raises `Unreadable`."""
    part = _workbook_part(parts)
    contents = Contents()
    walk(parts.open(part), contents)
    if len(contents.sheets) > SHEETS:
        raise Unreadable(
            f"This workbook has {len(contents.sheets)} sheets; the hub reads up to {SHEETS}. "
            "Keep the sheet with the actions, save the file and send it again."
        )
    targets = _related(parts, part)
    texts, styles = Texts(), Styles()
    _walk_if(parts, _of_type(targets, "/sharedStrings"), texts)
    _walk_if(parts, _of_type(targets, "/styles"), styles)
    dates, blanks = styles.dates(), styles.blanks()
    macros = "xl/vbaproject.bin" in parts or bool(parts.under("xl/macrosheets/"))
    book = Book("xlsm" if macros or b"macroEnabled" in parts.read("[Content_Types].xml") else "xlsx")
    book.date1904 = contents.date1904
    for name, state, key in contents.sheets:
        if key not in targets:
            raise Unreadable(BROKEN)
        kind, target = targets[key]
        if kind.endswith("/worksheet"):
            sheet = book.sheet(name, state == "visible", state == "veryHidden")
            walk(parts.open(target), SheetWalker(book, sheet, texts.found, dates, blanks))
    found, book.remarks = carried(parts, contents.hidden_names)
    book.carries(found)
    return book


class Contents(Walker):
    """The list of sheets, and which of the two calendars the day numbers count in."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.date1904 = False
        self.hidden_names = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Notes a sheet, a hidden name or the calendar. Excel itself hides the names that begin with _xl."""
        if name == "sheet":
            found = plain(attributes)
            self.sheets.append((found.get("name", ""), found.get("state", "visible"), found.get("id", "")))
        elif name == "workbookPr":
            self.date1904 = yes(attributes.get("date1904"))
        elif name == "definedName":
            self.hidden_names += yes(attributes.get("hidden")) and not attributes.get("name", "").startswith("_xl")


class Relations(Walker):
    """The parts that one part points to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Notes one relation, unless it leads outside the file."""
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.found[attributes.get("Id", "")] = (attributes.get("Type", ""), attributes.get("Target", ""))


class Texts(Walker):
    """The shared texts, without the reading aids that East Asian text may carry."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._size = 0
        self._aid = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Listens inside `t`."""
        if name == "rPh":
            self._aid = True
        elif name == "t" and not self._aid:
            self.collect()

    def end(self, name: str) -> None:
        """Keeps a text when its item ends."""
        if name == "t":
            self.pause()
        elif name == "rPh":
            self._aid = False
        elif name == "si":
            text = decoded(self.collected())
            self._size += len(text)
            if self._size > TEXT or len(self.found) >= CELLS:
                raise Unreadable(TOO_LARGE)
            self.found.append(text)


class Styles(Walker):
    """Which cell styles show their numbers as dates, and which show nothing at all."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, str] = {}
        self._used: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Notes number formats and the styles that use them."""
        if name == "numFmt":
            self._codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._used.append(_number(attributes.get("numFmtId")))
            if len(self._used) > 70_000:
                raise Unreadable(TOO_LARGE)

    def end(self, name: str) -> None:
        """Leaves the list of cell styles."""
        if name == "cellXfs":
            self._inside = False

    def dates(self) -> frozenset[str]:
        """The numbers of the styles that show dates, as cells name them."""
        known = {number: is_date_format(number, self._codes.get(number)) for number in set(self._used)}
        return frozenset(str(place) for place, number in enumerate(self._used) if known[number])

    def blanks(self) -> frozenset[str]:
        """The numbers of the styles whose format (;;;) shows nothing of what a cell holds."""
        silent = {number for number, code in self._codes.items() if code.replace(" ", "") == ";;;"}
        return frozenset(str(place) for place, number in enumerate(self._used) if number in silent) if silent else frozenset()


def _workbook_part(parts: Parts) -> str:
    """Where the list of sheets lies."""
    found = _of_type(_related(parts, ""), "/officeDocument")
    return found if found and found.endswith(".xml") and not found.startswith(("word/", "ppt/")) else "xl/workbook.xml"


def _related(parts: Parts, part: str) -> dict[str, tuple[str, str]]:
    """The relations of a part, with the places they point to made whole."""
    folder, name = posixpath.split(part)
    relations = Relations()
    _walk_if(parts, posixpath.join(folder, "_rels", f"{name}.rels"), relations)
    return {
        key: (kind, posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/"))
        for key, (kind, target) in relations.found.items()
    }


def _of_type(targets: dict[str, tuple[str, str]], ending: str) -> str | None:
    return next((target for kind, target in targets.values() if kind.endswith(ending)), None)


def _walk_if(parts: Parts, part: str | None, walker: Walker) -> None:
    """Walks a part that a workbook may do without."""
    if part and part in parts:
        walk(parts.open(part), walker)


def _number(text: str | None) -> int:
    """A small whole number of the file's own. Raises `Unreadable`."""
    try:
        return int(text or 0)
    except ValueError:
        raise Unreadable(BROKEN) from None
