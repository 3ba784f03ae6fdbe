"""What every reader fills: the cells of a workbook that hold something, under ceilings that no file can lift."""

from __future__ import annotations

from typing import Any

from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange import ours
from csc_hub.exchange.reading.carried import Carried
from csc_hub.kernel import listed, tidy

SHEETS = 50
ROWS = 20_000  # with content, in one sheet
COLUMNS = 1_000
CHARACTERS = 32_767  # in one cell: Excel's own limit
CELLS = 400_000  # with content, in the workbook
TEXT = 20_000_000  # characters in all cells together
VISITED = 3_000_000  # cells looked at, empty or not
PHRASES = 12
MERGED = 5_000  # cells that go down over several rows, in one sheet

Cell = list[Any]
"""[kind, value] or [kind, value, "f"]. Kinds: s text, n number, d ISO date or time, b true or false, e error.

"f" says that the value is a formula's last saved result; ["e", "", "f"] is a formula without one.
"""
ERRORS = frozenset(("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!"))
"""What Excel shows in place of a result; in a CSV file, and where somebody pasted values, only the words of it are left."""
NO_RESULT: Cell = ["e", "", "f"]


class Sheet:
    """One sheet as it is being read."""

    def __init__(self, book: Book, name: str, visible: bool, very_hidden: bool = False) -> None:
        self.book = book
        self.name = " ".join(tidy(name).split())[:60] or "(no name)"
        self.visible = visible
        self.very_hidden = very_hidden
        self.rows: dict[int, dict[str, Cell]] = {}
        self.columns: set[int] = set()
        self.hidden_rows: set[int] = set()
        self.hidden_spans: list[tuple[int, int]] = []
        self.covered: list[str] = []
        self.blanked: list[str] = []  # cells whose format shows nothing
        self.merged: list[tuple[int, int, int]] = []  # (column, first row, last row) of cells that go down over several rows

    def merge(self, column: int, first: int, last: int) -> None:
        """Notes a cell that goes down over several rows."""
        if last > first and len(self.merged) < MERGED:
            self.merged.append((column, first, last))

    def put(self, row: int, column: int, cell: Cell, hidden: bool = False) -> None:
        """Keeps one cell unless it is blank; counts from 1. Raises `Unreadable` at a ceiling."""
        if cell[0] == "s":
            if not cell[1] or cell[1].isspace():
                return
            self._weigh(row, column, len(cell[1]))
            if cell[1][0] == "#" and cell[1].strip() in ERRORS:
                cell = ["e", cell[1].strip(), *cell[2:]]
        if column > COLUMNS:
            raise Unreadable(
                f"The sheet “{self.name}” has something in cell {address(row, column)}, beyond the {COLUMNS:,} columns "
                "the hub reads. Delete what is not part of the table, save the file and send it again."
            )
        self.book.count()
        cells = self.rows.get(row)
        if cells is None:
            cells = self._new_row(row, hidden)
        cells[str(column)] = cell
        self.columns.add(column)

    def _new_row(self, row: int, hidden: bool) -> dict[str, Cell]:
        """Starts a row, if there may be one more."""
        if len(self.rows) >= ROWS:
            raise Unreadable(
                f"The sheet “{self.name}” has more than {ROWS:,} rows. "
                "Keep only the rows of your own actions, save the file and send it again."
            )
        if hidden:
            self.hidden_rows.add(row)
        self.rows[row] = {}
        return self.rows[row]

    def _weigh(self, row: int, column: int, length: int) -> None:
        """Refuses one text, or all texts together, that are too long to be anyone's typing."""
        if length > CHARACTERS:
            raise Unreadable(
                f"Cell {address(row, column)} of “{self.name}” holds more than {CHARACTERS:,} characters, "
                "the most that Excel allows. Shorten it, save the file and send it again."
            )
        self.book.text += length
        if self.book.text > TEXT:
            raise Unreadable(
                f"This workbook holds more than {TEXT // 1_000_000} million characters of text. "
                "Keep only the rows of your own actions, save the file and send it again."
            )

    def hidden_columns(self) -> list[int]:
        """The hidden columns that hold something."""
        return sorted(c for c in self.columns if any(a <= c <= b for a, b in self.hidden_spans))

    def hidden(self) -> list[str]:
        """What this sheet hides, in phrases such as row 7 of “Actions”."""
        return self.hidden_places() + self.hidden_cells()

    def hidden_places(self) -> list[str]:
        """The hidden columns and rows, or that the whole sheet is hidden."""
        if not self.rows or (not self.visible and ours.is_list_of_faults(self.name, self.first_cell())):
            return []
        if not self.visible:
            return [f"very hidden sheet “{self.name}”" if self.very_hidden else f"sheet “{self.name}”"]
        said = []
        if columns := self.hidden_columns():
            said.append(f"{_spans('column', columns, letters)} of “{self.name}”")
        if rows := sorted(self.hidden_rows):
            said.append(f"{_spans('row', rows, str)} of “{self.name}”")
        return said

    def hidden_cells(self) -> list[str]:
        """Cells of a sheet that can be seen, whose content cannot."""
        if not self.visible:
            return []
        said = [f"cell {cell} of “{self.name}”, under a merged cell" for cell in self.covered[:PHRASES]]
        return said + [f"cell {cell} of “{self.name}”, whose format shows nothing" for cell in self.blanked[:PHRASES]]

    def first_cell(self) -> str:
        """The words in A1, by which the hub knows its own sheets."""
        return str(self.rows.get(1, {}).get("1", ["s", ""])[1])

    def as_json(self) -> dict[str, Any]:
        """The sheet as the sandbox hands it over."""
        return {
            "name": self.name, "visible": self.visible,
            "hidden_rows": sorted(self.hidden_rows)[:1000],
            "hidden_columns": [letters(column) for column in self.hidden_columns()],
            "rows": [[number, self.rows[number]] for number in sorted(self.rows)], "merged": self.merged,
        }


class Book:
    """A workbook as it is being read, and what it has used of its ceilings."""

    def __init__(self, format: str) -> None:
        self.format = format
        self.sheets: list[Sheet] = []
        self.notes: list[str] = []
        self.found = Carried()  # what is not in a sheet
        self.remarks: list[tuple[str, str]] = []  # (cell, words) of comments
        self.date1904 = False
        self.cells = 0
        self.text = 0
        self.visited = 0

    def sheet(self, name: str, visible: bool = True, very_hidden: bool = False) -> Sheet:
        """Starts the next sheet. Raises `Unreadable` when there are too many."""
        if len(self.sheets) >= SHEETS:
            raise Unreadable(
                f"This workbook has more than {SHEETS} sheets. Keep the sheet with the actions, save it and send it again."
            )
        self.sheets.append(Sheet(self, name, visible, very_hidden))
        return self.sheets[-1]

    def carries(self, found: Carried) -> None:
        """Takes note of what the workbook carries besides its cells."""
        self.found = found
        self.notes += found.notes()

    def count(self) -> None:
        """Counts one cell that holds something."""
        self.cells += 1
        if self.cells > CELLS:
            raise Unreadable(
                f"This workbook has more than {CELLS:,} filled cells. "
                "Keep only the rows of your own actions, save the file and send it again."
            )

    def visit(self, cells: int = 1) -> None:
        """Counts cells that were looked at, so that blank formatted ones cannot go on for ever."""
        self.visited += cells
        if self.visited > VISITED:
            raise Unreadable(
                f"This workbook has more than {VISITED // 1_000_000} million formatted cells, most of them empty. "
                "Copy the table into a new workbook, save that and send it."
            )

    def as_json(self) -> dict[str, Any]:
        """The workbook as the sandbox hands it over, without the hub's own list of faults. Raises `Unreadable` when nothing is in it."""
        sheets = [sheet for sheet in self.sheets if not ours.is_list_of_faults(sheet.name, sheet.first_cell())]
        if not any(sheet.rows for sheet in sheets):
            raise Unreadable("There is nothing in any sheet of this file. Fill in the workbook, save it and send that file.")
        return {
            "format": self.format, "date1904": self.date1904,
            "sheets": [sheet.as_json() for sheet in sheets],
            "notes": self.notes,
            "hidden": [phrase for sheet in sheets for phrase in sheet.hidden()] + self.found.hidden(),
            "remarks": self.remarks,
        }


def letters(column: int) -> str:
    """The name of a column: 1 is 'A', 28 is 'AB'."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row: int, column: int) -> str:
    """'C7'."""
    return f"{letters(column)}{row}"


def _spans(one: str, numbers: list[int], name: Any) -> str:
    """'row 7', 'rows 7 to 9 and 12'."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [name(a) if a == b else f"{name(a)} to {name(b)}" for a, b in spans[:PHRASES]]
    if len(spans) > PHRASES:
        words.append(f"{len(spans) - PHRASES} more places")
    return f"{one if len(numbers) == 1 else one + 's'} {listed(words)}"
