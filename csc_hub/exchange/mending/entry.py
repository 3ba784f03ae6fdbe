"""What the sandbox runs to hand a workbook back: marks its faults in place where that can be done, or in a copy of its cells."""

from __future__ import annotations

import base64
import json
from typing import Any, BinaryIO

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.mending import comments, emptying, listing
from csc_hub.exchange.mending.listing import MOST, Fault
from csc_hub.exchange.mending.package import MAIN, Package
from csc_hub.exchange.mending.sheet import SheetParts, is_marked
from csc_hub.exchange.mending.styles import Styles
from csc_hub.exchange.ours import is_list_of_faults
from csc_hub.exchange.reading import workbook as reading
from csc_hub.exchange.reading.carried import KINDS, Out
from csc_hub.exchange.reading.grid import Book
from csc_hub.kernel import listed

COPY = "This is a copy of the cells in a new workbook, without formatting and pictures: {why}."
_OTHER = {"xls": "yours is in the format of old Excel (.xls)", "ods": "yours is an OpenDocument spreadsheet (.ods)", "csv": "yours is a CSV file"}
_ODD = "yours could not be changed without harm"


def give_back(file: BinaryIO, size: str, name: str) -> dict[str, Any]:
    """{"content": the workbook in base64, "copied": whether it is a copy of the cells, "said": sentences}. Raises `Unreadable`.

    After `size` bytes of the workbook the file goes on with its faults as JSON: [[sheet, cell or null, sentence], …].
    """
    data = file.read(int(size))
    faults = [Fault(*fault) for fault in json.loads(file.read())]
    content, copied, said = marked(data, faults, name)
    return {"content": base64.b64encode(content).decode(), "copied": copied, "said": said}


def marked(data: bytes, faults: list[Fault], name: str = "") -> tuple[bytes, bool, list[str]]:
    """The workbook with its faults, whether it is a copy, and what was done to it besides. Raises `Unreadable`."""
    book = reading.opened(data, name)
    why = _OTHER.get(book.format) or _left_behind(book)
    if not why:
        try:
            content, said = _in_place(data, book, faults)
            return content, False, said
        except MemoryError:
            raise
        except Exception:
            why = _ODD  # a package that its own reader could open and that is put together oddly: its cells are still good
    from csc_hub.exchange.mending.copied import copy

    book.sheets = [sheet for sheet in book.sheets if not is_list_of_faults(sheet.name, sheet.first_cell())]
    said = [COPY.format(why=why)] + ([emptying.MACROS] if "macros" in book.found.numbers else []) + _about_hidden(book)
    return copy(book, faults, said), True, said


def _about_hidden(book: Book) -> list[str]:
    """What was hidden and is shown, and what still does not show."""
    places = [phrase for sheet in book.sheets for phrase in sheet.hidden_places()]
    cells = [phrase for sheet in book.sheets for phrase in sheet.hidden_cells()]
    said = [emptying.SHOWN.format(what=listed(places))] if places else []
    return said + ([emptying.UNSEEN.format(what=listed(cells))] if cells else [])


def _left_behind(book: Book) -> str:
    """Why a workbook cannot be handed back as it is: what it carries that cannot be shown or taken out."""
    kinds = [kind for kind in book.found.numbers if KINDS[kind].going_out is Out.COPIED]
    return f"yours carries {listed(kinds)}, which the hub does not hand on" if kinds else ""


def _in_place(data: bytes, book: Book, faults: list[Fault]) -> tuple[bytes, list[str]]:
    """The workbook with only the parts changed that have to be. Raises `Unreadable`."""
    package = Package(data)
    workbook = package.related("", "officeDocument") or "xl/workbook.xml"
    sheets = _sheets(package, workbook)
    if len(sheets) != len(book.sheets):
        raise Unreadable(BROKEN)
    styles = Styles(package, workbook)
    said = emptying.empty(package, workbook) + _about_hidden(book)
    old = None
    for (element, part), sheet in zip(sheets, book.sheets):
        if is_list_of_faults(sheet.name, sheet.first_cell()):
            old = part
            continue
        emptying.show_sheet(element, sheet.first_cell())
        remarks = _remarks([fault for fault in faults[:MOST] if fault.sheet == sheet.name])
        _mark(package, part, styles, remarks, bool(sheet.hidden_places()))
    known = {sheet.name: element.get("name", "") for (element, _), sheet in zip(sheets, book.sheets)}
    faults = [Fault(known.get(fault.sheet, fault.sheet), fault.cell, fault.sentence) for fault in faults]
    listing.write(package, workbook, styles, faults, said, old, [e.get("name", "") for e in package.tree(workbook).find(f"{{{MAIN}}}sheets")])
    return package.saved(), said


def _sheets(package: Package, workbook: str) -> list[tuple[Any, str]]:
    """The sheets with cells, in their order: their line in the workbook and their part. Raises `Unreadable`."""
    targets = {relation.id: relation for relation in package.relations(workbook)}
    lines = package.tree(workbook).find(f"{{{MAIN}}}sheets")
    if lines is None:
        raise Unreadable(BROKEN)  # the strict dialect, or no workbook at all
    found = []
    for line in lines:
        key = next((value for name, value in line.attrib.items() if name.endswith("}id")), "")
        if key in targets and targets[key].kind == "worksheet":
            found.append((line, targets[key].target))
    return found


def _mark(package: Package, part: str, styles: Styles, remarks: dict[tuple[int, int], str], show: bool) -> None:
    """Marks and comments the cells of one sheet; one without faults, hidden things or earlier marks is not touched."""
    marked = is_marked(package, part, styles)
    if not (remarks or show or marked):
        return
    sheet = SheetParts(package, part, styles)
    if marked:
        sheet.unmark()
    if show:
        sheet.show()
    sheet.mark(list(remarks))
    if remarks or marked:
        comments.comment(sheet, remarks)


def _remarks(faults: list[Fault]) -> dict[tuple[int, int], str]:
    """What is to be said on each cell, by row and column; several faults of a cell one after the other."""
    found: dict[tuple[int, int], str] = {}
    for fault in faults:
        place = _place(fault.cell or "")
        if place:
            found[place] = f"{found[place]}\n{fault.sentence}" if place in found else fault.sentence
    return found


def _place(cell: str) -> tuple[int, int] | None:
    letters = cell.rstrip("0123456789")
    if not letters.isalpha() or len(letters) > 3 or letters == cell:
        return None
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(cell[len(letters):]), column
