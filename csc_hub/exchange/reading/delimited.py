"""Reads CSV files as Excel and others write them: with commas, semicolons or tabs, in the usual encodings."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from itertools import islice

from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange.reading.grid import CHARACTERS, Book
from csc_hub.exchange.reading.kinds import SEND

DELIMITERS = (",", ";", "\t")
_NOT_TEXT = f"The hub does not know what this file is: it is neither a workbook nor text. {SEND}"
_QUOTES = (
    f"A cell of this CSV file holds more than {CHARACTERS:,} characters. Most often a quotation mark that is never "
    "closed is the reason. Save the workbook as .xlsx and send that."
)


def read(data: bytes, name: str) -> Book:
    """The one sheet of a CSV file, named after the file as Excel does. Raises `Unreadable`."""
    text = _decoded(data)
    delimiter, text = _delimiter(text)
    book = Book("csv")
    stem = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    sheet = book.sheet((stem[0] or stem[2])[:31])
    csv.field_size_limit(CHARACTERS)
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            book.visit(len(values))
            for column, value in enumerate(values, 1):
                sheet.put(row, column, ["s", value])
    except csv.Error:
        raise Unreadable(_QUOTES) from None
    return book


def _decoded(data: bytes) -> str:
    """The text, by its byte order mark, as UTF-8, or as Windows writes it in this country. Raises `Unreadable`."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            text = _try(data, encoding)
            break
    else:
        text = _try(data, "utf-8") or _try(data, "cp1252")
    if text is None or "\x00" in text:
        raise Unreadable(_NOT_TEXT)
    strange = sum(character < " " and character not in "\t\r\n\x0b\x0c\x1a" for character in text[:100_000])
    if strange > 5 + len(text[:100_000]) // 50:
        raise Unreadable(_NOT_TEXT)
    return text


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _delimiter(text: str) -> tuple[str, str]:
    """What separates the cells, and the text without a line that only says so ('sep=;')."""
    first, _, rest = text.partition("\n")
    first = first.strip().strip('"')
    if first.lower().startswith("sep=") and len(first) <= 5:
        return (first[4:] or "\t"), rest
    return max(DELIMITERS, key=lambda delimiter: _evenness(text[:200_000], delimiter)), text


def _evenness(text: str, delimiter: str) -> int:
    """How much of the text falls into rows of one width when it is split so."""
    csv.field_size_limit(10_000_000)
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 60))
    except csv.Error:
        return 0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max((width * often for width, often in widths.items()), default=0)
