"""The sheet that lists the faults of a workbook, each with a link to its cell: as XML, to be put into somebody's package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from csc_hub.exchange.mending.package import MAIN, PART_TYPE, RELATED, Package
from csc_hub.exchange.mending.styles import Styles
from csc_hub.exchange.ours import MARKER, TO_MEND
from csc_hub.exchange.safe_text import as_written
from csc_hub.kernel import count

INTRO = (
    "{cells} to mend. Each is coloured and has a comment. Put it right, save the file and send it again. You may leave this sheet, the "
    "colours and the comments as they are: the hub passes over them. Rows that were taken already are not taken twice."
)
TITLES = ("Cell", "Sheet", "What is wrong, and what to do")
WIDTHS = (12, 24, 96)
MOST = 2_000
"""Faults that are marked and listed. A file with more has one thing wrong with it a thousand times over."""
MORE = "There are {more} more, which are not listed. The page in the hub has them all."


@dataclass(frozen=True)
class Fault:
    """One cell to mend; without an address it is the whole sheet or file that is meant."""

    sheet: str
    cell: str | None
    sentence: str


def intro(faults: list[Fault]) -> str:
    """The first sentence of the list."""
    return INTRO.format(cells=count(len({(f.sheet, f.cell) for f in faults}), "cell"))


def link_to(sheet: str, cell: str) -> str:
    """The place inside the workbook to which a link leads."""
    return f"'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}"


def free_title(taken: list[str]) -> str:
    """A name for the list that no sheet has."""
    used = {name.casefold() for name in taken}
    return next(name for n in range(1, 1_000) if (name := TO_MEND if n == 1 else f"{TO_MEND} ({n})").casefold() not in used)


def write(package: Package, workbook: str, styles: Styles, faults: list[Fault], said: list[str], old: str | None, taken: list[str]) -> None:
    """Puts the list into a workbook as its last sheet, or in the place of the one from an earlier time."""
    content = _sheet(styles, faults, said)
    if old is not None:
        package.drop(old)
        package.put(old, content, PART_TYPE.format("worksheet"))
        return
    part = package.free_name("xl/worksheets/tomend{}.xml")
    package.put(part, content, PART_TYPE.format("worksheet"))
    sheets = package.edit(workbook).find(f"{{{MAIN}}}sheets")
    numbers = [int(e.get("sheetId", "0")) for e in sheets if e.get("sheetId", "0").isdigit()]
    element = etree.SubElement(sheets, f"{{{MAIN}}}sheet", name=free_title(taken), sheetId=str(max(numbers, default=0) + 1))
    element.set(f"{{{RELATED}}}id", package.relate(workbook, "worksheet", part))


def _sheet(styles: Styles, faults: list[Fault], said: list[str]) -> bytes:
    """The XML of the list."""
    title, plain = styles.look(bold=True, size=14), styles.look()
    bold, link = styles.look(bold=True), styles.look(color="FF1D70B8", underlined=True)
    root = etree.Element(f"{{{MAIN}}}worksheet", nsmap={None: MAIN, "r": RELATED})
    about = etree.SubElement(root, f"{{{MAIN}}}sheetPr")
    etree.SubElement(about, f"{{{MAIN}}}tabColor", rgb="FFD4351C")
    etree.SubElement(about, f"{{{MAIN}}}pageSetUpPr", fitToPage="1")
    view = etree.SubElement(etree.SubElement(root, f"{{{MAIN}}}sheetViews"), f"{{{MAIN}}}sheetView", workbookViewId="0", showGridLines="0")
    view.tail = None
    columns = etree.SubElement(root, f"{{{MAIN}}}cols")
    for number, width in enumerate(WIDTHS, 1):
        etree.SubElement(columns, f"{{{MAIN}}}col", min=str(number), max=str(number), width=str(width), customWidth="1")
    cells = etree.SubElement(root, f"{{{MAIN}}}sheetData")
    heads = [(MARKER, title), (intro(faults), plain), *((words, plain) for words in said)]
    for number, (words, look) in enumerate(heads, 1):
        _row(cells, number, [(words, look)], height=24 if number == 1 else 15.5 * (1 + len(words) // 120))
    row = len(heads) + 2
    _row(cells, row, [(words, bold) for words in TITLES])
    merged = etree.SubElement(root, f"{{{MAIN}}}mergeCells", count=str(len(heads)))
    for number in range(1, len(heads) + 1):
        etree.SubElement(merged, f"{{{MAIN}}}mergeCell", ref=f"A{number}:C{number}")
    links = etree.Element(f"{{{MAIN}}}hyperlinks")
    for fault in faults[:MOST]:
        row += 1
        _row(cells, row, [(fault.cell or "–", link if fault.cell else plain), (fault.sheet, plain), (fault.sentence, plain)])
        if fault.cell:
            etree.SubElement(links, f"{{{MAIN}}}hyperlink", ref=f"A{row}", location=link_to(fault.sheet, fault.cell), display=fault.cell)
    if len(faults) > MOST:
        _row(cells, row + 1, [("–", plain), ("", plain), (MORE.format(more=f"{len(faults) - MOST:,}"), bold)])
    if len(links):
        root.append(links)
    etree.SubElement(root, f"{{{MAIN}}}pageSetup", paperSize="9", orientation="landscape", fitToHeight="0")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _row(cells: Any, number: int, texts: list[tuple[str, int]], height: float | None = None) -> None:
    row = etree.SubElement(cells, f"{{{MAIN}}}row", r=str(number))
    if height:
        row.set("ht", str(height))
        row.set("customHeight", "1")
    for letter, (words, look) in zip("ABC", texts):
        cell = etree.SubElement(row, f"{{{MAIN}}}c", r=f"{letter}{number}", s=str(look), t="inlineStr")
        piece = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
        piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        piece.text = as_written(words)
