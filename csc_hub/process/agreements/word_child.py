"""Reads a Word file inside the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from csc_hub.adapters.sandbox import Unreadable

MOST = 100_000


def read(file: BinaryIO) -> str:
    """The document's headings, paragraphs, lists and tables as Markdown."""
    from docx import Document

    blocks, size = [], 0
    for block in _blocks(Document(file)):
        size += len(block)
        if size > MOST:
            raise Unreadable("This file holds more than 100,000 characters of text. Send only the agreement itself.")
        blocks.append(block)
    if not blocks:
        raise Unreadable("There is no text in this file. If it is a scan, type the text or paste it.")
    text = "\n\n".join(blocks)
    return re.sub(r"(?m)^(- .*|1\. .*)\n\n(?=- |1\. )", r"\1\n", re.sub(r"(?m)^(- .*|1\. .*)\n\n(?=- |1\. )", r"\1\n", text))


def _blocks(document: Any) -> Iterator[str]:
    from docx.table import Table

    for item in document.iter_inner_content():
        if isinstance(item, Table):
            yield _table(item)
        elif said := _paragraph(item):
            yield said


def _paragraph(item: Any) -> str:
    style = (item.style.name or "").lower() if item.style is not None else ""
    level = re.match(r"heading (\d)", style)
    if level or style == "title":
        return f"{'#' * (min(6, int(level[1]) + 1) if level else 1)} {_plain(item.text)}" if item.text.strip() else ""
    said = "".join(_run(run) for run in item.runs) or _plain(item.text)
    said = said.strip()
    if not said:
        return ""
    numbered = item._p.pPr is not None and item._p.pPr.numPr is not None
    if "number" in style:
        return f"1. {said}"
    return f"- {said}" if "list" in style or numbered else re.sub(r"^(\d+)([.)])", r"\1\\\2", re.sub(r"^([-+#=~])", r"\\\1", said))


def _run(run: Any) -> str:
    text = _plain(run.text)
    if not text.strip() or not run.bold:
        return text
    return f"{text[:len(text) - len(text.lstrip())]}**{text.strip()}**{text[len(text.rstrip()):]}"


def _plain(text: str) -> str:
    """Words that Markdown must not take for signs of its own."""
    return re.sub(r"([\\`*_\[\]<>|&])", r"\\\1", re.sub(r"\s+", " ", text))


def _table(table: Any) -> str:
    rows = [[_plain(cell.text).strip() for cell in row.cells] for row in table.rows]
    if not rows:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])
