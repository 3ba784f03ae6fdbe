"""Changes single cells of a worksheet's XML, and leaves everything else in it as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from csc_hub.exchange.mending.package import MAIN, Package
from csc_hub.exchange.mending.styles import Styles
from csc_hub.exchange.ours import AUTHOR
from csc_hub.exchange.reading.grid import address

_AFTER_CELLS = (
    "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews",
    "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing",
)
"""What a worksheet has up to the pictures of its comments, in the order that Excel insists on."""


class SheetParts:
    """One worksheet of a package that is being changed."""

    def __init__(self, package: Package, part: str, styles: Styles) -> None:
        self.package, self.part, self.styles = package, part, styles
        self.root = package.edit(part)
        self._cells = self.root.find(f"{{{MAIN}}}sheetData")
        if self._cells is None:
            self._cells = etree.SubElement(self.root, f"{{{MAIN}}}sheetData")
        self._rows = {number: row for number, row in _placed(self._cells, "row")}

    def mark(self, places: list[tuple[int, int]]) -> None:
        """Gives cells the colour of a fault; one that is not there is made."""
        for row, column in sorted(places):
            line = self._row(row)
            cell = next((c for number, c in _placed(line, "c") if number == column), None)
            if cell is None:
                cell = etree.Element(f"{{{MAIN}}}c", r=address(row, column))
                cell.set("s", str(self._empty_look(line, column)))
                _insert(line, cell, column, "c")
            style = cell.get("s", "0")
            cell.set("s", str(self.styles.marked(int(style) if style.isdigit() else 0)))

    def _row(self, number: int) -> Any:
        if number not in self._rows:
            row = etree.Element(f"{{{MAIN}}}row", r=str(number))
            _insert(self._cells, row, number, "row")
            self._rows[number] = row
        return self._rows[number]

    def _empty_look(self, line: Any, column: int) -> int:
        """How a cell looks that is not written down: as its row, else as its column."""
        if line.get("customFormat") in ("1", "true"):
            return _whole(line.get("s"))
        for about in self.root.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col"):
            if _whole(about.get("min")) <= column <= _whole(about.get("max")):
                return _whole(about.get("style"))
        return 0

    def unmark(self) -> None:
        """Takes the colour of a fault off cells that had it from an earlier time."""
        ours = {str(number) for number in self.styles.ours()}
        if not ours:
            return
        marked: list[tuple[int, Any]] = []
        seen: dict[int, set[int]] = {}
        for row in self._rows.values():
            for column, cell in _placed(row, "c"):
                if cell.get("s") in ours:
                    marked.append((column, cell))
                else:
                    seen.setdefault(column, set()).add(_whole(cell.get("s")))
        for column, cell in marked:
            cell.set("s", str(self.styles.before(_whole(cell.get("s")), seen.get(column, set()))))

    def show(self) -> None:
        """Shows hidden rows and columns, and takes off the filters that hid them."""
        for row in self._rows.values():
            _show(row, "ht", "customHeight")
        for column in self.root.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col"):
            _show(column, "width", "customWidth")
        for about in self.root.iterfind(f"{{{MAIN}}}sheetFormatPr"):
            about.attrib.pop("zeroHeight", None)
        for criterion in list(self.root.iterfind(f"{{{MAIN}}}autoFilter/*")):
            criterion.getparent().remove(criterion)

    def put_in_order(self, name: str) -> Any:
        """A new element of the worksheet, at the place where it has to stand."""
        element = etree.Element(f"{{{MAIN}}}{name}")
        earlier = {"sheetData", *_AFTER_CELLS[:_AFTER_CELLS.index(name)]}
        before = [e for e in self.root if isinstance(e.tag, str) and etree.QName(e).localname in earlier]
        self.root.insert(self.root.index(before[-1]) + 1, element)
        return element


def is_marked(package: Package, part: str, styles: Styles) -> bool:
    """Whether a worksheet has colours or comments of the hub's from an earlier time."""
    ours = {str(number) for number in styles.ours()}
    if ours and any(cell.get("s") in ours for cell in package.tree(part).iter(f"{{{MAIN}}}c")):
        return True
    notes = package.related(part, "comments")
    return notes is not None and AUTHOR in "".join(package.tree(notes).itertext())


def _placed(parent: Any, name: str) -> Iterator[tuple[int, Any]]:
    """The rows of a sheet or the cells of a row with their numbers; one that does not say follows the one before it."""
    number = 0
    for element in parent.iterchildren(f"{{{MAIN}}}{name}"):
        place = element.get("r")
        number = (_column(place) if name == "c" else _whole(place)) if place else number + 1
        yield number, element


def _insert(parent: Any, element: Any, number: int, name: str) -> None:
    """Puts a row or a cell among its like. What follows keeps its place, for it is told where it is."""
    behind = None
    for other, found in _placed(parent, name):
        found.set("r", str(other) if name == "row" else address(_whole_row(parent), other))
        if other > number and behind is None:
            behind = found
    if behind is None:
        last = list(parent.iterchildren(f"{{{MAIN}}}{name}"))
        parent.insert(parent.index(last[-1]) + 1 if last else 0, element)
    else:
        behind.addprevious(element)
    spans = parent.get("spans", "") if name == "c" else ""
    if spans:
        del parent.attrib["spans"]


def _whole_row(row: Any) -> int:
    """The number of a row: its own, or one more than that of the row before it."""
    if row.get("r"):
        return _whole(row.get("r"))
    return next(number for number, found in _placed(row.getparent(), "row") if found is row)


def _show(element: Any, size: str, fixed: str) -> None:
    """Takes away what hides a row or column."""
    element.attrib.pop("hidden", None)
    try:
        nothing = float(element.get(size, "1")) == 0
    except ValueError:
        nothing = True
    if nothing:
        for name in (size, fixed):
            element.attrib.pop(name, None)


def _column(place: str) -> int:
    number = 0
    for letter in place.rstrip("0123456789").upper():
        number = number * 26 + ord(letter) - 64
    return number


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
