"""The intervention plan in Excel, in the layout of the guidance's Appendix A, ready to send as it is."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from openpyxl import Workbook
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from csc_hub.exchange import safe_text
from csc_hub.exchange.outgoing import NO_INTERVENTION, NO_WORRIES, NONE_AGREED, NOT_RECORDED, PrintedAction, PrintedPlan, PrintedWorry

TITLE = "Context Safeguarding Conference: intervention plan"
COLUMNS = (
    # (title as the form prints it, width in characters)
    ("What are we worried about? (and impact)", 26),
    ("What is helping to keep children safe?", 22),
    ("What is the safety goal?", 21),
    ("Intervention to be offered", 37),
    ("Agency/Team responsible", 19),
    ("Timescale", 17),
)

FACE = "Arial"
GREY = "FF595959"
INK = "FF1F2A33"
HEADER_FILL = PatternFill("solid", fgColor="FFDCE6EC")
THIN = Side(style="thin", color="FF8A979F")
STRONG = Side(style="medium", color="FF44525B")
WRAP = Alignment("left", "top", wrap_text=True, indent=1)
MIDDLE = Alignment("left", "center", wrap_text=True, indent=1)
TALLEST_ROW = 400.0
"""Points. Excel stops at 409; a text that needs more is laid over several rows."""
FROZEN_AT_MOST = 215.0
"""Points. A heading taller than this would fill a laptop's screen if it were frozen."""


def plan_workbook(plan: PrintedPlan) -> bytes:
    """The plan as an .xlsx file of one printable sheet."""
    book = new_book(f"Intervention plan {plan.reference}", plan.council, plan.marking)
    sheet = book.active
    sheet.title = safe_text.sheet_name(f"Plan {plan.reference}", "Plan")
    for number, (_, width) in enumerate(COLUMNS):
        sheet.column_dimensions["ABCDEF"[number]].width = width
    _title(sheet, plan)
    titles = _header_block(sheet, plan) + 2
    _table_header(sheet, titles)
    last = _table(sheet, plan.worries, titles + 1)
    sheet.sheet_view.showGridLines = False
    if sum(sheet.row_dimensions[row].height or 13 for row in range(1, titles + 1)) <= FROZEN_AT_MOST:
        sheet.freeze_panes = f"A{titles + 1}"
    dress_page(sheet, plan.marking, f"{plan.reference} · {plan.council}")
    sheet.print_area = f"A1:F{last}"
    sheet.print_title_rows = f"{titles}:{titles}"
    return saved(book)


def new_book(title: str, council: str, marking: str) -> Workbook:
    """An empty workbook that names the council, and no person, as its author."""
    book = Workbook()
    book._named_styles["Normal"].font = Font(name=FACE, size=10)  # column widths are counted in its digits
    facts = book.properties
    facts.title, facts.category, facts.language = safe_text.for_cell(title), safe_text.for_cell(marking), "en-GB"
    facts.creator = facts.lastModifiedBy = safe_text.for_cell(council)
    book.calculation.fullCalcOnLoad = False  # nothing to calculate: Excel need not ask to save on closing
    return book


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def dress_page(sheet: Worksheet, marking: str, source: str) -> None:
    """A4 landscape, one page wide, the marking at the top and bottom of every page, page n of N."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top = margins.bottom = 0.75
    margins.header = margins.footer = 0.35
    for part, text in (
        (sheet.oddHeader.center, safe_text.for_margin(marking)),
        (sheet.oddFooter.left, safe_text.for_margin(source)),
        (sheet.oddFooter.center, safe_text.for_margin(marking)),
        (sheet.oddFooter.right, "Page &P of &N"),
    ):
        part.text, part.size = text, 9
        part.font = f"{FACE},Bold" if part in (sheet.oddHeader.center, sheet.oddFooter.center) else f"{FACE},Regular"


def text_height(text: str, width: float, size: float = 10, bold: bool = False) -> float:
    """Points that a text needs when wrapped in columns of so many characters; a little generous."""
    room = ((7 * width + 5) * 0.75 - 13) * 0.98 / (size * (1.08 if bold else 1.0))
    return sum(_lines(line, room) for line in text.split("\n")) * size * 1.29


def _lines(text: str, room: float) -> int:
    """Lines that one paragraph takes, breaking at spaces, in a room measured in ems."""
    lines, used = 1, 0.0
    for word in text.split(" "):
        size = sum(map(_em, word))
        if used and used + size > room:
            lines, used = lines + 1, 0.0
        if size > room:
            more = math.ceil(size / room) - 1
            lines, size = lines + more, size - more * room
        used += size + _em(" ")
    return lines


@lru_cache(maxsize=4000)
def _em(char: str) -> float:
    """The width of a character of Arial as part of its height."""
    for chars, width in _EMS:
        if char in chars:
            return width
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.25
    return 0.75 if char.isupper() else 0.58


_EMS = (
    ("ijl'|", 0.23), (" ,.:;/\\!tfI[]·", 0.28), ("r-()`\"", 0.35), ("ckszvxyJ", 0.5),
    ("abdeghnopquL0123456789", 0.56), ("FTZABEKPSVXY&", 0.67), ("wCDHNRU", 0.73), ("GOQ", 0.78), ("mMW%@—", 0.95),
)  # fmt: skip


def _font(size: float = 10, bold: bool = False, italic: bool = False, color: str = INK) -> Font:
    return Font(name=FACE, size=size, bold=bold, italic=italic, color=color)


def _span(sheet: Worksheet, area: str, text: str, font: Font, alignment: Alignment = WRAP) -> None:
    """A text laid over an area of cells."""
    first = sheet[area.split(":")[0]]
    first.font, first.alignment = font, alignment
    safe_text.write(first, text)
    if ":" in area:
        sheet.merge_cells(area)


def _box(sheet: Worksheet, area: str, top: Side = THIN) -> None:
    """Lines around each cell of an area, and none inside merged ones."""
    for number, row in enumerate(sheet[area]):
        for cell in row:
            cell.border = Border(left=THIN, right=THIN, top=THIN if number else top, bottom=THIN)


def _title(sheet: Worksheet, plan: PrintedPlan) -> None:
    """What this is and how it must be handled; then where it comes from and which issue it is."""
    _span(sheet, "A1:D1", TITLE, _font(16, bold=True), Alignment(vertical="center"))
    _span(sheet, "E1:F1", plan.marking, _font(10, bold=True), Alignment("right", "center", wrap_text=True))
    sheet.row_dimensions[1].height = 27
    _span(sheet, "A2:F2", " · ".join(filter(None, (plan.council, plan.reference, plan.issued))), _font(color=GREY), Alignment(vertical="top"))
    sheet.row_dimensions[2].height = 19


def _header_block(sheet: Worksheet, plan: PrintedPlan) -> int:
    """The six labelled lines of the form. The last row used."""
    width = sum(width for _, width in COLUMNS[1:])
    for row, (label, text) in enumerate(header_lines(plan), start=3):
        _span(sheet, f"A{row}", label, _font(bold=True))
        _span(sheet, f"B{row}:F{row}", text, _font())
        sheet[f"A{row}"].fill = HEADER_FILL
        _box(sheet, f"A{row}:F{row}")
        sheet.row_dimensions[row].height = min(TALLEST_ROW, text_height(text, width) + 3)
    sheet.row_dimensions[row + 1].height = 8
    return row


def header_lines(plan: PrintedPlan) -> tuple[tuple[str, str], ...]:
    """The labels of Appendix A in its order, each with what is known."""
    lines = (
        ("Assessment period:", plan.assessment_period),
        ("Mapping meeting date:", plan.mapping_meeting_date),
        ("Conference date:", plan.conference_date),
        ("Context:", plan.context),
        ("Date of review:", plan.review_date),
        ("Attendees:", plan.attendees),
    )
    return tuple((label, safe_text.for_cell(text).strip() or NOT_RECORDED) for label, text in lines)


def _table_header(sheet: Worksheet, row: int) -> None:
    for number, (title, _) in enumerate(COLUMNS):
        _span(sheet, f"{'ABCDEF'[number]}{row}", title, _font(bold=True), MIDDLE)
    for cell in sheet[row]:
        cell.fill = HEADER_FILL
    _box(sheet, f"A{row}:F{row}")
    sheet.row_dimensions[row].height = 30


def _table(sheet: Worksheet, worries: Sequence[PrintedWorry], row: int) -> int:
    """The worries under each other, from a row on. The last row used."""
    if not worries:
        _span(sheet, f"A{row}:F{row}", NO_WORRIES, _font(italic=True), MIDDLE)
        _box(sheet, f"A{row}:F{row}", STRONG)
        sheet.row_dimensions[row].height = 24
        return row
    for worry in worries:
        row = _worry(sheet, worry, row) + 1
    return row - 1


def _worry(sheet: Worksheet, worry: PrintedWorry, first: int) -> int:
    """One worry beside all its interventions. The last row used."""
    needs = [action_height(action) for action in worry.actions] or [24.0]
    texts = (_worry_text(worry), worry.helping.strip() or NOT_RECORDED, worry.goal.strip() or NOT_RECORDED)
    tallest = max(text_height(text, width) + 6 for text, (_, width) in zip(texts, COLUMNS, strict=False))
    missing = max(0.0, tallest - sum(needs)) / len(needs)
    row = first
    for place, need in enumerate(needs):
        row = _action(sheet, worry.actions[place] if worry.actions else None, row, need + missing)
    last = row - 1
    for letter, text in zip("ABC", texts, strict=True):
        _span(sheet, f"{letter}{first}:{letter}{last}", text, _font())
    if worry.impact.strip():
        parts = ((_inline(), worry.worry.strip() + "\n\n"), (_inline(bold=True), "Impact: "), (_inline(), worry.impact.strip()))
        safe_text.write_parts(sheet[f"A{first}"], parts)
    _box(sheet, f"A{first}:F{last}", STRONG)
    return last


def _worry_text(worry: PrintedWorry) -> str:
    return f"{worry.worry.strip()}\n\nImpact: {worry.impact.strip()}" if worry.impact.strip() else worry.worry.strip()


def _action(sheet: Worksheet, action: PrintedAction | None, row: int, height: float) -> int:
    """One intervention over as many rows as its height asks for. The next free row."""
    rows = math.ceil(height / TALLEST_ROW)
    for number in range(row, row + rows):
        sheet.row_dimensions[number].height = round(height / rows, 1)
    ends = f":{{0}}{row + rows - 1}" if rows > 1 else ""
    if action is None:
        _span(sheet, f"D{row}:F{row + rows - 1}", NO_INTERVENTION, _font(italic=True))
        return row + rows
    texts = (action.intervention.strip(), action.agency.strip() or NONE_AGREED, action.timescale.strip() or NONE_AGREED)
    for letter, text in zip("DEF", texts, strict=True):
        _span(sheet, f"{letter}{row}{ends.format(letter)}", text, _font())
    if action.reference:
        small = _inline(8, color=GREY)
        safe_text.write_parts(sheet[f"D{row}"], ((small, f"{action.reference}\n"), (_inline(), texts[0])))
    return row + rows


def action_height(action: PrintedAction) -> float:
    """Points for the intervention with its reference above it, its agency and its timescale."""
    texts = (action.intervention.strip(), action.agency, action.timescale)
    heights = [text_height(text.strip(), width) for text, (_, width) in zip(texts, COLUMNS[3:], strict=True)]
    return max(heights[0] + 11, *heights[1:]) + 7


def _inline(size: float = 10, bold: bool | None = None, color: str = INK) -> InlineFont:
    return InlineFont(rFont=FACE, sz=size, b=bold, color=Color(rgb=color))
