"""The looks of cells: every look in use gets, where it is needed, one twin with the colour of a fault."""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from csc_hub.exchange.mending.package import MAIN, PART_TYPE, Package

FAULT_COLOUR = "FFFFD2C4"
"""A light red that dark letters can be read on; by it the hub knows its own marks when the file comes back."""
_EMPTY = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")


class Styles:
    """The styles part of one workbook, changed only when a look is asked for."""

    def __init__(self, package: Package, workbook: str) -> None:
        part = package.related(workbook, "styles")
        if part is None:
            part = "xl/styles.xml" if "xl/styles.xml" not in package else package.free_name("xl/styles{}.xml")  # where readers look
            package.put(part, _EMPTY.encode(), PART_TYPE.format("styles"))
            package.relate(workbook, "styles", part)
        self._package, self._part = package, part
        self._twins: dict[int, int] = {}

    def _list(self, name: str, edit: bool = True) -> Any:
        root = self._package.edit(self._part) if edit else self._package.tree(self._part)
        found = root.find(f"{{{MAIN}}}{name}")
        if found is None and edit:
            found = etree.Element(f"{{{MAIN}}}{name}")
            before = [e for e in root if etree.QName(e).localname in _ORDER[:_ORDER.index(name)]]
            root.insert(root.index(before[-1]) + 1 if before else 0, found)
        return found

    def _add(self, name: str, element: Any) -> int:
        """Puts an element at the end of a list; its number."""
        where = self._list(name)
        if name == "cellXfs" and not len(where):
            where.append(_xf(0))
        where.append(element)
        where.set("count", str(len(where)))
        return len(where) - 1

    def marked(self, style: int) -> int:
        """The twin of a look with the colour of a fault and letters that can be read on it."""
        if style not in self._twins:
            looks = self._list("cellXfs")
            if not len(looks):
                looks.append(_xf(0))
            twin = copy.deepcopy(looks[style]) if style < len(looks) else _xf(0)
            twin.set("fillId", str(self._fill()))
            twin.set("applyFill", "1")
            font = self._dark_font(int(twin.get("fontId", "0") or 0))
            if font is not None:
                twin.set("fontId", str(font))
                twin.set("applyFont", "1")
            self._twins[style] = self._add("cellXfs", twin)
        return self._twins[style]

    def _fill(self) -> int:
        """The number of the fault's fill, which is added once."""
        fills = self._list("fills")
        for number, fill in enumerate(fills):
            if _is_ours(fill):
                return number
        fill = etree.Element(f"{{{MAIN}}}fill")
        pattern = etree.SubElement(fill, f"{{{MAIN}}}patternFill", patternType="solid")
        etree.SubElement(pattern, f"{{{MAIN}}}fgColor", rgb=FAULT_COLOUR)
        etree.SubElement(pattern, f"{{{MAIN}}}bgColor", indexed="64")
        return self._add("fills", fill)

    def _dark_font(self, number: int) -> int | None:
        """The number of a dark twin of a font whose letters are light; None where they are dark already."""
        fonts = self._list("fonts", edit=False)
        font = fonts[number] if fonts is not None and number < len(fonts) else None
        color = font.find(f"{{{MAIN}}}color") if font is not None else None
        if color is None or not _is_light(color):
            return None
        dark = copy.deepcopy(font)
        changed = dark.find(f"{{{MAIN}}}color")
        changed.attrib.clear()
        changed.set("rgb", "FF1F2A33")
        return self._add("fonts", dark)

    def ours(self) -> frozenset[int]:
        """The looks that have the colour of a fault, from an earlier time."""
        fills = self._list("fills", edit=False)
        numbers = {str(n) for n, fill in enumerate(fills if fills is not None else ()) if _is_ours(fill)}
        looks = self._list("cellXfs", edit=False)
        return frozenset(n for n, xf in enumerate(looks if looks is not None else ()) if numbers and xf.get("fillId") in numbers)

    def before(self, style: int, seen: set[int]) -> int:
        """The look that a mark was put on: the same but for its fill, best one that the column uses; or a new one without fill."""
        looks = self._list("cellXfs", edit=False)
        wanted = _but_fill(looks[style])
        alike = [n for n, xf in enumerate(looks) if n not in self.ours() and _but_fill(xf) == wanted]
        for number in [n for n in alike if n in seen] + alike:
            return number
        plain = copy.deepcopy(looks[style])
        plain.set("fillId", "0")
        return self._add("cellXfs", plain)

    def look(self, bold: bool = False, size: float = 11, color: str = "FF1F2A33", underlined: bool = False) -> int:
        """A look of our own for the list of faults: text at the top of its cell, in several lines."""
        font = etree.Element(f"{{{MAIN}}}font")
        if bold:
            etree.SubElement(font, f"{{{MAIN}}}b")
        if underlined:
            etree.SubElement(font, f"{{{MAIN}}}u")
        etree.SubElement(font, f"{{{MAIN}}}sz", val=str(size))
        etree.SubElement(font, f"{{{MAIN}}}color", rgb=color)
        etree.SubElement(font, f"{{{MAIN}}}name", val="Arial")
        xf = _xf(self._add("fonts", font))
        xf.set("applyAlignment", "1")
        etree.SubElement(xf, f"{{{MAIN}}}alignment", vertical="top", wrapText="1")
        return self._add("cellXfs", xf)


def _xf(font: int) -> Any:
    return etree.Element(f"{{{MAIN}}}xf", numFmtId="49" if font else "0", fontId=str(font), fillId="0", borderId="0", applyFont="1")


def _is_ours(fill: Any) -> bool:
    color = fill.find(f"{{{MAIN}}}patternFill/{{{MAIN}}}fgColor")
    return color is not None and color.get("rgb", "").upper() == FAULT_COLOUR


def _is_light(color: Any) -> bool:
    """Whether a colour is too light to be read on the fault's."""
    if color.get("theme") == "0":  # the background's own
        return True
    rgb = color.get("rgb", "")[-6:]
    try:
        red, green, blue = (int(rgb[n:n + 2], 16) for n in (0, 2, 4))
    except ValueError:
        return False
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def _but_fill(xf: Any) -> tuple[Any, ...]:
    """Everything that makes a look but its fill and what programs say anyway."""
    facts = {name: value for name, value in xf.attrib.items() if name not in ("fillId", "applyFill", "applyFont", "applyNumberFormat", "applyBorder", "applyAlignment", "applyProtection")}
    facts.setdefault("xfId", "0")
    return (sorted(facts.items()), [(etree.QName(e).localname, sorted(e.attrib.items())) for e in xf])
