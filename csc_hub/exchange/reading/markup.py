"""Walks one XML part as a stream: no tree is built, and a document type declaration is refused on sight."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, BinaryIO
from xml.parsers import expat

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.grid import CHARACTERS

CHUNK = 256 * 1024
LONGEST_TAG = 1024 * 1024
DECLARED = (
    "This file contains XML declarations that no spreadsheet program writes and that can be used to do harm. "
    "Open it in Excel or LibreOffice, save it as a new workbook and send that."
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OPEN_DOCUMENT = re.compile(r"xmlns:([a-z]+):")


class Walker:
    """Handlers for one part. A subclass says what starts and ends; `collect` and `collected` gather text."""

    parser: Any

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def collect(self) -> None:
        """Text counts from here on."""
        self.parser.CharacterDataHandler = self._piece

    def pause(self) -> None:
        """Text no longer counts."""
        self.parser.CharacterDataHandler = None

    def add(self, text: str) -> None:
        """Adds to the text gathered; what goes beyond a cell's limit is counted and not kept."""
        if self._length <= CHARACTERS:
            self._pieces.append(text[:CHARACTERS + 1])
        self._length += len(text)

    _piece = add

    def collected(self) -> str:
        """The text gathered since the last call. Over-long text comes back one character over the limit."""
        text = "".join(self._pieces)[:CHARACTERS + 1]
        self._pieces, self._length = [], 0
        return text


def walk(stream: BinaryIO, walker: Walker) -> None:
    """Feeds a part to its handlers. Raises `Unreadable` for damaged XML and for any declaration."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    names: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        walker.start(names.get(name) or names.setdefault(name, short(name)), attributes)

    def end(name: str) -> None:
        walker.end(names[name])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _declared
    walker.parser = parser
    fed = 0
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
            fed += len(chunk)
            # A tag that does not end is read anew with each chunk, in quadratic time.
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                raise Unreadable(BROKEN)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Unreadable(BROKEN) from None
    finally:
        # The parser holds the handlers and they hold the parser: let go, or the memory waits for the collector.
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None


@lru_cache(maxsize=2_000)
def short(name: str) -> str:
    """An element's own name; in OpenDocument with its family before it, as in 'table:table-row'."""
    space, _, local = name.rpartition(" ")
    family = _OPEN_DOCUMENT.search(space)
    return f"{family[1]}:{local}" if family else local


def plain(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes under their short names."""
    return {short(name): value for name, value in attributes.items()}


def yes(value: str | None) -> bool:
    """Whether an attribute says yes: '1' or 'true'."""
    return (value or "").strip().lower() in ("1", "true", "on")


def decoded(text: str) -> str:
    """Text with Excel's own escapes undone: '_x000D_' is a character."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _declared(*_: Any) -> None:
    raise Unreadable(DECLARED)
