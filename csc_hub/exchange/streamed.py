"""Sheets in Excel that go to the disk row by row as they are made, however many rows there are."""

from __future__ import annotations

import io
import zipfile
from copy import copy
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.text import InlineFont
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.writer.excel import ExcelWriter

from csc_hub.exchange import safe_text

Parts = tuple[tuple[InlineFont, str], ...]


class Writer(ExcelWriter):  # type: ignore[misc]
    """Writes a workbook one of whose sheets was streamed to the disk while the others were put together in memory."""

    def write_worksheet(self, page: Any) -> None:
        """A streamed sheet is only closed and copied."""
        if not isinstance(page, WriteOnlyWorksheet):
            super().write_worksheet(page)
            return
        page._drawing = SpreadsheetDrawing()
        page.close()
        page._rels = page._writer._rels
        self._archive.write(page._writer.out, page.path[1:])
        self.manifest.append(page)
        page._writer.cleanup()


def first_sheet(book: Workbook, name: str) -> WriteOnlyWorksheet:
    """A streamed sheet in place of the one with which a workbook begins."""
    book.remove(book.active)
    sheet = WriteOnlyWorksheet(book, name)
    book._add_sheet(sheet)
    book.active = 0
    return sheet


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        Writer(book, archive).save()
    return file.getvalue()


class Board:
    """Some rows of a streamed sheet, put together in any order and written out together; each look is made once.

    Fonts, alignments, fills and sides must be kept by whoever passes them: a look is known by the very objects it is made of.
    """

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self._sheet, self._next = sheet, 1
        self._cells: dict[int, dict[int, list[Any]]] = {}  # row -> column -> [text or parts, font, alignment, fill, top, lined]
        self._heights: dict[int, float] = {}
        self._looks: dict[tuple[int, ...], Any] = {}  # an empty cell of each

    def put(self, row: int, column: int, text: str | Parts, font: Font, alignment: Alignment, to: tuple[int, int] | None = None) -> None:
        """A text in a cell or, with `to` as (row, column), over an area of cells."""
        self._cell(row, column)[:3] = text, font, alignment
        if to and to != (row, column):
            self._sheet.merged_cells.ranges.add(CellRange(min_row=row, min_col=column, max_row=to[0], max_col=to[1]))

    def fill(self, row: int, column: int, fill: PatternFill) -> None:
        """The ground of a cell."""
        self._cell(row, column)[3] = fill

    def box(self, first: int, last: int, columns: int, side: Side, top: Side) -> None:
        """Lines round every cell of these rows; the uppermost has another above it."""
        for row in range(first, last + 1):
            for column in range(1, columns + 1):
                self._cell(row, column)[4:] = top if row == first else side, side

    def height(self, row: int, points: float) -> None:
        """How tall a row is."""
        self._heights[row] = points

    def tall(self) -> float:
        """Points of all rows that have not been written out yet."""
        return sum(self._heights.get(row, 13.0) for row in range(self._next, self._last() + 1))

    def write(self) -> None:
        """Writes the rows out, in their order."""
        last = self._last()
        for row in range(self._next, last + 1):
            if row in self._heights:
                self._sheet.row_dimensions[row].height = self._heights[row]
            cells = self._cells.get(row, {})
            self._sheet.append([self._made(cells[column]) if column in cells else None for column in range(1, max(cells, default=0) + 1)])
            self._sheet.row_dimensions.pop(row, None)
        self._cells, self._heights, self._next = {}, {}, last + 1

    def _last(self) -> int:
        return max([*self._cells, *self._heights], default=self._next - 1)

    def _cell(self, row: int, column: int) -> list[Any]:
        return self._cells.setdefault(row, {}).setdefault(column, [None] * 6)

    def _made(self, told: list[Any]) -> Any:
        text, look = told[0], tuple(map(id, told[1:]))
        if look not in self._looks:
            self._looks[look] = self._look(*told[1:])
        blank = self._looks[look]
        if not text:
            return blank  # it is written at once, and can stand in any place
        cell, style = WriteOnlyCell(self._sheet), blank._style
        formula = safe_text.looks_like_formula(text if isinstance(text, str) else "".join(part for _, part in text))
        cell._style = copy(style) if formula else style  # text that looks like a formula has a look of its own, which says that it is text
        if isinstance(text, str):
            safe_text.write(cell, text)
        else:
            safe_text.write_parts(cell, text)
        return cell

    def _look(self, font: Font | None, alignment: Alignment | None, fill: PatternFill | None, top: Side | None, side: Side | None) -> Any:
        cell = WriteOnlyCell(self._sheet)
        for name, value in (("font", font), ("alignment", alignment), ("fill", fill), ("border", Border(left=side, right=side, top=top, bottom=side) if side else None)):
            if value is not None:
                setattr(cell, name, value)
        return cell
