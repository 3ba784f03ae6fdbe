"""Finds the row of column titles in a sheet that somebody has rearranged, and says which column is which."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from csc_hub.exchange.outgoing import UPDATE_COLUMNS
from csc_hub.exchange.reading.grid import address
from csc_hub.kernel import tidy

HEADERS: dict[str, tuple[str, ...]] = {
    "reference": (
        "Action ref", "Ref", "No.", "Action No", "Action ID", "ID", "Reference", "Action reference", "Action number", "Ref no",
    ),
    "context": ("Context",),
    "goal": ("Safety goal", "Goal"),
    "action": ("Action", "Intervention", "Intervention to be offered", "Task", "Action description"),
    "agency": ("Agency", "Agency/Team responsible", "Agency / Team", "Organisation", "Lead agency", "Team"),
    "owner": ("Owner", "Lead", "Lead officer", "Named lead", "By whom", "Responsible", "Action owner"),
    "due": ("Due date", "Due", "Timescale", "By when", "Deadline", "Target date"),
    "status": ("Status", "RAG", "BRAG", "R/A/G", "B/R/A/G", "Progress rating", "RAG rating", "RAG status"),
    "update": ("Update", "Progress", "Progress update", "Comments", "Notes", "Latest position"),
    "updated_on": ("Date of update", "Updated", "Date", "Date updated", "Update date"),
    "evidence": ("Evidence (what changed?)", "Evidence", "What changed?", "Impact", "Outcome", "Difference made"),
    "barrier": ("Barrier / help needed", "Barrier", "Barriers", "Help needed"),
    "proposed_date": ("Proposed new date", "Proposed date", "New date", "Revised date"),
    "completed_on": ("Date completed", "Closed date", "Completed on", "Completion date", "Date closed"),
}
"""Field of an action -> the titles that people give its column; the hub's own title comes first."""

FILLABLE = tuple(name for name, _, fillable in UPDATE_COLUMNS if fillable)
LOCKED = tuple(name for name, _, fillable in UPDATE_COLUMNS if not fillable)
_LOOKED_AT = 60  # rows with content, from the top of each sheet
_LONGEST = 60  # characters of a title


def key_of(title: str) -> str:
    """A title without its case, spaces, accents and punctuation: 'R/A/G' and 'rag' are one."""
    return "".join(c for c in unicodedata.normalize("NFKD", title).casefold() if c.isalnum())


_FIELDS = {key_of(title): name for name, titles in HEADERS.items() for title in titles}


@dataclass(frozen=True)
class Claim:
    """One of several columns that claim to be the same field."""

    column: int
    cell: str  # address of its title
    title: str


@dataclass(frozen=True)
class Header:
    """Where the titles of a sheet are and which column holds which field."""

    sheet: int  # place in the workbook
    row: int  # the last row of titles: what follows are actions
    cell: str  # address of the leftmost title that the hub knows
    columns: dict[str, int]
    titles: dict[str, str]  # field -> title as the file has it
    unknown: tuple[str, ...] = ()  # "Site visited (column P)"
    claims: dict[str, tuple[Claim, ...]] = field(default_factory=dict)  # fields for which there are several columns
    keys: dict[int, str] = field(default_factory=dict)  # column -> key of its title, to know a repeated header


def understood() -> list[str]:
    """The titles to show to a person whose sheet has no row of titles that the hub knows."""
    return [titles[0] for titles in HEADERS.values()]


def find(workbook: dict[str, Any]) -> Header | None:
    """The best header in a workbook that was read: visible sheets before hidden ones, then most fields known."""
    best: tuple[tuple[bool, int], Header] | None = None
    for place, sheet in enumerate(workbook["sheets"]):
        header = in_sheet(sheet, place)
        if header is None:
            continue
        rank = (bool(sheet["visible"]), len(header.columns))
        if best is None or rank > best[0]:
            best = (rank, header)
    return best[1] if best else None


def in_sheet(sheet: dict[str, Any], place: int = 0) -> Header | None:
    """The header of one sheet: the row, or two rows one above the other, that name most fields."""
    rows = sheet["rows"][:_LOOKED_AT]
    best: Header | None = None
    for index, (number, cells) in enumerate(rows):
        titles = _titles(cells)
        candidates = [(number, {column: (text, number) for column, text in titles.items()})]
        if index + 1 < len(rows) and rows[index + 1][0] == number + 1 and _may_be_second(rows[index + 1][1]):
            candidates.append((number + 1, _joined(titles, number, _titles(rows[index + 1][1]))))
        for last, named in candidates:
            header = _header(place, last, named)
            if header and (best is None or len(header.columns) > len(best.columns)):
                best = header
    return best and _with_nameless(best, sheet)


def _titles(cells: dict[Any, list[Any]]) -> dict[int, str]:
    """The texts of a row that are short enough to be titles, by column."""
    found = {}
    for column, cell in cells.items():
        if cell[0] == "s" and len(cell[1]) <= 4 * _LONGEST:
            text = " ".join(tidy(cell[1]).split())
            if text and len(text) <= _LONGEST:
                found[int(column)] = text
    return found


def _may_be_second(cells: dict[Any, list[Any]]) -> bool:
    """Whether a row can be the lower half of a header: only short texts, two of them titles that the hub knows."""
    titles = _titles(cells)
    known = {_FIELDS[key_of(text)] for text in titles.values() if key_of(text) in _FIELDS}
    return len(titles) == len(cells) and len(known) >= 2


def _joined(upper: dict[int, str], row: int, lower: dict[int, str]) -> dict[int, tuple[str, int]]:
    """Titles two rows deep: the lower one counts where it is known or stands alone."""
    named = {column: (text, row) for column, text in upper.items()}
    for column, text in lower.items():
        if column not in named or key_of(text) in _FIELDS:
            named[column] = (text, row + 1)
    return named


def _header(place: int, last: int, named: dict[int, tuple[str, int]]) -> Header | None:
    """A header, if the titles name an action and at least one thing to fill in."""
    columns: dict[str, int] = {}
    claims: dict[str, list[Claim]] = defaultdict(list)
    unknown = []
    for column in sorted(named):
        text, row = named[column]
        name = _FIELDS.get(key_of(text))
        if name is None:
            unknown.append(f"“{text}” (column {address(row, column).rstrip('0123456789')})")
            continue
        columns.setdefault(name, column)
        claims[name].append(Claim(column, address(row, column), text))
    if not ({"reference", "action"} & columns.keys() and set(FILLABLE) & columns.keys()):
        return None
    leftmost = min(columns.values())
    return Header(
        sheet=place, row=last, cell=address(named[leftmost][1], leftmost), columns=columns,
        titles={name: named[column][0] for name, column in columns.items()},
        unknown=tuple(unknown), claims={name: tuple(several) for name, several in claims.items() if len(several) > 1},
        keys={column: key_of(text) for column, (text, _) in named.items()},
    )


def _with_nameless(header: Header, sheet: dict[str, Any]) -> Header:
    """The header, with the columns that hold something under no title named among the unknown."""
    filled = {int(column) for number, cells in sheet["rows"] if number > header.row for column in cells}
    nameless = sorted(filled - header.keys.keys())
    words = [f"column {address(1, column)[:-1]}, which has no title" for column in nameless[:20]]
    return Header(**{**header.__dict__, "unknown": header.unknown + tuple(words)}) if words else header
