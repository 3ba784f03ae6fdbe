"""The awkward files, one line each, with the words a person must read about them."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from openpyxl import Workbook

from tests.exchange.awkward import (
    MAIN, ODS_SHORT, OFFICE, SHORT, TITLES, Case, container, filled, inline, locked_xls, ods_row, old_office, raw_ods,
    raw_xlsx, row_of, table, with_comment, worksheet,
)

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
CSV = "Action ref;Action;Status;Update\r\nCSC-2026-014/07;Repair light 7;Done;"


def _moved(book: Workbook) -> None:
    book.active.insert_rows(1, 6)
    book.active.insert_cols(1, 3)
    book.active["A1"] = "Council of Coastlands – action log"
    book.active.merge_cells("A1:F1")


def _two_deep(book: Workbook) -> None:
    for letter, title in (("A", "Ref"), ("B", "Action"), ("C", "Progress")):
        book.active[f"{letter}1"] = title
    book.active["C2"], book.active["D2"] = "Status", "Update"
    book.active.merge_cells("C1:D1")
    for column, value in enumerate(["/07", "Repair light 7", "Done", "Repaired."], 1):
        book.active.cell(3, column, value)


def _hide_row(book: Workbook) -> None:
    book.active.row_dimensions[3].hidden = True


def _hide_columns(book: Workbook) -> None:
    for letter in "CDE":
        book.active.column_dimensions[letter].hidden = True


def _hidden_sheet(state: str) -> Any:
    def change(book: Workbook) -> None:
        book.create_sheet("Lists").append(["Done", "Sam"])
        book["Lists"].sheet_state = state
    return change


def _blank_rows(book: Workbook) -> None:
    book.active.cell(1_048_576, 16_384).number_format = "0.00"


def _many_sheets(book: Workbook) -> None:
    for number in range(60):
        book.create_sheet(f"S{number}")


def _far_cell() -> bytes:
    return raw_xlsx(worksheet(SHORT + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def _many_blank() -> bytes:
    blank = "".join(f'<c r="{letter}{{0}}" s="3"/>' for letter in "ABCDEFGHIJKLMN")
    return raw_xlsx(worksheet(SHORT + "".join(f'<row r="{n}">{blank.format(n)}</row>' for n in range(3, 100_003))))


def _zip_bomb() -> bytes:
    return raw_xlsx(worksheet(SHORT), xl__media__a_dot_png=bytes(130 * 1024 * 1024))


def _shared(text: str) -> bytes:
    return raw_xlsx(worksheet(inline(1, [text] * 3)))


def _covered() -> str:
    cell = '<table:covered-table-cell office:value-type="string"><text:p>secret</text:p></table:covered-table-cell>'
    return ods_row(["Ref", "Action", "Status"]) + ods_row(["/01", "Repair", "Done"]).replace("</table:table-row>", f"{cell}</table:table-row>")


_BLANK_ODS = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
_OLD_MAC = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="1"/><sheets><sheet name="Actions" sheetId="1" r:id="b"/></sheets></workbook>'

_NOISE = "".join(f'<c r="A{n % 977 + 1}" s="{n % 13}"/>' for n in range(120_000)) * 26
_ABSENT = _OLD_MAC.replace('r:id="b"', 'r:id="z"')

READABLE = (
    Case("plain.xlsx", "the hub's own sheet, filled in", filled, 0, ("xlsx, 1 sheet", "titles at A1 of 'Actions'", "2 rows", "nothing is refused")),
    Case("moved.xlsx", "a merged title and a logo's space above, table at D7", lambda: table([TITLES, row_of(1)], _moved), 0, ("titles at D7",)),
    Case("deep.xlsx", "a header two rows deep, Progress over Status and Update", lambda: table([], _two_deep), 0, ("Status, Update", "1 row")),
    Case("words.xlsx", "dates in words", lambda: filled(proposed_date="end of Sept"), 1, ("M2", "“end of Sept” is not a date the hub can keep. Write a date such as 18 November 2026.")),
    Case("week.xlsx", "week commencing", lambda: filled(updated_on="w/c 12/10/26"), 0),
    Case("swapped.xlsx", "American dates", lambda: filled(updated_on="10/18/2026"), 1, ("J2", "has the month first. If you mean 18 October 2026, write it so")),
    Case("serial.xlsx", "a date as Excel's day number", lambda: filled(proposed_date=46400), 0),
    Case("nineteen.xlsx", "a date in 1900", lambda: filled(completed_on=dt.date(1900, 3, 5)), 1, ("N2", "in the year 1900, which cannot be meant")),
    Case("short-month.xlsx", "31 February", lambda: filled(updated_on="31/02/2026"), 1, ("J2", "“31/02/2026” is not a day in the calendar")),
    Case("status.xlsx", "a status that nobody knows", lambda: filled(status="Sort of"), 1, ("H2", "“Not started”, “In progress”, “Reported complete”, “Not possible – circumstances changed” or “Not undertaken”")),
    Case("accepted.xlsx", "an agency accepts its own action", lambda: filled(status="Accepted"), 1, ("H2", "the lead practitioner accepts")),
    Case("either.xlsx", "a status that can mean two things", lambda: filled(status="N/A"), 1, ("H2", "can mean two things")),
    Case("error.xlsx", "a broken formula", lambda: filled(update="#REF!"), 1, ("I2", "shows #REF!, an error in a formula")),
    Case("formula.xlsx", "a formula that was never worked out", lambda: filled(update="=A1&B1"), 1, ("I2", "a formula whose result is not in the file")),
    Case("bare.xlsx", "the reference typed as 7", lambda: filled(reference=7), 0),
    Case("twice.xlsx", "two rows for one action", lambda: table([TITLES, row_of(7), row_of(7)]), 1, ("A2: Row 2 and row 3 are about the same action", "A3: Row 3 and row 2")),
    Case("clash.xlsx", "two columns for the update", lambda: table([["Ref", "Action", "Update", "Comments"], ["/1", "x", "y", "z"]]), 1, ("“Update” (C1) and “Comments” (D1)",)),
    Case("long.xlsx", "10,000 characters in a cell", lambda: filled(update="x" * 10_000), 1, ("I2", "has 10,000 characters; the hub takes up to 4,000")),
    Case("no-header.xlsx", "no titles at all", lambda: table([["Hello"], ["there"]]), 1, ("looked for a row with these titles: Action ref, Context",)),
    Case("hidden-row.xlsx", "a hidden row", lambda: filled(_hide_row), 1, ("hidden: row 3 of “Actions”",)),
    Case("hidden-columns.xlsx", "hidden columns", lambda: filled(_hide_columns), 1, ("hidden: columns C to E of “Actions”",)),
    Case("hidden-sheet.xlsx", "a hidden sheet", lambda: filled(_hidden_sheet("hidden")), 1, ("hidden: sheet “Lists”",)),
    Case("very-hidden.xlsx", "a very hidden sheet", lambda: filled(_hidden_sheet("veryHidden")), 1, ("hidden: very hidden sheet “Lists”",)),
    Case("comment.xlsx", "a comment", lambda: filled(with_comment), 0),
    Case("marks.xlsx", "control characters, emoji, right-to-left", lambda: raw_xlsx(worksheet(SHORT.replace("Repaired.", "_x0007_😀 שלום \u202egnp"))), 0),
    Case("corner.xlsx", "formatting in the last cell of all", lambda: filled(_blank_rows), 0, ("2 rows",)),
    Case("blank.xlsx", "100,000 blank formatted rows", _many_blank, 0, ("1 row under",)),
    Case("lying.xlsx", "a sheet that says it is A1 alone", lambda: raw_xlsx(worksheet(SHORT, '<dimension ref="A1:A1"/>')), 0, ("1 row under",)),
    Case("claims.xlsx", "a sheet that claims 1,048,576 rows", lambda: raw_xlsx(worksheet(SHORT, '<dimension ref="A1:XFD1048576"/>')), 0, ("1 row under",)),
    Case("1904.xlsx", "the calendar of old Macs", lambda: raw_xlsx(worksheet(SHORT), _OLD_MAC), 0),
    Case("macros.xlsx", "an xlsm renamed", lambda: raw_xlsx(worksheet(SHORT), xl__vbaProject_dot_bin=b"\x00macro"), 0, ("xlsm, 1 sheet",)),
    Case("semicolons.csv", "semicolons, Windows letters", lambda: (CSV + "Café, opened £5\r\n").encode("cp1252"), 0, ("csv, 1 sheet",)),
    Case("tabs.xls", "tabs and UTF-16 under the name of a workbook", lambda: CSV.replace(";", "\t").encode("utf-16"), 0, ("csv, 1 sheet",)),
    Case("marked.csv", "commas, UTF-8 with a mark", lambda: CSV.replace(";", ",").encode("utf-8-sig"), 0, ("csv, 1 sheet",)),
    Case("plain.ods", "OpenDocument with 1,048,570 blank rows below", lambda: raw_ods(ODS_SHORT + _BLANK_ODS), 0, ("ods, 1 sheet", "1 row under")),
    Case("filtered.ods", "a filtered row", lambda: raw_ods(ODS_SHORT + ods_row(["/02", "x"], 'table:visibility="filter"')), 1, ("hidden: row 3 of “Actions”",)),
    Case("covered.ods", "text under a merged cell", lambda: raw_ods(_covered()), 1, ("hidden: cell D2 of “Actions”, under a merged cell",)),
)

UNREADABLE = (
    Case("empty.xlsx", "no bytes", lambda: b"", 2, ("This file is empty",)),
    Case("cut.xlsx", "the first half of a workbook", lambda: filled()[:3000], 2, ("its end is missing",)),
    Case("locked.xlsx", "a workbook with a password", lambda: old_office("EncryptedPackage"), 2, ("protected with a password",)),
    Case("locked.xls", "an old workbook with a password", locked_xls, 2, ("protected with a password",)),
    Case("locked.ods", "OpenDocument with a password", lambda: raw_ods(ODS_SHORT, manifest="<encryption-data/>"), 2, ("protected with a password",)),
    Case("bomb.xlsx", "a zip bomb", _zip_bomb, 2, ("unpacks to far more than its size",)),
    Case("parts.xlsx", "600 parts", lambda: container({f"xl/{n}": b"" for n in range(600)}), 2, ("made of 600 parts",)),
    Case("flood.xlsx", "5,000 parts", lambda: container({f"xl/{n}": b"" for n in range(5_000)}), 2, ("made of 5,000 parts",)),
    Case("laughs.xlsx", "entities that multiply", lambda: raw_xlsx(worksheet(SHORT.replace("Done", "&b;"), dtd=LAUGHS)), 2, ("XML declarations",)),
    Case("laughs16.xlsx", "the same in UTF-16", lambda: _laughs16(), 2, ("XML declarations",)),
    Case("tag.xlsx", "one tag of 8 MB that never ends", lambda: raw_xlsx(f'<worksheet a="{random.Random(1).randbytes(4_000_000).hex()}"'), 2, ("damaged",)),
    Case("million.xlsx", "more than 3 million blank formatted cells", lambda: raw_xlsx(worksheet(f'<row r="1">{_NOISE}</row>')), 2, ("3 million formatted cells",)),
    Case("no-sheet.xlsx", "a list that names a sheet which is not there", lambda: raw_xlsx("", workbook=_ABSENT), 2, ("damaged",)),
    Case("far.xlsx", "a value in XFD1048576", _far_cell, 2, ("XFD1048576, beyond the 1,000 columns",)),
    Case("rows.xlsx", "more than 20,000 rows", lambda: raw_xlsx(worksheet("".join(f'<row r="{n}"><c><v>1</v></c></row>' for n in range(1, 20_102)))), 2, ("more than 20,000 rows",)),
    Case("rows.ods", "one row repeated a million times", lambda: raw_ods(ods_row(["x"], 'table:number-rows-repeated="1000000"')), 2, ("more than 20,000 rows",)),
    Case("sheets.xlsx", "61 sheets", lambda: filled(_many_sheets), 2, ("has 61 sheets; the hub reads up to 50",)),
    Case("cell.xlsx", "40,000 characters in a cell", lambda: _shared("x" * 40_000), 2, ("Cell A1 of “Actions” holds more than 32,767",)),
    Case("nothing.xlsx", "a new workbook", lambda: table([]), 2, ("nothing in any sheet",)),
    Case("word.xlsx", "a Word document", lambda: container({"word/document.xml": b"<w/>"}), 2, ("is a Word document, not a spreadsheet. Send the workbook as",)),
    Case("old-word.xls", "an old Word document", lambda: old_office("WordDocument"), 2, ("is a Word document (.doc)",)),
    Case("binary.xlsx", "a binary workbook", lambda: container({"xl/workbook.bin": b"\x01"}), 2, ("binary workbook (.xlsb)",)),
    Case("zip.xlsx", "any zip file", lambda: container({"readme.txt": b"hello"}), 2, ("is a packed file (zip)",)),
    Case("pdf.xlsx", "a PDF", lambda: b"%PDF-1.7\n", 2, ("is a PDF document",)),
    Case("photo.xlsx", "a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(90), 2, ("is a picture (PNG)",)),
    Case("page.xls", "a web page", lambda: b"<html><table><tr><td>Ref</td></tr></table></html>", 2, ("is a web page (HTML)",)),
    Case("noise.csv", "noise", lambda: bytes(range(256)) * 40, 2, ("neither a workbook nor text",)),
    Case("quote.csv", "a quotation mark that is never closed", lambda: b'Ref,Action,Status\n1,"' + b"x,y\n" * 20_000, 2, ("quotation mark that is never closed",)),
)


def _laughs16() -> bytes:
    text = worksheet(SHORT, dtd=LAUGHS).replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    return raw_xlsx(text.encode("utf-16"))


ALL = READABLE + UNREADABLE
