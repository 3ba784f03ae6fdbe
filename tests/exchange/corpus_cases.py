"""The corpus: one line each on what is odd, and what must come of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment

from csc_hub.exchange import manifest
from tests.exchange.corpus import (
    COLUMN, Case, Sent, as_csv, changed, column, formula_with_result, in_sheet, put, saved, signed_anew, table, values_only, with_parts,
)

DAY = dt.date
SAID = {"update": "Hedges cut"}


def _moved(book: Workbook, sheet: Any) -> None:
    """Six rows above and three columns to the left, with a title and a remark."""
    sheet.insert_rows(1, 6)
    sheet.insert_cols(1, 3)
    sheet["A1"], sheet["A2"] = "Housing – action log", "Please return to Joy"
    sheet.merge_cells("A1:H1")


def _deep(sheet: Any) -> None:
    """'Progress' over Status and Update, 'Dates' over three dates, merged."""
    titles = [cell.value for cell in sheet[1]]
    sheet.insert_rows(1)
    for cell, title in zip(sheet[2], titles):
        cell.value = title
    for first, last, title in (("A1", "G1", "The plan"), ("H1", "I1", "Progress"), ("J1", "J1", "When")):
        sheet[first] = title
        if first != last:
            sheet.merge_cells(f"{first}:{last}")
    for letter in "ABCDEFG":
        sheet[f"{letter}1"], sheet[f"{letter}2"] = sheet[f"{letter}2"].value, None
        if letter == "A":
            sheet.unmerge_cells("A1:G1")
            for other in "ABCDEFG":
                sheet[f"{other}1"] = titles["ABCDEFG".index(other)]
        sheet.merge_cells(f"{letter}1:{letter}2")
    put(sheet, 3, **SAID)


def _sorted(*, with_references: bool) -> Any:
    def deed(book: Workbook, sheet: Any) -> None:
        first = 1 if with_references else 2
        rows = [[sheet.cell(row, at).value for at in range(first, 15)] for row in range(2, 14)]
        for row, values in enumerate(reversed(rows), 2):
            for at, value in enumerate(values, first):
                sheet.cell(row, at).value = value
    return deed


def _state(name: str, state: str) -> Any:
    def deed(book: Workbook, sheet: Any) -> None:
        if name not in book.sheetnames:
            book.create_sheet(name).append(["Sam", "01632 960001"])
        book[name].sheet_state = state
    return deed


def _filtered(book: Workbook, sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:N13"
    sheet.auto_filter.add_filter_column(7, ["In progress"])
    for row in (5, 6):
        sheet.row_dimensions[row].hidden = True


def _grouped(book: Workbook, sheet: Any) -> None:
    sheet.row_dimensions.group(4, 9, outline_level=1, hidden=True)


def _protected(book: Workbook, sheet: Any) -> None:
    sheet.protection.sheet, sheet.protection.password = True, "secret"
    book.security.lockStructure = True


def _logo(book: Workbook, sheet: Any) -> None:
    sheet.insert_rows(1, 4)
    sheet["C2"] = "Anyshire Homes"


def _comment(book: Workbook, sheet: Any) -> None:
    sheet["I2"].comment = Comment("[Threaded comment]\n\nIs this right?", "tc={1}")


def _google(book: Workbook, sheet: Any) -> None:
    for page in book:
        page.sheet_state, page.protection.sheet, page.data_validations.dataValidation = "visible", False, []
        page.cell(1000, 26).number_format = "General"


def _double(book: Workbook, sheet: Any) -> None:
    for at in range(1, 15):
        sheet.cell(14, at).value = sheet.cell(2, at).value
    put(sheet, 14, update="Another copy")


def _without(*names: str) -> Any:
    def deed(book: Workbook, sheet: Any) -> None:
        for name in names:
            book.remove(book[name])
    return deed


def _altered(book: Workbook, sheet: Any) -> None:
    cell = book[manifest.SHEET].cell(5, 1)
    cell.value = str(cell.value).replace("7:", "9:", 1)


def _other_hub(sent: Sent) -> bytes:
    book = sent.book()
    cell = book[manifest.SHEET].cell(3, 1)
    cell.value = f"hub {'f' * 32}{str(cell.value)[36:]}"
    return saved(book)


def _inserted(book: Workbook, sheet: Any) -> None:
    sheet.insert_cols(3)
    sheet["C1"], sheet["C2"] = "Our own notes", "Ask Sam"
    sheet.insert_rows(4)
    sheet["D4"] = "Maintenance team"
    sheet["J5"] = "Booked"


def _new_row(book: Workbook, sheet: Any) -> None:
    put(sheet, 14, action="Plant a tree in the yard", status="In progress", update="Planted")


def _shuffled(book: Workbook, sheet: Any) -> None:
    values = [sheet.cell(row, COLUMN["update"]).value for row in range(2, 14)]
    for row, value in zip(range(2, 14), values[1:] + values[:1]):
        put(sheet, row, update=value)


def _two(title: str, *values: Any) -> Any:
    def deed(book: Workbook, sheet: Any) -> None:
        sheet["O1"] = title
        for row, value in enumerate(values, 2):
            sheet.cell(row, 15).value = value
    return deed


def _mac(book: Workbook, sheet: Any) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book.epoch = CALENDAR_MAC_1904


_VBA = with_parts(changed(**SAID), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"}, {"xl/vbaProject.bin": "application/vnd.ms-office.vbaProject"})
_PIVOT = with_parts(changed(**SAID), {"xl/pivotCache/pivotCacheDefinition1.xml": b"<pivotCacheDefinition/>", "xl/pivotCache/pivotCacheRecords1.xml": b"<pivotCacheRecords/>"})
_LINK = with_parts(changed(**SAID), {"xl/externalLinks/externalLink1.xml":
    b'<externalLink><externalBook><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1"><v>Sam</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>'})
_OBJECT = with_parts(changed(**SAID), {"xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"})
_THREAD = with_parts(changed(_comment, **SAID), {"xl/threadedComments/threadedComment1.xml": b"<ThreadedComments/>", "xl/persons/person.xml": b"<personList/>"})
_MILLION = '<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'
_AMERICAN = [DAY(2026, m, d) for m, d in ((1, 10), (4, 11), (11, 11), (5, 11), (6, 10), (7, 10))]
"""10 January, 11 April and so on, meant as 1 October and 4 November."""

CASES = (
    Case("nothing changed", changed()),
    Case("one cell changed", changed(**SAID), cells=1),
    Case("a title and six rows above, the table at D7", changed(_moved, **SAID), cells=1),
    Case("a logo and four rows above", with_parts(changed(_logo, **SAID), {"xl/media/image1.png": b"\x89PNG"}), cells=1, says=("1 picture, which is not read",)),
    Case("titles two rows deep, most of them merged", lambda sent: values_only(_deep)(sent), asked=1, matched=12, says=("The hub cannot tell which of its workbooks this was",)),
    Case("columns and rows put in, with notes of their own", changed(_inserted, **SAID), cells=2, matched=12, says=("“Our own notes” (column C)",)),
    Case("another council’s hub", _other_hub, refused="made by another council’s hub"),
    Case("the hub’s sheet altered", changed(_altered, **SAID), asked=1, hidden=("very hidden sheet “CSC Hub”",), says=("was changed or copied from elsewhere",)),
    Case("the hub’s sheet of another plan of ours", lambda sent: saved(signed_anew(sent, plan="e" * 32)), refused="This workbook belongs to another plan"),
    Case("the hub’s sheet of another agency", lambda sent: saved(signed_anew(sent, agency="e" * 32)), refused="was made for another agency, not for Housing"),
    Case("the hub’s sheet deleted, the guide there", changed(_without("CSC Hub"), **SAID), cells=1, says=("By the number in its guide it is compared with workbook",)),
    Case("both deleted", changed(_without("CSC Hub", "Guide"), **SAID), asked=1, says=("its own sheet and the number in the guide are missing",)),
    Case("rows copied into a new workbook", values_only(lambda sheet: put(sheet, 2, **SAID)), asked=1),
    Case("no references, only the words of the actions", values_only(lambda sheet: (put(sheet, 2, **SAID), sheet.delete_cols(1))), asked=1, says=("Matched by its words, which only this action has",)),
    Case("a reference lost and the words retyped with a slip", values_only(lambda sheet: put(sheet, 4, reference=None, action="Walk round number 101 in the evning", **SAID)), asked=1, untaken=1, says=("A guess that somebody must confirm",)),
    Case("a row of an action that nobody agreed", changed(_new_row, **SAID), cells=1, faults=1, says=("its text is not that of exactly one of this agency’s actions",)),
    Case("“end of Sept” as a date", changed(proposed_date="end of Sept"), faults=1, says=("“end of Sept” is not a date the hub can keep",)),
    Case("“Autumn term” as a date", changed(proposed_date="Autumn term"), faults=1, says=("“Autumn term” is not a date the hub can keep",)),
    Case("“w/c 12/10/26” as a date", changed(updated_on="w/c 12/10/26"), cells=1, says=("12 October 2026",)),
    Case("“Mon 12th Oct 2026, 3pm” as a date", changed(updated_on="Mon 12th October 2026"), cells=1),
    Case("Excel’s day numbers for dates", changed(lambda book, sheet: setattr(sheet["M2"], "number_format", "General"), proposed_date=46400), cells=1, says=("13 January 2027",)),
    Case("the calendar of old Macs", changed(_mac, proposed_date=DAY(2027, 1, 13)), cells=1, says=("13 January 2027",)),
    Case("a formula that came to an error", changed(update="#REF!"), faults=1, says=("shows #REF!, an error in a formula",)),
    Case("a formula whose result is in the file", in_sheet(changed(update="x"), formula_with_result("I2", 'A2&amp;" done"', "Hedges cut")), cells=1, says=("The hub does not calculate. It took the last saved result of the formula in I2",)),
    Case("a formula whose result is not in the file", changed(update='=A2&" done"'), faults=1, says=("a formula whose result is not in the file",)),
    Case("a sheet that claims 1,048,576 rows", in_sheet(changed(**SAID), lambda xml: xml.replace("</sheetData>", _MILLION)), cells=1),
    Case("macros", _VBA, "back.xlsm", cells=1, says=("This workbook contains macros. They were not opened",)),
    Case("saved as old Excel by LibreOffice", changed(**SAID), "back.xls", to="xls", cells=1),
    Case("saved as OpenDocument by LibreOffice", changed(**SAID), "back.ods", to="ods", cells=1),
    Case("saved as xlsx by LibreOffice", changed(**SAID), to="xlsx", cells=1),
    Case("shaped like Google Sheets’ download: all shown, no locks, no lists", changed(_google, **SAID), cells=1),
    Case("CSV with commas, UTF-8 with a mark", as_csv(",", "utf-8", b"\xef\xbb\xbf", update="Café: hedges cut"), "back.csv", asked=1),
    Case("CSV with commas, UTF-8 without a mark", as_csv(",", "utf-8", update="Café: hedges cut"), "back.csv", asked=1),
    Case("CSV with semicolons as Windows writes it", as_csv(";", "cp1252", update="Café: £5 – hedges, cut"), "back.csv", asked=1),
    Case("text with tabs", as_csv("\t", "utf-16", update="Hedges cut"), "back.txt", asked=1),
    Case("a thread of comments", _THREAD, cells=1, says=("1 comment, which is not read",)),
    Case("a pivot table’s copy of its data", _PIVOT, cells=1, hidden=("1 pivot table with a copy of the data behind it",)),
    Case("links to another file, with copies of its cells", _LINK, cells=1, hidden=("copies of cells of 1 other file",), says=("1 link to other files, which is not followed",)),
    Case("a file embedded in it", _OBJECT, cells=1, hidden=("1 embedded file",)),
    Case("a hidden row", changed(lambda book, sheet: setattr(sheet.row_dimensions[4], "hidden", True), **SAID), cells=1, hidden=("row 4 of “Actions”",)),
    Case("a hidden column", changed(lambda book, sheet: setattr(sheet.column_dimensions["L"], "hidden", True), **SAID), cells=1, hidden=("column L of “Actions”",)),
    Case("a hidden sheet of their own", changed(_state("Phones", "hidden"), **SAID), cells=1, hidden=("sheet “Phones”",)),
    Case("a very hidden sheet of their own", changed(_state("Phones", "veryHidden"), **SAID), cells=1, hidden=("very hidden sheet “Phones”",)),
    Case("the hub’s own sheet shown", changed(_state("CSC Hub", "visible"), **SAID), cells=1),
    Case("a filter that hides two rows", changed(_filtered, **SAID), cells=1, hidden=("rows 5 to 6 of “Actions”",)),
    Case("rows grouped and folded away", changed(_grouped, **SAID), cells=1, hidden=("rows 4 to 9 of “Actions”",)),
    Case("sheet and book protected", changed(_protected, **SAID), cells=1),
    Case("rows sorted, with their references", changed(_sorted(with_references=True), **SAID), cells=1),
    Case("rows sorted without their references", changed(_sorted(with_references=False)), alarms=("sorted",), untaken=20, cells=24),
    Case("the column “Update” moved by one", changed(_shuffled), cells=12, alarms=("shuffled-update",)),
    Case("one column filled down", column("status", *["Not undertaken"] * 12), cells=12, alarms=("share-status",)),
    Case("one column emptied", column("update", *[""] * 12), cells=11, alarms=("emptied-update",)),
    Case("old dates with day and month changed about", column("updated_on", *[DAY(2026, 5, n) for n in range(6, 12)], start=4), cells=6, alarms=("swapped-updated_on",)),
    Case("new dates with day and month changed about, told from the rest of the column", column("updated_on", *_AMERICAN, DAY(2026, 10, 20), DAY(2026, 10, 28), start=4), cells=8, alarms=("swapped-updated_on",)),
    Case("dates typed the American way", column("updated_on", "10/18/2026", "10/12/2026", start=4), faults=2, says=("has the month first. If you mean 18 October 2026",)),
    Case("two rows for one action", changed(_double, **SAID), faults=2, matched=13, says=("Row 2 and row 14 are about the same action",)),
    Case("a second “Update” that is empty", changed(_two("Update"), **SAID), cells=1),
    Case("“Comments” beside “Update” that repeats it", values_only(lambda sheet: (put(sheet, 2, **SAID), _two("Comments", "Hedges cut")(None, sheet))), asked=1, says=("It reads “Update” (I1): nothing else stands in the other",)),
    Case("an error pasted as words, as in CSV", lambda sent: as_csv(",", "utf-8", update="#REF!")(sent), "back.csv", faults=1, says=("shows #REF!, an error in a formula",)),
    Case("another agency’s action", changed(lambda book, sheet: put(sheet, 14, reference="CSC-2026-001/01", status="In progress")), faults=1, says=("not this agency’s",)),
    Case("grey cells overwritten", changed(lambda book, sheet: put(sheet, 3, owner="Somebody else", due=DAY(2028, 1, 1)), **SAID), cells=1, untaken=2, says=("not the agency’s to change",)),
    Case("“signed off” as a status", changed(status="Signed off"), faults=1, says=("the lead practitioner accepts",)),
    Case("the titles alone, and two rows by number", lambda sent: table(["No.", "RAG", "Notes"], ["7", "Blue", "Hedges cut"], ["8", "", ""]).encode(), "log.csv", asked=2, matched=2),
)
