"""Builders of the awkward files that councils receive and of the hostile ones that they may: nothing is stored."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment

from csc_hub.exchange.outgoing import UPDATE_COLUMNS

TITLES = [title for _, title, _ in UPDATE_COLUMNS]
FIELDS = [name for name, _, _ in UPDATE_COLUMNS]
TODAY = dt.date(2026, 11, 23)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def row_of(number: int, **fields: Any) -> list[Any]:
    """One row of the hub's own sheet, with something typed unless told otherwise."""
    values: dict[str, Any] = {
        "reference": f"CSC-2026-014/{number:02d}", "context": "Harbour Road bus interchange", "goal": "Staffed after school",
        "action": f"Repair light {number}", "agency": "Housing", "owner": "Sam Example", "due": dt.date(2027, 1, 8),
        "status": "In progress", "update": "Contractor booked.", "updated_on": dt.date(2026, 11, 18),
    } | fields
    return [values.get(name) for name in FIELDS]


def saved(book: Workbook) -> bytes:
    """A workbook as bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(rows: list[list[Any]], change: Callable[[Workbook], object] | None = None) -> bytes:
    """An xlsx file with one sheet, 'Actions', changed before it is saved."""
    book = Workbook()
    book.active.title = "Actions"
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    return saved(book)


def filled(change: Callable[[Workbook], object] | None = None, **fields: Any) -> bytes:
    """The hub's own sheet with two actions; `fields` change the first."""
    return table([TITLES, row_of(1, **fields), row_of(2)], change)


def raw_xlsx(sheet: str | bytes, workbook: str = "", **parts: bytes) -> bytes:
    """An xlsx file whose sheet is XML written by hand; further parts by name, '__' for '/' and '_dot_' for '.'."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        archive.writestr("_rels/.rels", (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ))
        archive.writestr("xl/workbook.xml", workbook or (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Actions" sheetId="1" r:id="b"/></sheets></workbook>'
        ))
        archive.writestr("xl/_rels/workbook.xml.rels", (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="b" '
            f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ))
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return file.getvalue()


def worksheet(rows: str, before: str = "", dtd: str = "") -> str:
    """The XML of a worksheet round its rows."""
    return f'<?xml version="1.0"?>{dtd}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def inline(row: int, values: list[str], attributes: str = "") -> str:
    """One row of texts as XML."""
    cells = "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values)
    return f'<row r="{row}" {attributes}>{cells}</row>'


SHORT = inline(1, ["Ref", "Action", "Status", "Update"]) + inline(2, ["/01", "Repair light 1", "Done", "Repaired."])


def raw_ods(rows: str, styles: str = "", style: str = "ta1", manifest: str = "", more: str = "") -> bytes:
    """An ods file whose one sheet is XML written by hand."""
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{urn}{name}:1.0"' for name in ("office", "table", "text", "style"))
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="Actions" table:style-name="{style}">{rows}</table:table>{more}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        archive.writestr("content.xml", content)
    return file.getvalue()


def ods_row(values: list[str], attributes: str = "") -> str:
    """One row of texts as OpenDocument XML."""
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>' for value in values
    )
    return f"<table:table-row {attributes}>{cells}</table:table-row>"


ODS_SHORT = ods_row(["Ref", "Action", "Status", "Update"]) + ods_row(["/01", "Repair light 1", "Done", "Repaired."])


def container(names: dict[str, bytes]) -> bytes:
    """A zip file with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return file.getvalue()


def old_office(*streams: str) -> bytes:
    """The beginning of an old Office container that names these streams."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024) + b"".join(s.encode("utf-16-le") + bytes(8) for s in streams)


def locked_xls() -> bytes:
    """An Excel 97 stream that begins with the record of a password."""
    begin = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0, 1996, 0, 0)
    return begin + struct.pack("<HHHHH", 0x002F, 6, 0, 1, 2) + struct.pack("<HH", 0x000A, 0)


@dataclass(frozen=True)
class Case:
    """An awkward file: what it is, how it is made, and what a person must be told."""

    name: str
    what: str
    build: Callable[[], bytes]
    code: int  # 0 all is well, 1 refused or hidden, 2 unreadable
    says: tuple[str, ...] = ()


def with_comment(book: Workbook) -> None:
    """Puts a comment on a cell."""
    book.active["B2"].comment = Comment("Ask Sam", "Sam")
