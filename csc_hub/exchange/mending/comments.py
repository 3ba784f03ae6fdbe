"""Puts a comment of the hub's on cells of one worksheet, beside the comments that people have put there."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from csc_hub.exchange.mending.package import MAIN, PART_TYPE, RELATED
from csc_hub.exchange.mending.sheet import SheetParts
from csc_hub.exchange.ours import AUTHOR, SPOKEN, is_comment
from csc_hub.exchange.reading.grid import address
from csc_hub.exchange.safe_text import as_written

_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_APPENDED = f"\n— {SPOKEN}"
_SHAPE = re.compile(rb"<v:shape\b(?:(?!</v:shape>).)*?ObjectType=\"Note\".*?</v:shape>\s*", re.DOTALL)
_NUMBER = re.compile(rb"_x0000_s(\d{1,9})\b")
_SPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)  # said on every shape too: programs name their spaces as they like
_PAPER = (
    f'<xml {_SPACES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)
_TYPE = (
    f'<v:shapetype {_SPACES} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_NOTE = (
    '<v:shape {spaces} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;width:220pt;'
    'height:{height}pt;z-index:{number};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
    '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left}, 15, {top}, 4, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def comment(sheet: SheetParts, remarks: dict[tuple[int, int], str]) -> None:
    """Takes the hub's earlier comments off a worksheet and puts these on: one to a cell, after what somebody wrote there."""
    package = sheet.package
    part = package.related(sheet.part, "comments")
    if part is None and not remarks:
        return
    if part is None:
        part = package.free_name("xl/comments{}.xml")
        package.put(part, f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode(), PART_TYPE.format("comments"))
        package.relate(sheet.part, "comments", part)
    root = package.edit(part)
    gone = _forget(root)
    present = {e.get("ref", ""): e for e in root.iterfind(f"{{{MAIN}}}commentList/{{{MAIN}}}comment")}
    new: list[tuple[int, int, str]] = []
    for (row, column), words in sorted(remarks.items()):
        earlier = present.get(address(row, column))
        if earlier is None:
            _write(root, address(row, column), words)
            new.append((row, column, words))
        elif not _author(root, earlier).startswith("tc="):  # Excel writes a thread's words anew from elsewhere
            _append(earlier, words)
    _draw(sheet, gone, new)


def _forget(root: Any) -> set[str]:
    """Takes out the hub's comments from an earlier time; the cells they were on."""
    gone = set()
    for element in list(root.iterfind(f"{{{MAIN}}}commentList/{{{MAIN}}}comment")):
        if is_comment(_author(root, element), "".join(element.itertext(f"{{{MAIN}}}t")).lstrip()):
            gone.add(element.get("ref", ""))
            element.getparent().remove(element)
        _cut(list(element.iter(f"{{{MAIN}}}t")))
    return gone


def _cut(pieces: list[Any]) -> None:
    """Takes the hub's words off the end of somebody else's comment, however a program has split it into pieces."""
    left = "".join(piece.text or "" for piece in pieces).find(_APPENDED)
    for piece in pieces if left >= 0 else ():
        piece.text, left = (piece.text or "")[:left], max(left - len(piece.text or ""), 0)


def _author(root: Any, element: Any) -> str:
    authors = root.findall(f"{{{MAIN}}}authors/{{{MAIN}}}author")
    number = element.get("authorId", "")
    return authors[int(number)].text or "" if number.isdigit() and int(number) < len(authors) else ""


def _write(root: Any, ref: str, words: str) -> None:
    """A new comment, signed by the hub."""
    authors, comments = root.find(f"{{{MAIN}}}authors"), root.find(f"{{{MAIN}}}commentList")
    if authors is None:
        authors = etree.Element(f"{{{MAIN}}}authors")
        root.insert(0, authors)
    if comments is None:
        comments = etree.Element(f"{{{MAIN}}}commentList")
        authors.addnext(comments)
    names = [author.text for author in authors]
    if AUTHOR not in names:
        etree.SubElement(authors, f"{{{MAIN}}}author").text = AUTHOR
        names.append(AUTHOR)
    element = etree.SubElement(comments, f"{{{MAIN}}}comment", ref=ref, authorId=str(names.index(AUTHOR)))
    _run(etree.SubElement(element, f"{{{MAIN}}}text"), SPOKEN + words)


def _append(element: Any, words: str) -> None:
    """Adds the hub's words under those of somebody else."""
    text = element.find(f"{{{MAIN}}}text")
    _run(text if text is not None else etree.SubElement(element, f"{{{MAIN}}}text"), _APPENDED + words)


def _run(text: Any, words: str) -> None:
    run = etree.SubElement(text, f"{{{MAIN}}}r")
    looks = etree.SubElement(run, f"{{{MAIN}}}rPr")
    etree.SubElement(looks, f"{{{MAIN}}}sz", val="10")
    etree.SubElement(looks, f"{{{MAIN}}}rFont", val="Arial")
    piece = etree.SubElement(run, f"{{{MAIN}}}t")
    piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    piece.text = as_written(words)


def _draw(sheet: SheetParts, gone: set[str], new: list[tuple[int, int, str]]) -> None:
    """The little windows of the comments: those that are gone out, new ones in, all others as they are."""
    part = _paper(sheet, bool(new))
    if part is None:
        return
    drawn = sheet.package.bytes_of(part)
    if gone:
        drawn = _SHAPE.sub(lambda shape: b"" if _cell_of(shape[0]) in gone else shape[0], drawn)
    number = max([1024, *(int(n) for n in _NUMBER.findall(drawn))])
    pieces = [] if b"_x0000_t202" in drawn else [_TYPE]
    for row, column, words in new:
        number += 1
        lines = 2 + len(words) // 38
        pieces.append(_NOTE.format(
            spaces=_SPACES, number=number, height=lines * 14, left=column, right=column + 4, top=max(row - 2, 0), bottom=row - 1 + lines, row=row - 1, column=column - 1))
    end = drawn.rfind(b"</xml>")
    if end >= 0:
        sheet.package.put(part, drawn[:end] + "".join(pieces).encode() + drawn[end:])


def _paper(sheet: SheetParts, needed: bool) -> str | None:
    """The part with the windows of a worksheet's comments; made where it is needed."""
    package, key = sheet.package, f"{{{RELATED}}}id"
    pointer = sheet.root.find(f"{{{MAIN}}}legacyDrawing")
    if pointer is not None:
        part = next((r.target for r in package.relations(sheet.part) if r.id == pointer.get(key) and r.target in package), None)
        if part is not None and b"</xml>" in package.bytes_of(part):
            return part
    if not needed:
        return None
    part = package.free_name("xl/drawings/vmlDrawing{}.vml")
    package.put(part, _PAPER.encode())
    package.default_type("vml", _VML)
    if pointer is None:
        pointer = sheet.put_in_order("legacyDrawing")
    pointer.set(key, package.relate(sheet.part, "vmlDrawing", part))
    return part


def _cell_of(shape: bytes) -> str:
    """The address of the cell that a window belongs to."""
    row, column = (re.search(rb"<x:" + name + rb">\s*(\d{1,7})\s*</x:", shape) for name in (b"Row", b"Column"))
    return address(int(row[1]) + 1, int(column[1]) + 1) if row and column else ""
