"""Turns the tables of a plan's file into worries with interventions under them, row by row, losing nothing that was written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csc_hub.exchange.outgoing import NO_INTERVENTION, NO_WORRIES, NONE_AGREED, NOT_RECORDED
from csc_hub.exchange.typed_words import words_of
from csc_hub.exchange.whole_plans import columns, facts
from csc_hub.exchange.whole_plans.columns import Columns, is_blank, key_of
from csc_hub.kernel import count, day_short, listed, tidy

_IMPACT = re.compile(r"(?:\A|\n)\s*(?:and )?impact\s*[:–-]\s*", re.I)
_REFERENCE = re.compile(r"\A[A-Z]{2,6}-\d{4}-\d{1,4}/\d{1,4}(?:\n|\Z)")
_BULLET = re.compile(r"^\s*(?:[•●▪◦*–-]|\(?\d{1,2}[.)]|\(?[a-h][.)])\s+", re.M)
_OURS = {key_of(words) for words in (NOT_RECORDED, NONE_AGREED, NO_INTERVENTION, NO_WORRIES)}
_LOCAL = ("agency", "owner", "timescale")  # what belongs to one intervention


@dataclass
class DraftAction:
    """An intervention as the file has it."""

    key: str  # "2-7": block and row
    where: str  # "row 7 of table 2"
    intervention: str
    agency: str = ""
    owner: str = ""
    timescale: list[Any] = field(default_factory=lambda: ["s", ""])  # the cell, so that a date stays a date
    notes: list[str] = field(default_factory=list)

    @property
    def tasks(self) -> list[str]:
        """The tasks of a cell that lists several, each without its dot or number; empty where it holds one."""
        if len(_BULLET.findall(self.intervention)) < 2:
            return []
        return [task for task in (tidy(part) for part in _BULLET.split(self.intervention)) if task]


@dataclass
class DraftWorry:
    """A worry as the file has it, with the interventions under it. Without words it stands for interventions that have none."""

    key: str  # "w2-7": where it begins
    where: str
    worry: str
    impact: str = ""
    helping: str = ""
    goal: str = ""
    actions: list[DraftAction] = field(default_factory=list)


@dataclass
class DraftPlan:
    """All that a file says of a plan."""

    worries: list[DraftWorry] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    tables: list[Columns] = field(default_factory=list)

    @property
    def actions(self) -> list[DraftAction]:
        """All interventions."""
        return [action for worry in self.worries for action in worry.actions]


def interpret(read: dict[str, Any], chosen: Mapping[str, Any] | None = None, remembered: Mapping[str, str] | None = None) -> DraftPlan:
    """The plan in a file. `chosen` is what somebody said of its columns: {"block", "row", "columns": {column: field}}."""
    plan, blocks = DraftPlan(notes=list(read["notes"])), read["blocks"]
    plan.tables = _chosen(blocks, chosen) if chosen else _found(blocks, remembered or {}, plan)
    reader = _Reader(plan)
    for table in plan.tables:
        reader.read(blocks[table.block], table)
    if plan.tables:
        plan.facts = facts.find(blocks, (plan.tables[0].block, plan.tables[0].row))
        _say_what_was_left(blocks, plan)
    return plan


def _chosen(blocks: list[dict[str, Any]], chosen: Mapping[str, Any]) -> list[Columns]:
    block, row = int(chosen["block"]), int(chosen["row"])
    cells = next(cells for number, cells in blocks[block]["rows"] if number == row)
    named = columns.columns_of(block, row, cells, {})
    fields = {int(column): str(name) for column, name in chosen["columns"].items()}
    return [Columns(block, row, fields, named.titles, named.ends)]


def _found(blocks: list[dict[str, Any]], remembered: Mapping[str, str], plan: DraftPlan) -> list[Columns]:
    """Every table that bears the titles of a plan, and tables without titles that go on with one. Hidden sheets are not read."""
    tables: list[Columns] = []
    for place, block in enumerate(blocks):
        if block["kind"] == "text" or not block["visible"] or not block["rows"]:
            continue
        table = columns.find(place, block["rows"], remembered)
        if table is None and tables and block["kind"] == "table" and _goes_on(block, blocks[tables[-1].block]):
            last = tables[-1]
            table = Columns(place, 0, last.fields, last.titles, last.ends)
            plan.notes.append(f"{block['name'].capitalize()} has no titles. It was read with those of {blocks[last.block]['name']}.")
        if table:
            tables.append(table)
    if len(tables) > 1 and any(blocks[t.block]["kind"] == "sheet" for t in tables):
        plan.notes.append(f"The plan was read from {listed([blocks[t.block]['name'] for t in tables])}.")
    return tables


def _goes_on(block: dict[str, Any], before: dict[str, Any]) -> bool:
    return bool(block.get("width", 0) == before.get("width", 0) > 2)


def _say_what_was_left(blocks: list[dict[str, Any]], plan: DraftPlan) -> None:
    """Names the columns and the sheets that were not read."""
    unread = {" ".join(table.titles[column].split()) for table in plan.tables for column, name in table.fields.items() if not name and column in table.titles}
    if unread:
        plan.notes.append(f"{'A column that was' if len(unread) == 1 else 'Columns that were'} not read: {listed([f'“{title}”' for title in sorted(unread)])}. "
                          "Say which column is what if something is missing.")
    others = [block["name"] for place, block in enumerate(blocks) if block["kind"] == "sheet" and block["rows"] and place not in {t.block for t in plan.tables}]
    if others:
        plan.notes.append(f"{'Another sheet, which was' if len(others) == 1 else 'Other sheets, which were'} not read: {listed(others[:8])}.")


class _Reader:
    """Reads one row after another into a plan."""

    def __init__(self, plan: DraftPlan) -> None:
        self.plan = plan
        self.worry: DraftWorry | None = None
        self.by_words: dict[str, DraftWorry] = {}
        self.action: DraftAction | None = None
        self.block: dict[str, Any] = {}

    def read(self, block: dict[str, Any], table: Columns) -> None:
        """All rows under the titles of one table."""
        self.block = block
        above: dict[str, list[Any]] = {}
        again = {key_of(title) for column, title in table.titles.items() if table.fields.get(column)}
        for number, row in block["rows"]:
            if number <= table.row:
                continue
            cells, merged = self._sorted(row, table)
            said = {key_of(cell[1]) for cell in row.values() if cell[0] == "s" and cell[1]}
            if len(said & again) >= 2 and said & again == said:
                continue  # the titles once more, at the top of another page
            for name in _LOCAL:
                if name in merged and name not in cells and name in above:
                    cells[name] = above[name]
            if self._is_banner(row, table, number) or not (cells or merged):
                continue
            self._row(f"{table.block}-{number}", f"row {number} of {block['name']}", cells, merged)
            above = {name: cells[name] for name in _LOCAL if name in cells}

    def _sorted(self, row: dict[str, list[Any]], table: Columns) -> tuple[dict[str, list[Any]], set[str]]:
        """field -> its cell, several under one title joined; and the fields whose cell goes on from the row above."""
        cells: dict[str, list[Any]] = {}
        merged = set()
        for column in sorted(row, key=int):
            name, cell = table.holding(int(column)), row[column]
            if not name or name == "ignore":
                continue
            if cell[0] == "v":
                merged.add(name)
                continue
            text = text_of(cell)
            if is_blank(text) or key_of(text) in _OURS:
                continue
            if name in cells:
                joined = ", " if name in _LOCAL else "\n"
                cells[name] = ["s", f"{text_of(cells[name])}{joined}{text}"]
            else:
                cells[name] = [cell[0], cell[1]]
        return cells, merged

    def _is_banner(self, row: dict[str, list[Any]], table: Columns, number: int) -> bool:
        """A text laid over the whole table is a heading or a remark, and no worry."""
        texts = [cell for cell in row.values() if cell[0] == "s" and cell[1]]
        if len(texts) == 1 and texts[0][2] > 1 and texts[0][2] >= max(table.ends.values(), default=1) and len(table.fields) > 2:
            text = texts[0][1]
            if key_of(text) not in _OURS:
                self.plan.notes.append(f"Row {number} of {self.block['name']} runs over all columns and was not read: “{text[:100]}”.")
            return True
        return False

    def _row(self, key: str, where: str, cells: dict[str, list[Any]], merged: set[str]) -> None:
        texts = {name: text_of(cell) for name, cell in cells.items()}
        if "worry" in texts:
            self._begin(key, where, texts["worry"], texts.get("impact", ""))
        elif self.worry is None:
            self._orphans(key, where)
        worry = self.worry
        assert worry is not None
        for name in ("helping", "goal", *(() if "worry" in texts else ("impact",))):
            if name in texts and texts[name] not in getattr(worry, name):
                setattr(worry, name, "\n".join(filter(None, (getattr(worry, name), texts[name]))))
        if "intervention" in texts:
            self._add(key, where, texts, cells)
        elif self.action is not None and "agency" in texts and "agency" not in merged:
            self.action.notes.append(f"{where.capitalize()} names “{texts['agency'][:80]}” without an intervention. Add an action for it if there should be one")

    def _begin(self, key: str, where: str, words: str, impact: str) -> None:
        """The worry of a row: a new one, or one of this file that it says again."""
        parts = _IMPACT.split(words)
        if len(parts) > 1 and parts[0].strip():
            words, split = "\n".join(parts[:-1]).strip(), parts[-1].strip()
            impact = "\n".join(filter(None, (split, impact)))
        known = self.by_words.get(key_of(words))
        if known is None:
            known = DraftWorry(f"w{key}", where, words)
            self.by_words[key_of(words)] = known
            self.plan.worries.append(known)
        if impact and impact not in known.impact:
            known.impact = "\n".join(filter(None, (known.impact, impact)))
        self.worry, self.action = known, None

    def _orphans(self, key: str, where: str) -> None:
        self.worry = DraftWorry(f"w{key}", where, "")
        self.plan.worries.append(self.worry)

    def _add(self, key: str, where: str, texts: dict[str, str], cells: dict[str, list[Any]]) -> None:
        intervention = _REFERENCE.sub("", texts["intervention"]).strip()
        if not intervention:
            return
        action = DraftAction(key, where, intervention, texts.get("agency", ""), texts.get("owner", ""), cells.get("timescale", ["s", ""]))
        if len(action.tasks) == 0:
            action.intervention = _BULLET.sub("", intervention, count=1) if _BULLET.match(intervention) else intervention
        else:
            action.notes.append(f"This cell lists {count(len(action.tasks), 'task')}: an action each is easier to finish and to check")
        assert self.worry is not None
        self.worry.actions.append(action)
        self.action = action


def text_of(cell: list[Any]) -> str:
    """What a cell says, as a person reads it."""
    if cell[0] == "d":
        try:
            return day_short(dt.date.fromisoformat(str(cell[1])[:10]))
        except ValueError:
            return str(cell[1])
    return words_of(cell) if cell[0] != "e" else ""
