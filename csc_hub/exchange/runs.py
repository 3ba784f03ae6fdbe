"""Text of several fonts in one Excel cell."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from openpyxl.cell.rich_text import TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.xml.functions import Element, whitespace


class Run(TextBlock):  # type: ignore[misc]
    """Text of one font in a cell. The XML of a font is made once: it takes longer than all the rest of a row."""

    def to_tree(self) -> Any:
        """The XML of the run."""
        if id(self.font) not in _FONTS:
            _FONTS[id(self.font)] = self.font, self.font.to_tree(tagname="rPr")
        run, text = Element("r"), Element("t")
        run.append(deepcopy(_FONTS[id(self.font)][1]))
        text.text = self.text
        whitespace(text)
        run.append(text)
        return run


_FONTS: dict[int, tuple[InlineFont, Any]] = {}  # kept with their font, so that no other font gets its number
