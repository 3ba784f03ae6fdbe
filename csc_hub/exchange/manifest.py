"""The sheet by which the hub knows its own workbook again: which plan, which agency, which download, and what stood in each cell.

It is plain text in a very hidden sheet, signed with a key of this hub's own. What it says is trusted only by its
signature, whatever the sheet is called and whether or not a program has made it visible. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHEET = "CSC Hub"
SAYS = "This sheet lets the hub match your answers to its actions when the workbook comes back. Please leave it in the file."
MAGIC = "csc-hub-manifest-1"
ABOUT = "The sheet by which the hub would know this workbook again"
COLUMNS = (
    "status", "update", "updated_on", "evidence", "barrier", "proposed_date", "completed_on",
    "context", "goal", "action", "agency", "owner", "due")
"""What is kept of each row, in this order: what an agency may fill in, then the grey columns."""
_MARK = 8  # letters of a mark: four bytes, so that a change goes unseen once in four thousand million
_ROWS_A_CELL = 150
_HEADER = re.compile(r"hub ([0-9a-f]{32}) plan ([0-9a-f]{32}) agency ([0-9a-f]{32}) export ([0-9a-f]{32}) number ([1-9][0-9]{0,8})")
_ROWS = re.compile(rf"[0-9]{{1,7}}:[0-9a-f]{{{_MARK * len(COLUMNS)}}}(?: [0-9]{{1,7}}:[0-9a-f]{{{_MARK * len(COLUMNS)}}})*")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_DASHES = frozenset("-–—_. ")
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Named:
    """What a manifest says it belongs to, all as 32 letters of an id."""

    hub: str
    plan: str
    agency: str
    export: str
    number: int


def plain(text: str) -> str:
    """A cell's words as they are compared: programs that save a sheet may change blanks and line ends, and a dash says nothing."""
    if not text:
        return ""
    if not (text.isascii() and text.isprintable()):
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", text[:10_000])) + text[10_000:]
        text = "".join(c if not unicodedata.category(c).startswith("C") else " " for c in text)
    text = " ".join(text.split())
    return "" if not set(text) - _DASHES else text


def key_of(secret: str) -> bytes:
    """The key of manifests, made from the hub's secret."""
    return hmac.new(secret.encode(), b"csc-hub workbook manifest", hashlib.sha256).digest()


def mark(key: bytes, text: str) -> str:
    """A short fingerprint of a cell's words that says nothing of them without the key."""
    return hashlib.blake2b(plain(text).encode("utf-8", "replace"), key=key, digest_size=_MARK // 2).hexdigest()


def made(named: Named, rows: Mapping[int, Sequence[str]], key: bytes) -> list[str]:
    """The lines of the sheet, from its first cell down. `rows`: number of an action -> the words of COLUMNS as exported."""
    header = f"hub {named.hub} plan {named.plan} agency {named.agency} export {named.export} number {named.number}"
    known: dict[str, str] = {}

    def marked(text: str) -> str:
        if text not in known:
            known[text] = mark(key, text)
        return known[text]

    told = [f"{number}:{''.join(marked(text) for text in texts)}" for number, texts in rows.items()]
    lines = [" ".join(told[start:start + _ROWS_A_CELL]) for start in range(0, len(told), _ROWS_A_CELL)]
    return [SAYS, MAGIC, header, _signature(header, lines, key), *lines]


def _signature(header: str, lines: Iterable[str], key: bytes) -> str:
    return hmac.new(key, "\n".join((MAGIC, header, *lines)).encode(), hashlib.sha256).hexdigest()


def in_sheet(sheet: dict[str, Any]) -> list[str] | None:
    """The lines of a sheet that is a manifest and nothing more: one other word in it, and it is not one.

    Whether it is to be believed is for `believed` to say.
    """
    rows = sheet["rows"]
    if len(rows) < 4 or any(set(cells) != {"1"} or cells["1"][0] != "s" for _, cells in rows):
        return None
    lines = [" ".join(str(cells["1"][1]).split()) for _, cells in rows]
    if [number for number, _ in rows] != list(range(1, len(rows) + 1)) or lines[0] != SAYS or lines[1] != MAGIC:
        return None
    fits = _HEADER.fullmatch(lines[2]) and _SIGNATURE.fullmatch(lines[3]) and all(_ROWS.fullmatch(line) for line in lines[4:])
    return lines[2:] if fits else None


def looks_like_one(sheet: dict[str, Any]) -> bool:
    """Whether a sheet says that it is the hub's own, whatever else is in it."""
    return any(cell[1] == MAGIC for _, cells in sheet["rows"][:10] for cell in cells.values())


def named(lines: Sequence[str]) -> Named:
    """What a manifest says it belongs to, believed or not."""
    found = _HEADER.fullmatch(lines[0])
    assert found
    return Named(found[1], found[2], found[3], found[4], int(found[5]))


def believed(lines: Sequence[str], key: bytes) -> bool:
    """Whether this hub signed exactly this."""
    return hmac.compare_digest(lines[1], _signature(lines[0], lines[2:], key))


def marks(lines: Sequence[str]) -> dict[int, dict[str, str]]:
    """Number of an action -> column -> mark of what stood there."""
    found = {}
    for line in lines[2:]:
        for row in line.split(" "):
            number, _, told = row.partition(":")
            found[int(number)] = {name: told[place * _MARK:(place + 1) * _MARK] for place, name in enumerate(COLUMNS)}
    return found
