"""The intervention plan in Word, in the layout of the guidance's Appendix A, ready to send as it is."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from csc_hub.adapters.word import as_bytes, blank
from csc_hub.exchange import plan_workbook as layout
from csc_hub.exchange import safe_text
from csc_hub.exchange.outgoing import NONE_AGREED, NOT_RECORDED, NO_INTERVENTION, NO_WORRIES, PrintedAction, PrintedPlan, PrintedWorry

WIDTHS = (Mm(50), Mm(42), Mm(40), Mm(68), Mm(36), Mm(31))
LABEL_WIDTH = Mm(50)
INK, GREY = RGBColor(0x1F, 0x2A, 0x33), RGBColor(0x59, 0x59, 0x59)
HEADER_FILL = "DCE6EC"
LINE = "8A979F"
KEPT_WHOLE = 230.0
"""Points. A taller row may break across pages, or much of a page would stay empty."""


@as_bytes
def plan_document(plan: PrintedPlan) -> WordDocument:
    """The plan as a .docx file."""
    document = blank(*(safe_text.for_cell(text) for text in (f"Intervention plan {plan.reference}", plan.council, plan.marking)))
    _styles(document)
    _page(document, plan)
    _heading(document, plan)
    _header_block(document, layout.header_lines(plan))
    gap = document.add_paragraph()
    gap.paragraph_format.space_after = Pt(0)
    gap.paragraph_format.line_spacing = Pt(8)
    _table(document, plan.worries)
    _small_end(document)
    return document


def _styles(document: WordDocument) -> None:
    """Arial throughout, British English, a heading that looks like the workbook's title."""
    normal, title = document.styles["Normal"], document.styles["Heading 1"]
    for style, size, before, after in ((normal, 10, 0, 0), (title, 17, 0, 3)):
        style.font.size, style.font.color.rgb = Pt(size), INK
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()  # the theme's fonts would win over the names
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), layout.FACE)
    title.font.bold = True
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:val"), "en-GB")


def _page(document: WordDocument, plan: PrintedPlan) -> None:
    """A4 landscape, the marking at the top and bottom of every page, page X of Y."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin, section.bottom_margin = Mm(18), Mm(18)
    section.header_distance = section.footer_distance = Mm(8)
    top, bottom = section.header.paragraphs[0], section.footer.paragraphs[0]
    top.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(top, plan.marking, size=10, bold=True)
    for stop in list(bottom.style.paragraph_format.tab_stops):
        bottom.paragraph_format.tab_stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
    bottom.paragraph_format.tab_stops.add_tab_stop(Mm(133.5), WD_TAB_ALIGNMENT.CENTER)
    bottom.paragraph_format.tab_stops.add_tab_stop(Mm(267), WD_TAB_ALIGNMENT.RIGHT)
    _run(bottom, f"{plan.reference} · {_one_line(plan.council)}\t", size=9)
    _run(bottom, plan.marking, size=10, bold=True)
    _run(bottom, "\tPage ", size=9)
    _field(bottom, "PAGE")
    _run(bottom, " of ", size=9)
    _field(bottom, "NUMPAGES")


def _one_line(text: str) -> str:
    """Short enough to leave the marking and the page number their places."""
    line = " ".join(safe_text.for_cell(text).split())
    return line if len(line) <= 50 else f"{line[:49].rstrip()}…"


def _field(paragraph: Paragraph, name: str) -> None:
    """A number that Word works out itself."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" {name} ")
    run = paragraph.add_run("1")
    run.font.size = Pt(9)
    field.append(run._r)
    paragraph._p.append(field)


def _run(paragraph: Paragraph, text: str, size: float | None = None, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(safe_text.for_cell(text))
    run.bold, run.italic = bold or None, italic or None
    if size:
        run.font.size = Pt(size)


def _heading(document: WordDocument, plan: PrintedPlan) -> None:
    """What this is; then where it comes from and which issue it is."""
    document.add_heading(layout.TITLE, level=1)
    line = document.add_paragraph()
    line.paragraph_format.space_after = Pt(6)
    _run(line, " · ".join(filter(None, (plan.council, plan.reference, plan.issued))))
    line.runs[0].font.color.rgb = GREY


def _header_block(document: WordDocument, lines: Sequence[tuple[str, str]]) -> None:
    """The six labelled lines of the form."""
    widths = (LABEL_WIDTH, sum(WIDTHS) - LABEL_WIDTH)
    table = _new_table(document, len(lines), widths, "Dates, context and attendees")
    for row, (label, text) in zip(table.rows, lines, strict=True):
        first, second = row.cells
        _run(first.paragraphs[0], label, bold=True)
        _shade(first)
        _write(second, text)
        _keep_whole(row, layout.text_height(text, sum(width for _, width in layout.COLUMNS[1:])))


def _table(document: WordDocument, worries: Sequence[PrintedWorry]) -> None:
    """The plan itself: a repeated heading row, then each worry beside its interventions."""
    count = sum(max(1, len(worry.actions)) for worry in worries) or 1
    table = _new_table(document, 1 + count, WIDTHS, "Intervention plan: worries, goals and interventions")
    rows = iter(table.rows)
    titles = next(rows)
    for cell, (title, _) in zip(titles.cells, layout.COLUMNS, strict=True):
        _run(cell.paragraphs[0], title, bold=True)
        _shade(cell)
    titles._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    _keep_whole(titles)
    for worry in worries:
        _worry(worry, [next(rows) for _ in worry.actions or (None,)])
    if not worries:
        _across(next(rows), 0, NO_WORRIES)


def _worry(worry: PrintedWorry, rows: Sequence[_Row]) -> None:
    """One worry beside all its interventions; its first three cells run down all their rows."""
    shared = [layout.text_height(text, 24) for text in (worry.worry + "\n" + worry.impact, worry.helping, worry.goal)]
    for number, row in enumerate(rows):
        cells = row.cells  # before any cell is merged, or looking them up grows with the square of the rows
        if worry.actions:
            _action(cells, worry.actions[number])
            _keep_whole(row, layout.action_height(worry.actions[number]), *(shared if len(rows) == 1 else ()))
        else:
            _across(row, 3, NO_INTERVENTION)
            _keep_whole(row, *shared)
        _thick_top(cells[:6] if number == 0 else ())
    first = rows[0].cells
    _write(first[0], worry.worry)
    if worry.impact.strip():
        paragraph = first[0].add_paragraph()
        paragraph.paragraph_format.space_before = Pt(6)
        _run(paragraph, "Impact: ", bold=True)
        _run(paragraph, worry.impact.strip())
    _write(first[1], worry.helping.strip() or NOT_RECORDED)
    _write(first[2], worry.goal.strip() or NOT_RECORDED)
    if len(rows) > 1:
        for number, row in enumerate(rows):
            for box in row._tr.tc_lst[:3]:
                box.get_or_add_tcPr().get_or_add_vMerge().val = "continue" if number else "restart"


def _action(cells: Sequence[_Cell], action: PrintedAction) -> None:
    """One intervention with its reference above it, who does it, and by when."""
    if action.reference:
        _run(cells[3].paragraphs[0], action.reference, size=8)
        cells[3].paragraphs[0].runs[0].font.color.rgb = GREY
        cells[3].paragraphs[0].paragraph_format.keep_with_next = True
        cells[3].add_paragraph()
    _run(cells[3].paragraphs[-1], action.intervention.strip())
    _write(cells[4], action.agency.strip() or NONE_AGREED)
    _write(cells[5], action.timescale.strip() or NONE_AGREED)


def _write(cell: _Cell, text: str) -> None:
    _run(cell.paragraphs[0], text.strip())


def _across(row: _Row, start: int, text: str) -> None:
    """A sentence over the cells of a row from one on."""
    cells = row.cells
    wide = cells[start].merge(cells[-1])
    _run(wide.paragraphs[0], text, italic=True)


def _new_table(document: WordDocument, rows: int, widths: Sequence[int], what: str) -> Table:
    """A table of fixed columns with thin lines, room around its texts, and a title for those who cannot see it."""
    table = document.add_table(rows, len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    properties = table._tbl.tblPr
    properties.append(_borders("w:tblBorders", ("top", "left", "bottom", "right", "insideH", "insideV"), "4"))
    # the order that the format prescribes: borders, layout, margins, look, caption
    properties.append(properties.find(qn("w:tblLayout")))
    margins = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 45), ("left", 100), ("bottom", 45), ("right", 100)):
        _element(margins, side, w=str(twips), type="dxa")
    properties.append(margins)
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        properties.append(look)
    _element(properties, "tblCaption", val=what)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    return table


def _element(parent: BaseOxmlElement, name: str, **values: str) -> None:
    child = OxmlElement(f"w:{name}")
    for key, value in values.items():
        child.set(qn(f"w:{key}"), value)
    parent.append(child)


def _borders(name: str, sides: Sequence[str], size: str, color: str = LINE) -> BaseOxmlElement:
    borders = OxmlElement(name)
    for side in sides:
        _element(borders, side, val="single", sz=size, space="0", color=color)
    return borders


def _thick_top(cells: Sequence[_Cell]) -> None:
    """The line above a worry, so that one ends visibly where the next begins."""
    for box in dict.fromkeys(cell._tc for cell in cells):
        properties = box.get_or_add_tcPr()
        borders = _borders("w:tcBorders", ("top",), "12", "44525B")
        properties.insert_element_before(borders, "w:shd", "w:noWrap", "w:tcMar", "w:vAlign", "w:hideMark")


def _shade(cell: _Cell) -> None:
    _element(cell._tc.get_or_add_tcPr(), "shd", val="clear", color="auto", fill=HEADER_FILL)


def _keep_whole(row: _Row, *heights: float) -> None:
    """A row of ordinary height, in points, stays on one page."""
    if all(height <= KEPT_WHOLE for height in heights):
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


def _small_end(document: WordDocument) -> None:
    """Word wants a paragraph after a table; this one is too small to start a page of its own."""
    end = document.add_paragraph()
    end.paragraph_format.line_spacing = Pt(1)
    end.paragraph_format.space_after = Pt(0)
