"""An agency's own actions in Excel, to fill in and send back: one sheet of actions, one that explains them."""

from __future__ import annotations

import datetime as dt
from copy import copy
from dataclasses import replace
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from csc_hub import kernel
from csc_hub.exchange import plan_workbook as layout
from csc_hub.exchange.ours import AUTHOR
from csc_hub.exchange.updates import NUMBER, OUR_GUIDE
from csc_hub.exchange import manifest, safe_text, streamed
from csc_hub.exchange.outgoing import UPDATE_COLUMNS, SheetAction, UpdateSheet
from csc_hub.process.plans.statuses import AGENCY_STATUSES, Status

ACTIONS, GUIDE = "Actions", OUR_GUIDE
WIDTHS = {
    "reference": 17, "context": 14, "goal": 22, "action": 28, "agency": 13, "owner": 13, "due": 11.5, "status": 16,
    "update": 30, "updated_on": 11.5, "evidence": 25, "barrier": 24, "proposed_date": 11.5, "completed_on": 11.5,
}  # fmt: skip
MEANINGS = {
    Status.NOT_STARTED: "Nothing has been done on this action yet.",
    Status.IN_PROGRESS: "Work has begun and is not finished. Say in “Update” what has been done.",
    Status.REPORTED_COMPLETE: "Your agency has done all of it. The core group then checks it and accepts it.",
    Status.NOT_POSSIBLE: "The action can no longer be done or no longer makes sense. Say why in “Update”.",
    Status.NOT_UNDERTAKEN: "Your agency has not done it and will not. Say why in “Barrier / help needed”.",
}
STEPS = (
    "Go to the sheet “Actions”. Each row is one action of your agency. Fill in the white cells, from “Status” to "
    "“Date completed”; the grey ones before them are fixed.",
    "Choose a status from the list in the column “Status”, and say in “Update” what has been done since last time.",
    "In “Evidence (what changed?)” say what is different now for young people in this place or setting. "
    "If something is in the way, say so in “Barrier / help needed”.",
    "Type dates as day/month/year, for example 09/04/2027. Leave a cell empty if you have nothing to say in it.",
    "Save the file under the same name, as an Excel workbook, and send it back as shown above.",
)
NO_NAMES = "Do not name or describe any child, young person or family in this sheet."
NO_NAMES_WHY = "A concern about one child or young person goes to children's social care straight away, not into this file."
NO_ACTIONS = "There are no actions for {agency} in this plan. There is nothing to fill in or send back."
GUIDE_WIDTHS = (27, 78)
DATE_FORMAT = "dd/mm/yyyy"
TEXT_FORMAT = "@"
DATES = ("updated_on", "proposed_date", "completed_on")
EARLIEST, LATEST = dt.date(2020, 1, 1), dt.date(2099, 12, 31)
LOCKED_FILL = PatternFill("solid", fgColor="FFE9ECEE")


class GrowingRow(RowDimension):
    """A row whose height is only a first guess, so that Excel makes it taller when somebody types more."""

    @property
    def customHeight(self) -> bool:  # noqa: N802 (the name openpyxl writes to the file)
        """Never fixed by hand."""
        return False


def update_workbook(sheet: UpdateSheet) -> bytes:
    """The agency's actions as an .xlsx file whose first sheet is the table and whose second is the guide."""
    book = layout.new_book(f"Action updates {sheet.reference}", AUTHOR, sheet.marking)  # what comes back is told whom else it names
    actions = streamed.first_sheet(book, ACTIONS)
    statuses = _guide(book, sheet)
    for page in book.worksheets:
        layout.dress_page(page, sheet.marking, f"{sheet.reference} · {sheet.council}")
        page.page_margins.left = page.page_margins.right = 0.3
        _protect(page)
    book[GUIDE].page_setup.orientation = "portrait"
    actions.freeze_panes = "B2"
    actions.print_title_rows = "1:1"
    actions.print_area = f"A1:{_letter('completed_on')}{max(2, len(sheet.actions) + 1)}"
    _rows(actions, sheet)
    if sheet.actions:
        _choices(actions, len(sheet.actions) + 1, statuses)
        actions.auto_filter.ref = f"A1:{_letter('completed_on')}{len(sheet.actions) + 1}"
    _manifest(book, sheet)
    return streamed.saved(book)


def numbered(sheet: UpdateSheet, named: manifest.Named, texts: dict[int, list[str]], key: bytes) -> bytes:
    """The workbook of a download that was recorded: with its number, and signed."""
    return update_workbook(replace(sheet, number=named.number, manifest=tuple(manifest.made(named, texts, key))))


def _manifest(book: Workbook, sheet: UpdateSheet) -> None:
    """The sheet by which the hub knows the workbook again; it is the only thing that is hidden."""
    if sheet.manifest:
        page = book.create_sheet(manifest.SHEET)
        page.sheet_state = "veryHidden"
        for row, line in enumerate(sheet.manifest, start=1):
            safe_text.write(page.cell(row, 1), line)


def _letter(name: str) -> str:
    """The column of a field."""
    return "ABCDEFGHIJKLMN"[[column[0] for column in UPDATE_COLUMNS].index(name)]


def _rows(page: Any, sheet: UpdateSheet) -> None:
    """The titles and the actions, row by row; a row's height must be known before it is written."""
    for name, width in WIDTHS.items():
        page.column_dimensions[_letter(name)].width = width
    page.row_dimensions[1].height = 44
    page.append([_cell(page, title, _style(page, bold=True, locked=True, fill=layout.HEADER_FILL)) for _, title, _ in UPDATE_COLUMNS])
    styles = [_style(page, locked=not fillable, fill=None if fillable else LOCKED_FILL, form=DATE_FORMAT if name in (*DATES, "due") else TEXT_FORMAT)
              for name, _, fillable in UPDATE_COLUMNS]
    for row, action in enumerate(sheet.actions, start=2):
        _row(page, row, action, styles)
        del page.row_dimensions[row]
    if not sheet.actions:
        text = NO_ACTIONS.format(agency=sheet.agency)
        page.row_dimensions[2] = GrowingRow(page, index=2, ht=layout.text_height(text, WIDTHS["action"]) + 6)
        page.append([None] * 3 + [_cell(page, text, _style(page, italic=True, locked=True, lines=False))])


def _style(page: Any, bold: bool | None = None, italic: bool | None = None, locked: bool = False, fill: PatternFill | None = None, form: str = "General", lines: bool = True) -> Any:
    """How the cells of a column look, made once."""
    cell = WriteOnlyCell(page)
    cell.font = Font(name=layout.FACE, size=10, bold=bold, italic=italic, color=layout.INK)
    cell.alignment, cell.protection, cell.number_format = Alignment("left", "top", wrap_text=True), Protection(locked=locked), form
    if lines:
        cell.border = _lines()
    if fill:
        cell.fill = fill
    return cell._style


def _cell(page: Any, value: object, style: Any) -> Any:
    """A cell of this look; text that looks like a formula has a look of its own, which says that it is text."""
    cell = WriteOnlyCell(page)
    cell._style = copy(style) if isinstance(value, str) and safe_text.looks_like_formula(value) else style
    if value not in (None, ""):
        safe_text.write(cell, value)
    return cell


def _row(page: Any, row: int, action: SheetAction, styles: list[Any]) -> None:
    """One action: what is fixed, and what the agency fills in."""
    cells, height = [], 30.0
    for (name, _, _), style in zip(UPDATE_COLUMNS, styles, strict=True):
        value = getattr(action, name)
        if name == "due" and value is None:
            value = action.due_words
        cells.append(_cell(page, value, style))
        if isinstance(value, str) and len(value) > 12:
            height = max(height, layout.text_height(safe_text.for_cell(value), WIDTHS[name] + 1.5) + 4)
    page.row_dimensions[row] = GrowingRow(page, index=row, ht=round(min(layout.TALLEST_ROW, height), 1))
    page.append(cells)


def _lines() -> Border:
    return Border(left=layout.THIN, right=layout.THIN, top=layout.THIN, bottom=layout.THIN)


def _choices(page: Any, last: int, statuses: str) -> None:
    """The drop-down of statuses and the checks of the three dates."""
    status = DataValidation("list", formula1=statuses, allow_blank=True, showErrorMessage=True, showInputMessage=True)
    status.promptTitle, status.prompt = "Status", "Choose from the list. The sheet “Guide” says what each one means."
    status.errorTitle, status.error = "Not a status", "Choose one of the statuses in the list. The sheet “Guide” says what each one means."
    status.add(f"{_letter('status')}2:{_letter('status')}{last}")
    page.data_validations.append(status)
    for name, prompt, newest in (
        ("updated_on", "The day this update was written.", "TODAY()"),
        ("proposed_date", "Only if the due date cannot be met: the day you propose instead.", _serial(LATEST)),
        ("completed_on", "Only if the action is complete: the day it was finished.", "TODAY()"),
    ):
        title = next(column[1] for column in UPDATE_COLUMNS if column[0] == name)
        check = DataValidation("date", operator="between", formula1=_serial(EARLIEST), formula2=newest, allow_blank=True)
        check.showErrorMessage = check.showInputMessage = True
        check.promptTitle, check.prompt = title, f"{prompt} Type day/month/year, for example 09/04/2027."
        future = " It cannot be later than today." if newest == "TODAY()" else ""
        check.errorTitle = "Not a date the hub can read"
        check.error = f"Type the date as day/month/year, for example 09/04/2027.{future} Put words such as “end of term” in “Update”."
        check.add(f"{_letter(name)}2:{_letter(name)}{last}")
        page.data_validations.append(check)


def _serial(day: dt.date) -> str:
    """A date as Excel counts days."""
    return str((day - dt.date(1899, 12, 30)).days)


def _protect(page: Any) -> None:
    """Only the white cells can be changed; no password, for it guards against slips and not against people."""
    guard = page.protection
    guard.sheet = True
    guard.formatColumns = guard.formatRows = guard.sort = guard.autoFilter = False  # False: allowed


def _guide(book: Workbook, sheet: UpdateSheet) -> str:
    """The second sheet. Returns where its list of statuses lies, if it has one."""
    page = book.create_sheet(GUIDE)
    page.sheet_view.showGridLines = False
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = GUIDE_WIDTHS
    row = _say(page, 1, "How to fill in this workbook", size=16, bold=True)
    row = _say(page, row, sheet.marking, bold=True)
    if not sheet.actions:
        row = _say(page, row, NO_ACTIONS.format(agency=sheet.agency), bold=True)
    for label, text in (
        ("From", sheet.council),
        ("Context", f"{sheet.reference} – {sheet.context}"),
        ("Your agency", sheet.agency),
        ("Actions in this workbook", str(len(sheet.actions))),
        ("Send it back to", sheet.reply_to),
        ("Made on", kernel.day_in_words(sheet.made_on)),
        *(((NUMBER, f"{sheet.number} of {sheet.reference}"),) if sheet.number else ()),
    ):
        row = _pair(page, row, label, text)
    row = _say(page, row + 1, NO_NAMES, bold=True)
    row = _say(page, row, NO_NAMES_WHY)
    if not sheet.actions:
        page.print_area = f"A1:B{row - 1}"
        return ""
    return _how_to(page, row + 1, sheet.statuses or tuple(status.label for status in AGENCY_STATUSES))


def _how_to(page: Worksheet, row: int, labels: tuple[str, ...]) -> str:
    """The steps and the statuses, from a row of the guide on. Returns where the list of statuses lies."""
    row = _say(page, row, "What to do", size=13, bold=True)
    for number, step in enumerate(STEPS, start=1):
        row = _pair(page, row, f"Step {number}", step)
    row = _say(page, row + 1, "What each status means", size=13, bold=True)
    meanings = {status.label: meaning for status, meaning in MEANINGS.items()}
    first = row
    for label in labels:
        row = _pair(page, row, label, meanings.get(label, "Ask whoever sent you this workbook when to use it."))
    page.print_area = f"A1:B{row - 1}"
    return f"{GUIDE}!$A${first}:$A${row - 1}"


def _say(page: Worksheet, row: int, text: str, size: float = 11, bold: bool = False) -> int:
    """A heading or sentence across the guide. The next row."""
    cell = page.cell(row, 1)
    cell.font = Font(name=layout.FACE, size=size, bold=bold, color=layout.INK)
    cell.alignment = Alignment(vertical="center")
    safe_text.write(cell, text)
    page.row_dimensions[row].height = size * 1.29 + 8
    return row + 1


def _pair(page: Worksheet, row: int, label: str, text: str) -> int:
    """A label and what belongs to it. The next row."""
    for number, words in enumerate((label, text), start=1):
        cell = page.cell(row, number)
        cell.font = Font(name=layout.FACE, size=11, bold=number == 1, color=layout.INK)
        cell.alignment, cell.border = layout.WRAP, _lines()
        safe_text.write(cell, words)
    page.cell(row, 1).fill = layout.HEADER_FILL
    sizes = zip((label, text), GUIDE_WIDTHS, (True, False), strict=True)
    heights = [layout.text_height(safe_text.for_cell(words), width, 11, bold) for words, width, bold in sizes]
    page.row_dimensions[row].height = min(layout.TALLEST_ROW, max(heights) + 5)
    return row + 1
