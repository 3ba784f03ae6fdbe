"""The header block of a plan written elsewhere: its six labelled facts (guidance: Appendix A). Pure."""

from __future__ import annotations

from typing import Any

from csc_hub.exchange.whole_plans.columns import key_of

LABELS = {
    "period": "Assessment period|Period of assessment|Assessment dates|Assessment date", "mapping": "Mapping meeting date|Date of mapping meeting|Mapping meeting",
    "conference": "Conference date|Date of conference|Date of meeting|Meeting date|CSC date", "context": "Context|Name of context|Context name",
    "review": "Date of review|Review date|Date of next review|Review", "attendees": "Attendees|Present|Attended|In attendance|Attendance"}
_KNOWN = {key_of(label): name for name, labels in LABELS.items() for label in labels.split("|")}
_FORM = {key_of("Fill in these relevant dates"), key_of("Fill in the following details below")}
_NOTHING = {key_of("Not recorded")}
LONGEST = 2_000


def _label(line: str) -> tuple[str, str] | None:
    """(fact, value beside the label) where a line is or begins with one of the labels."""
    head, colon, rest = line.partition(":")
    name = _KNOWN.get(key_of(head)) if len(head) < 60 else None
    return (name, rest.strip()) if name and (colon or not rest) else None


def find(blocks: list[dict[str, Any]], until: tuple[int, int]) -> dict[str, str]:
    """fact -> what the file says of it, from all that stands above the plan's own table."""
    found: dict[str, list[str]] = {}
    for place, block in enumerate(blocks[:until[0] + 1]):
        rows = [row for number, row in block["rows"] if place < until[0] or number < until[1]]
        open_: str | None = None
        above: dict[str, str] = {}
        for row in rows:
            lines = [(column, line.strip()) for column, cell in row.items() if cell[0] in ("s", "n", "d") for line in _words(cell).split("\n") if line.strip()]
            labels = {column: label for column, line in lines if (label := _label(line))}
            if len(labels) > 1 and len(labels) == len(lines) and not any(value for _, value in labels.values()):
                above, open_ = {column: name for column, (name, _) in labels.items()}, None
                continue
            for column, line in lines:
                label = _label(line)
                if label:
                    open_, above = label[0], {}
                    found.setdefault(open_, []).extend([label[1]] if label[1] else [])
                elif key_of(line) in _FORM:
                    open_ = None
                elif column in above:
                    found.setdefault(above[column], []).append(line)
                elif open_ and (open_ == "attendees" or not found[open_]):
                    found[open_].append(line)
    return {name: "\n".join(lines)[:LONGEST] for name, lines in found.items() if lines and key_of(lines[0]) not in _NOTHING}


def _words(cell: list[Any]) -> str:
    return str(cell[1])[:10] if cell[0] == "d" else str(cell[1])
