"""Plans as people write them in Word and Excel, made anew for each test, each with a line on what it is."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import Table, _Cell

TITLES = ("What are we worried about?\n(and impact)", "What is helping to keep children safe?", "What is the safety goal?", "Intervention to be offered", "Agency/Team\nresponsible", "Timescale")
LABELS = (("Assessment period:", "1 September to 2 October 2026"), ("Mapping meeting date:", "24 September 2026"), ("Conference date:", "7 December 2026"),
          ("Context:", "Harbour Road"), ("Date of review:", "12 April 2027"), ("Attendees:", "Chair\nHousing officer"))
FACTS = {"period": "1 September to 2 October 2026", "mapping": "24 September 2026", "conference": "7 December 2026", "context": "Harbour Road", "review": "12 April 2027",
         "attendees": "Chair\nHousing officer"}
ROWS = (
    ("The walkway is dark", "The café", "It is lit", "Light the walkway", "Housing", "By 8 January 2027"),
    ("", "", "", "Cut the hedge", "Housing", "Termly"),
    ("The stairs are feared", "The caretaker", "People walk there", "Patrol the stairs", "Anyshire Police", ""))
PLAN = [("The walkway is dark", "The café", "It is lit", [("Light the walkway", "Housing"), ("Cut the hedge", "Housing")]),
        ("The stairs are feared", "The caretaker", "People walk there", [("Patrol the stairs", "Anyshire Police")])]
"""What every plain file of the corpus should be read as."""


def saved(document: WordDocument) -> bytes:
    """A document as bytes."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def grid(document: Any, rows: Sequence[Sequence[str]]) -> Table:
    """A table with these texts."""
    table = document.add_table(len(rows), max(map(len, rows)))
    for line, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(line.cells, texts, strict=True):
            cell.text = text
    return table


def word(change: Callable[[WordDocument, Table], object] | None = None, rows: Sequence[Sequence[str]] = (TITLES, *ROWS), head: bool = True) -> bytes:
    """A plan in Word; `change` makes it awkward before it is saved."""
    document = Document()
    if head:
        grid(document, LABELS)
        document.add_paragraph("Fill in the following details below:")
    table = grid(document, rows)
    if change:
        change(document, table)
    return saved(document)


def _merged_down(_: WordDocument, table: Table) -> None:
    for column in range(3):
        table.cell(1, column).merge(table.cell(2, column))
    table.cell(1, 4).text = ""
    table.cell(2, 4).text = ""
    table.cell(1, 4).text = "Housing"
    table.cell(1, 4).merge(table.cell(2, 4))


def _in_control(_: WordDocument, table: Table) -> None:
    """Every paragraph of the table stands in a content control."""
    for paragraph in list(table._tbl.iter(qn("w:p"))):
        control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtPr/><w:sdtContent/></w:sdt>")
        paragraph.addprevious(control)
        control.find(qn("w:sdtContent")).append(paragraph)


def _run(text: str, deleted: bool = False) -> Any:
    name = "delText" if deleted else "t"
    return parse_xml(f"<w:r {nsdecls('w')}><w:{name} xml:space='preserve'>{text}</w:{name}></w:r>")


def _tracked(_: WordDocument, table: Table) -> None:
    paragraph = table.cell(1, 3).paragraphs[0]._p
    for run in list(paragraph.r_lst):
        paragraph.remove(run)
    for name, text in (("ins", "Light the "), ("del", "hidden "), ("ins", "walkway")):
        mark = parse_xml(f"<w:{name} {nsdecls('w')} w:id='1' w:author='A'/>")
        mark.append(_run(text, name == "del"))
        paragraph.append(mark)
    gone = table.add_row()
    mark = parse_xml(f"<w:del {nsdecls('w')} w:id='3' w:author='A'/>")
    mark.append(_run("A row that was deleted", True))
    gone.cells[3].paragraphs[0]._p.append(mark)
    gone._tr.get_or_add_trPr().append(parse_xml(f"<w:del {nsdecls('w')} w:id='2' w:author='A'/>"))


def _titles_again(_: WordDocument, table: Table) -> None:
    row = table.add_row()
    for cell, text in zip(row.cells, TITLES, strict=True):
        cell.text = text
    table._tbl.remove(row._tr)
    table.rows[2]._tr.addprevious(row._tr)


def _text_box(document: WordDocument, _: Table) -> None:
    box = ("<w:p {0} xmlns:wps='http://schemas.microsoft.com/office/word/2010/wordprocessingShape'><w:r><w:drawing><wps:txbx><w:txbxContent><w:p><w:r>"
           "<w:t>Ask the youth council first</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></w:r></w:p>").format(nsdecls("w"))
    document.element.body.insert(0, parse_xml(box))


def _hidden(_: WordDocument, table: Table) -> None:
    run = table.cell(1, 3).paragraphs[0].add_run(" and more")
    run.font.hidden = True


def _split_cell(_: WordDocument, table: Table) -> None:
    """The title of the intervention is laid over two columns, as after Word's Split Cells further down."""
    for row in table.rows:
        row.cells[3]._tc.get_or_add_tcPr().append(parse_xml(f"<w:gridSpan {nsdecls('w')} w:val='2'/>"))


def _nested(document: WordDocument, table: Table) -> None:
    outer = document.add_table(1, 1)
    outer.cell(0, 0)._tc.insert(1, table._tbl)


def _two_tables(document: WordDocument, table: Table) -> None:
    document.add_paragraph("Second part")
    second = grid(document, (TITLES, ROWS[2]))
    table._tbl.remove(table.rows[3]._tr)
    assert second


def _goes_on(document: WordDocument, table: Table) -> None:
    document.add_page_break()
    grid(document, (ROWS[2],))
    table._tbl.remove(table.rows[3]._tr)


def _banner(_: WordDocument, table: Table) -> None:
    row = table.add_row()
    table.rows[1]._tr.addprevious(row._tr)
    wide: _Cell = table.rows[1].cells[0].merge(table.rows[1].cells[5])
    wide.text = "Priority issue 1: the interchange after school"


def _moved(_: WordDocument, table: Table) -> None:
    paragraph = table.cell(1, 3).paragraphs[0]._p
    mark = OxmlElement("w:moveFrom")
    mark.append(_run("Moved away"))
    paragraph.append(mark)


AMERICAN = tuple(title.replace("Intervention to be offered", "Interventions") for title in TITLES)
WORD: dict[str, tuple[bytes, str]] = {
    # name: (file, what must be said of it)
    "blank cells under a worry": (word(), ""),
    "cells merged down, the agency too": (word(_merged_down), ""),
    "everything in content controls": (word(_in_control), ""),
    "tracked insertions and deletions": (word(_tracked), "Insertions were read, deletions were not"),
    "text moved away": (word(_moved), "tracked changes"),
    "titles again on the next page": (word(_titles_again), ""),
    "a text box": (word(_text_box), "Ask the youth council first"),
    "hidden text": (word(_hidden), "Hidden text was not read"),
    "cells over two columns": (word(_split_cell), ""),
    "the plan inside a layout table": (word(_nested), "A table inside a cell"),
    "two tables with titles": (word(_two_tables), ""),
    "a table that goes on without titles": (word(_goes_on), "has no titles"),
    "a banner over all columns": (word(_banner), "runs over all columns"),
    "no header block": (word(head=False), ""),
    "other titles": (word(rows=(("Worries", "Strengths", "Safety goals", "Actions", "Lead agency", "By when"), *ROWS)), ""),
    "columns in another order, two of its own": (word(rows=tuple((row[3], "x", row[4], row[0], row[5], row[1], row[2], "y") for row in (TITLES, *ROWS))), "not read"),
    "the worry said in every row": (word(rows=(TITLES, ROWS[0], (*ROWS[0][:3], *ROWS[1][3:]), ROWS[2])), ""),
}
