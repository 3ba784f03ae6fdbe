"""Workbooks as they come back from agencies: builders that spoil the hub's own download the way people and programs do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl import Workbook

from csc_hub.exchange import manifest
from csc_hub.exchange.outgoing import UPDATE_COLUMNS

COLUMN = {name: place for place, (name, _, _) in enumerate(UPDATE_COLUMNS, 1)}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(frozen=True)
class Sent:
    """The workbook as the hub gave it out: twelve actions of Housing in rows 2 to 13."""

    content: bytes
    key: bytes  # with which this hub signs

    def book(self) -> Workbook:
        """The workbook, to be changed."""
        return openpyxl.load_workbook(io.BytesIO(self.content))

    def rows(self) -> list[list[Any]]:
        """Titles and rows as values."""
        return [list(row) for row in self.book().worksheets[0].iter_rows(max_col=len(COLUMN), values_only=True)]


@dataclass(frozen=True)
class Case:
    """One workbook, what is odd about it, and what the importer must make of it on the real plan."""

    what: str
    build: Callable[[Sent], bytes]
    name: str = "back.xlsx"
    cells: int = 0  # taken
    both: int = 0
    asked: int = 0
    faults: int = 0
    untaken: int = 0
    matched: int = 12
    alarms: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    says: tuple[str, ...] = ()  # on the page
    refused: str = ""  # the whole file, with this sentence
    to: str = ""  # what LibreOffice saves it as first


def saved(book: Workbook) -> bytes:
    """A workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def put(sheet: Any, row: int, **cells: Any) -> None:
    """Writes cells by the name of their field."""
    for name, value in cells.items():
        cell = sheet.cell(row, COLUMN[name])
        cell.value = value
        if isinstance(value, str) and not value.startswith(("=", "#")):
            cell.data_type = "s"


def changed(deed: Callable[[Workbook, Any], object] | None = None, **cells: Any) -> Callable[[Sent], bytes]:
    """The download with cells of row 2 filled in, and something done to it."""
    def build(sent: Sent) -> bytes:
        book = sent.book()
        put(book.worksheets[0], 2, **cells)
        if deed:
            deed(book, book.worksheets[0])
        return saved(book)
    return build


def column(name: str, *values: Any, start: int = 2, **more: Any) -> Callable[[Sent], bytes]:
    """The download with a column written from its first row on."""
    def deed(book: Workbook, sheet: Any) -> None:
        for row, value in enumerate(values, start):
            if value is not None:
                put(sheet, row, **{name: value})
    return changed(deed, **more)


def with_parts(build: Callable[[Sent], bytes], parts: dict[str, bytes], types: dict[str, str] | None = None) -> Callable[[Sent], bytes]:
    """What `build` makes, with further parts in its package."""
    def built(sent: Sent) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(build(sent))) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                part = old.read(name)
                if name == "[Content_Types].xml":
                    more = "".join(f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in (types or {}).items())
                    part = part.replace(b"</Types>", more.encode() + b"</Types>")
                new.writestr(name, part)
            for name, part in parts.items():
                new.writestr(name, part)
        return made.getvalue()
    return built


def in_sheet(build: Callable[[Sent], bytes], change: Callable[[str], str]) -> Callable[[Sent], bytes]:
    """What `build` makes, with the XML of its first sheet changed."""
    def built(sent: Sent) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(build(sent))) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                part = old.read(name)
                new.writestr(name, change(part.decode()).encode() if name == "xl/worksheets/sheet1.xml" else part)
        return made.getvalue()
    return built


def formula_with_result(cell: str, formula: str, result: str) -> Callable[[str], str]:
    """A cell that holds a formula and the words it last came to, as Excel saves it."""
    def change(xml: str) -> str:
        found = re.search(rf'<c r="{cell}"([^>]*?)(?:/>|>.*?</c>)', xml, re.S)
        assert found, cell
        attributes = re.sub(r'\st="\w+"', "", found[1])
        return xml.replace(found[0], f'<c r="{cell}"{attributes} t="str"><f>{formula}</f><v>{result}</v></c>')
    return change


def table(*rows: list[Any], delimiter: str = ",") -> str:
    """Rows as CSV."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


def as_csv(delimiter: str, encoding: str, mark: bytes = b"", **cells: Any) -> Callable[[Sent], bytes]:
    """The first sheet saved as text, with cells of row 2 filled in."""
    def build(sent: Sent) -> bytes:
        rows = sent.rows()
        for name, value in cells.items():
            rows[1][COLUMN[name] - 1] = value
        rows = [[value.strftime("%d/%m/%Y") if isinstance(value, dt.date) else "" if value is None else value for value in row] for row in rows]
        return mark + table(*rows, delimiter=delimiter).encode(encoding)
    return build


def values_only(change: Callable[[Any], object], title: str = "Sheet1") -> Callable[[Sent], bytes]:
    """A new workbook into which somebody copied the rows."""
    def build(sent: Sent) -> bytes:
        book = Workbook()
        book.active.title = title
        for row in sent.rows():
            book.active.append(row)
        change(book.active)
        return saved(book)
    return build


def signed_anew(sent: Sent, **named: Any) -> Workbook:
    """The workbook with a manifest that this hub signed for something else."""
    book = sent.book()
    sheet = book[manifest.SHEET]
    lines = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    old = manifest.named(lines[2:])
    new = manifest.Named(**{**vars(old), **named})
    header = f"hub {new.hub} plan {new.plan} agency {new.agency} export {new.export} number {new.number}"
    sheet.cell(3, 1).value, sheet.cell(4, 1).value = header, manifest._signature(header, lines[4:], sent.key)
    return book
