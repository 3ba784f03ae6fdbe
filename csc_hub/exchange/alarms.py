"""The valid sheet that is wrong: rows sorted without their references, one column overwritten, day and month swapped. Pure.

An alarm never changes what is taken; it asks a person to look before anything is.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from csc_hub.exchange.manifest import plain
from csc_hub.exchange.matching import Known
from csc_hub.exchange.merging import TITLES, Base, Cell, Line
from csc_hub.kernel import count, listed
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import ENDED, Status

FEWEST = 5  # rows from which a share means something
SHARE = 0.6
NEARLY_ALL = 0.8
DATES = ("updated_on", "proposed_date", "completed_on")
PAST = ("updated_on", "completed_on")
NEAR = dt.timedelta(days=45)
WRITTEN_ANEW = frozenset({"update", "updated_on"})  # what an agency writes anew each time


class Alarm(NamedTuple):
    """Something that makes a whole sheet doubtful."""

    key: str
    sentence: str


Changed = dict[str, list[tuple[Line, Cell]]]


def of(lines: Sequence[Line], own: Sequence[Known], base: Base | None, today: dt.date) -> list[Alarm]:
    """What makes this workbook doubtful, the worst first."""
    changed: Changed = defaultdict(list)
    for line in lines:
        for cell in line.cells:
            changed[cell.field].append((line, cell))
    rows = sum(line.action is not None for line in lines)
    found = _sorted_apart(lines, own)
    if not found:  # otherwise every column looks moved, for that one reason
        found = [*(_shuffled(changed, base) if base else ()), *_share(changed, rows), *_share_of_locked(lines, rows)]
    found += [*_swapped(changed), *_misread(changed, today)]
    return list({alarm.key: alarm for alarm in reversed(found)}.values())[::-1]


def _sorted_apart(lines: Sequence[Line], own: Sequence[Known]) -> list[Alarm]:
    """References and grey cells no longer belong together."""
    texts: dict[str, set[int]] = defaultdict(set)
    for action in own:
        texts[plain(action.intervention).casefold()].add(action.number)
    rows = []
    for line in lines:
        for cell in line.untaken:
            others = texts.get(plain(cell.says).casefold(), set()) if cell.field == "action" and cell.says else set()
            if line.action and others and line.action.number not in others:
                rows.append(str(line.row))
    if len(rows) < 2:
        return []
    return [Alarm("sorted", f"The rows look sorted without their references: in rows {_some(rows)} the reference belongs to one action and the words to another. "
                  "Check each of them before you go on")]


def _shuffled(changed: Changed, base: Base) -> list[Alarm]:
    """What stood beside one action stands beside another now."""
    found = []
    for name, both in changed.items():
        if name == "status":
            continue
        stood: dict[str, set[int]] = defaultdict(set)
        for number in base.numbers:
            stood[base.was(number, name)].add(number)
        empty = base.kept("")
        says = [(line, base.kept(_text(cell))) for line, cell in both]
        moved = [(line, said) for line, said in says if said != empty and line.action and stood.get(said, set()) - {line.action.number}]
        if len({said for _, said in moved}) >= 3 and len(moved) >= SHARE * len([said for _, said in says if said != empty]):
            found.append(Alarm(f"shuffled-{name}", f"The column “{TITLES[name]}” looks sorted or moved by itself: in rows {_some([str(line.row) for line, _ in moved])} "
                               "it says what was sent out beside another action"))
    return found


def _share(changed: Changed, rows: int) -> list[Alarm]:
    """Far more of one column was overwritten than people change."""
    found = []
    if rows < FEWEST:
        return found
    for name, both in changed.items():
        over = [cell for _, cell in both if cell.now not in (None, "", Status.NOT_STARTED)]
        if name not in WRITTEN_ANEW and len(over) >= FEWEST and len(over) >= SHARE * rows:
            found.append(Alarm(f"share-{name}", f"{len(over)} of {rows} rows have another “{TITLES[name]}” than before, which is unusual. Check that the column was not moved or filled down by mistake"))
    ended = [cell for _, cell in changed.get("status", ()) if cell.says in ENDED]
    if len(ended) >= FEWEST and len(ended) >= NEARLY_ALL * rows and not found:
        found.append(Alarm("share-status", f"{len(ended)} of {rows} actions would be ended at once, which is unusual. Check the column “{TITLES['status']}”"))
    emptied = [name for name, both in changed.items() if len([c for _, c in both if c.says in (None, "")]) >= max(3, SHARE * rows)]
    found += [Alarm(f"emptied-{name}", f"The column “{TITLES[name]}” is empty in most rows where something stood before. Check that it was not deleted by mistake") for name in emptied]
    return found


def _share_of_locked(lines: Sequence[Line], rows: int) -> list[Alarm]:
    """Most of a grey column says something else: it was overwritten or moved."""
    counted: dict[str, int] = defaultdict(int)
    for line in lines:
        for cell in line.untaken:
            counted[cell.field] += 1
    return [Alarm(f"locked-{name}", f"The grey column “{TITLES[name]}” says something else in {count(number, 'row')} of {rows}. Check that the rows still belong to their references")
            for name, number in counted.items() if name != "agency" and number >= FEWEST and number >= SHARE * rows]


def _swapped(changed: Changed) -> list[Alarm]:
    """Dates that are the old ones with day and month changed about, judged from the whole column."""
    found = []
    for name in DATES:
        turned = [line for line, cell in changed.get(name, ()) if isinstance(cell.now, dt.date) and cell.says == turned_about(cell.now)]
        if len(turned) >= 2:
            found.append(Alarm(f"swapped-{name}", f"Day and month look swapped in the column “{TITLES[name]}”: in rows {_some([str(line.row) for line in turned])} "
                               "the date is the old one with day and month changed about"))
    return found


def _misread(changed: Changed, today: dt.date) -> list[Alarm]:
    """Dates that lie far from the rest of their column, and amid it with day and month changed about.

    The rest are the dates that can be read in one way only; for what has happened already, today is one of them.
    """
    found = []
    for name in DATES:
        days = [(line, cell.says) for line, cell in changed.get(name, ()) if isinstance(cell.says, dt.date)]
        sure = [day for _, day in days if day.day > 12] + ([today] if name in PAST else [])
        unsure = [(line, day, turned) for line, day in days if (turned := turned_about(day))]
        if not sure:
            continue
        first, last = min(sure) - NEAR, max(sure) + NEAR
        odd = [line for line, day, turned in unsure if not first <= day <= last and first <= turned <= last]
        if len(odd) >= 3 and len(odd) >= SHARE * len(unsure):
            found.append(Alarm(f"swapped-{name}", f"Day and month look swapped in the column “{TITLES[name]}”: in rows {_some([str(line.row) for line in odd])} "
                               "the date lies far from the other dates of the column, and close to them with day and month changed about"))
    return found


def turned_about(day: dt.date) -> dt.date | None:
    """A date with day and month changed about, where that is another date."""
    return day.replace(month=day.day, day=day.month) if day.day <= 12 and day.day != day.month else None


def _text(cell: Cell) -> str:
    return rules.as_text({name: cell.says if name == cell.field else None for name in rules.UPDATE_FIELDS})[cell.field]


def _some(rows: list[str]) -> str:
    return listed(rows[:8] + ([f"{len(rows) - 8} more"] if len(rows) > 8 else []))
