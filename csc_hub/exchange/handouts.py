"""What a chair hands out: the agenda, and the list of people with the reasons, in Word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from csc_hub.adapters.word import as_bytes, blank
from csc_hub.exchange.safe_text import for_cell

if TYPE_CHECKING:
    from docx.document import Document


@dataclass(frozen=True)
class Handout:
    """A page or two to hand out: headings, facts and one table."""

    title: str
    marking: str
    council: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, float], ...]  # (title, width in centimetres)
    rows: tuple[tuple[str, ...], ...]
    closing: str = ""
    opening: str = ""
    row_height: float = 0  # least height of a row in centimetres, for what is written by hand


@as_bytes
def handout(page: Handout) -> Document:
    """The handout as a Word document: A4, real headings, a table with a repeated header row, the marking on each page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    document = blank(for_cell(page.title), for_cell(page.council), for_cell(page.marking))
    section = document.sections[0]
    section.left_margin = section.right_margin = Cm(2)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Arial", Pt(11)
    for part in (section.header, section.footer):
        part.paragraphs[0].text = for_cell(page.marking)
        part.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_heading(for_cell(page.title), 0)
    for label, value in page.facts:
        line = document.add_paragraph()
        line.add_run(for_cell(f"{label}: ")).bold = True
        line.add_run(for_cell(value))
    if page.opening:
        document.add_paragraph(for_cell(page.opening))
    table = document.add_table(rows=1, cols=len(page.columns), style="Table Grid")
    table.autofit = False
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for cell, (title, _) in zip(table.rows[0].cells, page.columns, strict=True):
        cell.paragraphs[0].add_run(for_cell(title)).bold = True
    for row in page.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = for_cell(text)
    for column, (_, width) in zip(table.columns, page.columns, strict=True):
        column.width = Cm(width)  # the grid, by which LibreOffice goes; Word goes by the cells
    for row in table.rows:
        if page.row_height:
            row.height = Cm(page.row_height)
        for cell, (_, width) in zip(row.cells, page.columns, strict=True):
            cell.width = Cm(width)
    if page.closing:
        document.add_paragraph()
        document.add_paragraph(for_cell(page.closing))
    return document
