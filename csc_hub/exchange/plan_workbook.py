"""The intervention plan in Excel, in the layout of the guidance's Appendix A, ready to send as it is."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from openpyxl import Workbook
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from csc_hub.exchange import safe_text, streamed
from csc_hub.exchange.outgoing import NO_INTERVENTION, NO_WORRIES, NONE_AGREED, NOT_RECORDED, PrintedAction, PrintedPlan, PrintedWorry
from csc_hub.exchange.streamed import Board, Parts

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
CENTRED, RIGHT, TOP = Alignment(vertical="center"), Alignment("right", "center", wrap_text=True), Alignment(vertical="top")
TALLEST_ROW = 400.0
"""Points. Excel stops at 409; a text that needs more is laid over several rows."""
FROZEN_AT_MOST = 215.0
"""Points. A heading taller than this would fill a laptop's screen if it were frozen."""


def plan_workbook(plan: PrintedPlan) -> bytes:
    """The plan as an .xlsx file of one printable sheet."""
    book = new_book(f"Intervention plan {plan.reference}", plan.council, plan.marking)
    sheet = streamed.first_sheet(book, safe_text.sheet_name(f"Plan {plan.reference}", "Plan"))
    for number, (_, width) in enumerate(COLUMNS):
        sheet.column_dimensions["ABCDEF"[number]].width = width
    board = Board(sheet)
    _title(board, plan)
    titles = _header_block(board, plan) + 2
    _table_header(board, titles)
    sheet.sheet_view.showGridLines = False
    if board.tall() <= FROZEN_AT_MOST:
        sheet.freeze_panes = f"A{titles + 1}"
    dress_page(sheet, plan.marking, f"{plan.reference} · {plan.council}")
    board.write()
    last = _table(board, plan.worries, titles + 1)
    sheet.print_area = f"A1:F{last}"
    sheet.print_title_rows = f"{titles}:{titles}"
    return streamed.saved(book)


def new_book(title: str, council: str, marking: str) -> Workbook:
    """An empty workbook that names the council, and no person, as its author."""
    book = Workbook()
    book._named_styles["Normal"].font = Font(name=FACE, size=10)  # column widths are counted in its digits
    facts = book.properties
    facts.title, facts.category, facts.language = safe_text.for_cell(title), safe_text.for_cell(marking), "en-GB"
    facts.creator = facts.lastModifiedBy = safe_text.for_cell(council)
    book.calculation.fullCalcOnLoad = False  # nothing to calculate: Excel need not ask to save on closing
    return book


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


@lru_cache(maxsize=2000)
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


@lru_cache
def _font(size: float = 10, bold: bool = False, italic: bool = False, color: str = INK) -> Font:
    return Font(name=FACE, size=size, bold=bold, italic=italic, color=color)


@lru_cache
def _inline(size: float = 10, bold: bool | None = None, color: str = INK) -> InlineFont:
    return InlineFont(rFont=FACE, sz=size, b=bold, color=Color(rgb=color))


def _title(board: Board, plan: PrintedPlan) -> None:
    """What this is and how it must be handled; then where it comes from and which issue it is."""
    board.put(1, 1, TITLE, _font(16, bold=True), CENTRED, (1, 4))
    board.put(1, 5, plan.marking, _font(10, bold=True), RIGHT, (1, 6))
    board.height(1, 27)
    board.put(2, 1, " · ".join(filter(None, (plan.council, plan.reference, plan.issued))), _font(color=GREY), TOP, (2, 6))
    board.height(2, 19)


def _header_block(board: Board, plan: PrintedPlan) -> int:
    """The six labelled lines of the form. The last row used."""
    width = sum(width for _, width in COLUMNS[1:])
    for row, (label, text) in enumerate(header_lines(plan), start=3):
        board.put(row, 1, label, _font(bold=True), WRAP)
        board.put(row, 2, text, _font(), WRAP, (row, 6))
        board.fill(row, 1, HEADER_FILL)
        board.box(row, row, 6, THIN, THIN)
        board.height(row, min(TALLEST_ROW, text_height(text, width) + 3))
    board.height(row + 1, 8)
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


def _table_header(board: Board, row: int) -> None:
    for column, (title, _) in enumerate(COLUMNS, 1):
        board.put(row, column, title, _font(bold=True), MIDDLE)
        board.fill(row, column, HEADER_FILL)
    board.box(row, row, 6, THIN, THIN)
    board.height(row, 30)


def _table(board: Board, worries: Sequence[PrintedWorry], row: int) -> int:
    """The worries under each other, from a row on. The last row used."""
    if not worries:
        board.put(row, 1, NO_WORRIES, _font(italic=True), MIDDLE, (row, 6))
        board.box(row, row, 6, THIN, STRONG)
        board.height(row, 24)
        row += 1
    for worry in worries:
        row = _worry(board, worry, row) + 1
        board.write()
    board.write()
    return row - 1


def _worry(board: Board, worry: PrintedWorry, first: int) -> int:
    """One worry beside all its interventions. The last row used."""
    needs = [action_height(action) for action in worry.actions] or [24.0]
    texts = (_worry_text(worry), worry.helping.strip() or NOT_RECORDED, worry.goal.strip() or NOT_RECORDED)
    tallest = max(text_height(text, width) + 6 for text, (_, width) in zip(texts, COLUMNS, strict=False))
    missing = max(0.0, tallest - sum(needs)) / len(needs)
    row = first
    for place, need in enumerate(needs):
        row = _action(board, worry.actions[place] if worry.actions else None, row, need + missing)
    last = row - 1
    parts: list[str | Parts] = [*texts]
    if worry.impact.strip():
        parts[0] = ((_inline(), worry.worry.strip() + "\n\n"), (_inline(bold=True), "Impact: "), (_inline(), worry.impact.strip()))
    for column, text in enumerate(parts, 1):
        board.put(first, column, text, _font(), WRAP, (last, column))
    board.box(first, last, 6, THIN, STRONG)
    return last


def _worry_text(worry: PrintedWorry) -> str:
    return f"{worry.worry.strip()}\n\nImpact: {worry.impact.strip()}" if worry.impact.strip() else worry.worry.strip()


def _action(board: Board, action: PrintedAction | None, row: int, height: float) -> int:
    """One intervention over as many rows as its height asks for. The next free row."""
    rows = math.ceil(height / TALLEST_ROW)
    last = row + rows - 1
    for number in range(row, last + 1):
        board.height(number, round(height / rows, 1))
    if action is None:
        board.put(row, 4, NO_INTERVENTION, _font(italic=True), WRAP, (last, 6))
        return last + 1
    intervention: str | Parts = action.intervention.strip()
    if action.reference:
        intervention = ((_inline(8, color=GREY), f"{action.reference}\n"), (_inline(), action.intervention.strip()))
    for column, text in enumerate((intervention, action.agency.strip() or NONE_AGREED, action.timescale.strip() or NONE_AGREED), 4):
        board.put(row, column, text, _font(), WRAP, (last, column))
    return last + 1


def action_height(action: PrintedAction) -> float:
    """Points for the intervention with its reference above it, its agency and its timescale."""
    texts = (action.intervention.strip(), action.agency, action.timescale)
    heights = [text_height(text.strip(), width) for text, (_, width) in zip(texts, COLUMNS[3:], strict=True)]
    return max(heights[0] + 11, *heights[1:]) + 7
