"""Turns the rows of a sheet that came back from an agency into update drafts, and says what cannot be taken and why."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from csc_hub.exchange import doubled, headers, manifest
from csc_hub.exchange.headers import Header
from csc_hub.exchange.reading.grid import address
from csc_hub.exchange.typed_dates import is_month_first
from csc_hub.exchange.typed_words import candidates_of, is_nothing, quoted, words_of
from csc_hub.exchange.update_rows import DATES, Cell, Fault, Row, RowReader, UpdateDraft
from csc_hub.kernel import listed
from csc_hub.process.plans.statuses import Status

__all__ = ["Fault", "ReadUpdates", "UpdateDraft", "interpret", "packed", "unpacked"]

_GUIDE_ROWS = 60
OUR_GUIDE = "Guide"  # the sheet with which the hub itself explains its workbook
NUMBER = "Workbook number"  # the label in the guide beside which the number of the download stands
_NUMBER = re.compile(r"([1-9][0-9]{0,8}) of (CSC-[0-9]{4}-[0-9]{3,4})")
NO_HEADER = "The hub found no row of column titles. It looked for a row with these titles: {titles}."


@dataclass(frozen=True)
class ReadUpdates:
    """All that a workbook says, in the order of its rows. Without a header there is no sheet and one fault."""

    sheet: str | None
    header_cell: str | None
    columns: dict[str, str]  # field -> title in the file
    drafts: tuple[UpdateDraft, ...]
    faults: tuple[Fault, ...]
    rows: int = 0  # with content, under the header
    hidden: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()  # other sheets that hold something
    unknown: tuple[str, ...] = ()  # columns that the hub does not know
    refused: tuple[UpdateDraft, ...] = ()  # what the rows with faults say as far as it can be read: which action they are about
    manifests: tuple[dict[str, Any], ...] = ()  # sheets that say they are the hub's own: {"hidden": phrase or None, "lines": as manifest.in_sheet}
    number: str = ""  # "3 of CSC-2026-014", as the guide says
    questions: tuple[dict[str, Any], ...] = ()  # columns of which a person must choose one, as doubled.settled gives them: no row was read


def interpret(workbook: dict[str, Any], today: dt.date, chosen: Mapping[str, int] = MappingProxyType({})) -> ReadUpdates:
    """Reads the updates from a workbook as `reading.workbook.read` gives it. Never raises for what people typed.

    `chosen`: field -> the column that a person chose where there are several.
    """
    own, hidden = _manifests(workbook)
    header = headers.find({**workbook, "sheets": [{**sheet, "rows": []} if n in own else sheet for n, sheet in enumerate(workbook["sheets"])]})
    notes = list(workbook["notes"])
    if header is None:
        ignored = tuple(sheet["name"] for n, sheet in enumerate(workbook["sheets"]) if sheet["rows"] and n not in own)
        fault = Fault(None, NO_HEADER.format(titles=listed(headers.understood())))
        return ReadUpdates(None, None, {}, (), (fault,), 0, hidden, tuple(notes), ignored)
    sheet = workbook["sheets"][header.sheet]
    under = [(number, cells) for number, cells in sheet["rows"] if number > header.row]
    drafts: list[UpdateDraft] = []
    refused: list[UpdateDraft] = []
    faults: list[Fault] = []
    header, said, questions = doubled.settled(header, _under(under, header), chosen)
    notes += said
    if not questions:
        rows = _rows(under, header)
        drafts, refused, faults = _read(rows, header, today, bool(workbook.get("date1904")))
        notes += _about_formulas(rows, header) + _about_colours(rows, header)
    ignored = tuple(s["name"] for n, s in enumerate(workbook["sheets"]) if s["rows"] and n != header.sheet and n not in own and s["name"] != OUR_GUIDE)
    return ReadUpdates(
        sheet["name"], header.cell, dict(header.titles), tuple(drafts), tuple(faults), len(under), hidden,
        tuple(notes), ignored, header.unknown, tuple(refused), tuple(own.values()), _number(workbook), tuple(questions),
    )


def _manifests(workbook: dict[str, Any]) -> tuple[dict[int, dict[str, Any]], tuple[str, ...]]:
    """The sheets that say they are the hub's own, by their place; and what else is hidden: a whole manifest is no hidden content."""
    own, hidden = {}, list(workbook["hidden"])
    for place, sheet in enumerate(workbook["sheets"]):
        if not manifest.looks_like_one(sheet):
            continue
        phrase = next((p for p in (f"very hidden sheet “{sheet['name']}”", f"sheet “{sheet['name']}”") if p in hidden), None)
        own[place] = {"hidden": phrase, "lines": manifest.in_sheet(sheet)}
        if phrase and own[place]["lines"]:
            hidden.remove(phrase)
    return own, tuple(hidden)


def _number(workbook: dict[str, Any]) -> str:
    """The number of the download as the guide says it, in whatever sheet it stands now."""
    for sheet in workbook["sheets"]:
        for _, cells in sheet["rows"][:_GUIDE_ROWS]:
            said = [words_of(cells[column]) for column in sorted(cells, key=int)]
            if len(said) == 2 and said[0] == NUMBER and _NUMBER.fullmatch(said[1]):
                return said[1]
    return ""


def _under(under: list[tuple[int, dict[Any, Cell]]], header: Header) -> list[tuple[int, dict[int, Cell]]]:
    """What stands under the header, by column; a header that is printed again further down is not a row."""
    rows = [(number, {int(column): cell for column, cell in cells.items()}) for number, cells in under]
    return [(number, cells) for number, cells in rows if not _is_header_again(cells, header)]


def _rows(under: list[tuple[int, dict[Any, Cell]]], header: Header) -> list[tuple[int, Row]]:
    """The rows under the header by field."""
    found = []
    for number, named in _under(under, header):
        row = {name: named[column] for name, column in header.columns.items() if column in named}
        if row:
            found.append((number, row))
    return found


def _is_header_again(named: dict[int, Cell], header: Header) -> bool:
    known = set(header.columns.values())
    again = [column for column in known & named.keys() if headers.key_of(words_of(named[column])) == header.keys[column]]
    return len(again) >= 2 and len(again) == len(known & named.keys())


def _read(
    rows: list[tuple[int, Row]], header: Header, today: dt.date, date1904: bool,
) -> tuple[list[UpdateDraft], list[UpdateDraft], list[Fault]]:
    """The drafts of good rows and of refused ones, and the faults of all; two rows for one action refuse each other."""
    columns: dict[str, list[Cell]] = defaultdict(list)
    for _, row in rows:
        for name in DATES:
            if name in row:
                columns[name].append(row[name])
    american = {name for name in DATES if is_month_first(columns[name])}
    reader = RowReader(header, today, date1904, american)
    drafts: list[UpdateDraft] = []
    faults: list[Fault] = []
    claims: list[tuple[int, str, bool]] = []
    for number, row in rows:
        draft, wrong = reader.read(number, row)
        claims.append((number, _claim(row), bool(wrong) or (draft is not None and draft.says_something)))
        faults += wrong
        if draft is not None:
            drafts.append(draft)
    faults += _doubles(claims, header)
    at_fault = {fault.row for fault in faults}
    good, refused = ([draft for draft in drafts if (draft.row in at_fault) is wrong] for wrong in (False, True))
    return good, refused, sorted(faults, key=lambda fault: fault.row or 0)


def _claim(row: Row) -> str:
    """Which action a row is about: its reference or, where there is none, the words of the action."""
    candidates = candidates_of(row.get("reference"))
    return candidates[0] if candidates else words_of(row.get("action")).casefold()


def _ends(claim: str) -> list[str]:
    """The shorter ways to write a reference: 'CSC-2026-014/07' is also '-014/07' and '/07'."""
    if "/" not in claim or " " in claim:
        return []
    context, number = claim.rsplit("/", 1)
    ends = ["-" + context.rsplit("-", 1)[-1] + "/" + number, "/" + number]
    return [end for end in ends if end != claim and claim.endswith(end)]


def _doubles(claims: list[tuple[int, str, bool]], header: Header) -> list[Fault]:
    """A fault for each row that shares its action with another row, if either says something."""
    exact: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    longer: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for number, claim, says in claims:
        if claim:
            exact[claim].append((number, says))
            for end in _ends(claim):
                longer[end].append((number, says))
    column = header.columns.get("reference", header.columns.get("action", 1))
    faults = []
    for claim, rows in exact.items():
        group = rows + longer[claim] + [row for end in _ends(claim) for row in exact.get(end, [])]
        if len(group) < 2 or not any(says for _, says in group):
            continue
        shown = sorted(number for number, _ in group)[:12]
        faults += [_double(number, [n for n in shown if n != number], address(number, column)) for number, _ in rows]
    return faults


def _double(number: int, others: list[int], cell: str) -> Fault:
    """The fault of one of several rows about one action."""
    same = listed([str(other) for other in others])
    return Fault(cell, (
        f"Row {number} and row{'s' if len(others) > 1 else ''} {same} are about the same action. "
        "Keep one row with everything in it and delete the rest."
    ), number, "reference")


def _about_formulas(rows: list[tuple[int, Row]], header: Header) -> list[str]:
    """Says which cells were read by the last saved result of their formula."""
    cells = [
        address(number, header.columns[name]) for number, row in rows for name, cell in row.items()
        if len(cell) > 2 and cell[0] != "e"
    ]
    return _listed_cells("The hub does not calculate. It took the last saved result of the formula in", cells)


def _about_colours(rows: list[tuple[int, Row]], header: Header) -> list[str]:
    """Says that a colour is not read, where a column of ratings holds no word at all."""
    title = header.titles.get("status", "")
    if "rag" not in headers.key_of(title) or not rows or any(not is_nothing(row.get("status")) for _, row in rows):
        return []
    return [f"The column {quoted(title)} holds no words. The hub cannot read colours: choose a status in words."]


def _listed_cells(words: str, known: list[str]) -> list[str]:
    """One sentence that names up to ten cells."""
    if not known:
        return []
    more = [f"{len(known) - 10} more"] if len(known) > 10 else []
    return [f"{words} {listed(known[:10] + more)}."]


def packed(found: ReadUpdates) -> dict[str, Any]:
    """What was read as plain JSON values, to cross from the child process and to be kept."""
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, dt.date) else value

    facts = {name: getattr(found, name) for name in ("sheet", "header_cell", "columns", "rows", "number")}
    lists = {name: list(getattr(found, name)) for name in ("hidden", "notes", "ignored", "unknown", "manifests", "questions")}
    rows = {which: [{name: plain(value) for name, value in vars(draft).items()} for draft in getattr(found, which)] for which in ("drafts", "refused")}
    return {**facts, **lists, **rows, "faults": [asdict(fault) for fault in found.faults]}


def unpacked(facts: dict[str, Any]) -> ReadUpdates:
    """What `packed` made plain, as it was."""
    facts = {name: value for name, value in facts.items() if name in ReadUpdates.__dataclass_fields__}  # what is said of the batch stands beside
    lists = {name: tuple(facts.get(name, ())) for name in ("hidden", "notes", "ignored", "unknown", "manifests", "questions")}
    return ReadUpdates(**{
        **facts, **lists, "drafts": tuple(_draft(draft) for draft in facts["drafts"]),
        "refused": tuple(_draft(draft) for draft in facts.get("refused", ())),
        "faults": tuple(Fault(**fault) for fault in facts["faults"])})


def _draft(facts: dict[str, Any]) -> UpdateDraft:
    days = {name: dt.date.fromisoformat(facts[name]) if facts[name] else None for name in DATES}
    return UpdateDraft(**{
        **facts, **days, "candidates": tuple(facts["candidates"]), "status": Status(facts["status"]) if facts["status"] else None})
