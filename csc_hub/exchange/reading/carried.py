"""What a workbook carries besides the cells people see: each kind by name, and the rule for it on the way in and out.

The table in docs/hidden-content.md says the same to people; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from csc_hub.kernel import count, listed


class In(StrEnum):
    """What happens when a workbook that carries it comes in."""

    CONFIRMED = "confirmed"  # nothing is applied before a person says that they have looked
    SAID = "said"  # passed over, and the page says so
    REFUSED = "refused"  # the file is not read


class Out(StrEnum):
    """What happens to it when the workbook is handed back with its faults."""

    TAKEN_OUT = "taken out"
    SHOWN = "shown"
    NAMED = "named"  # on the list of faults
    KEPT = "kept"  # it can be seen, so it is nothing hidden
    COPIED = "left behind"  # the agency gets a copy of the cells instead of its own workbook


@dataclass(frozen=True)
class Kind:
    """One kind of thing that does not show on the page of a sheet."""

    name: str
    coming_in: In
    going_out: Out


KINDS = {kind.name: kind for kind in (
    Kind("hidden rows, columns and sheets", In.CONFIRMED, Out.SHOWN),
    Kind("cells under a merged cell", In.CONFIRMED, Out.NAMED),
    Kind("cells whose format shows nothing", In.CONFIRMED, Out.NAMED),
    Kind("pivot tables", In.CONFIRMED, Out.COPIED),
    Kind("embedded files", In.CONFIRMED, Out.COPIED),
    Kind("controls", In.CONFIRMED, Out.COPIED),
    Kind("data connections", In.CONFIRMED, Out.COPIED),
    Kind("a history of changes", In.CONFIRMED, Out.COPIED),
    Kind("copies of cells of other files", In.CONFIRMED, Out.TAKEN_OUT),
    Kind("links to other files", In.SAID, Out.KEPT),
    Kind("macros", In.SAID, Out.TAKEN_OUT),
    Kind("macro sheets", In.SAID, Out.COPIED),
    Kind("data of other programs", In.SAID, Out.TAKEN_OUT),
    Kind("hidden names", In.SAID, Out.SHOWN),
    Kind("author and other properties", In.SAID, Out.TAKEN_OUT),
    Kind("comments", In.SAID, Out.KEPT),
    Kind("pictures", In.SAID, Out.KEPT),
    Kind("a password", In.REFUSED, Out.COPIED),
)}
"""Every kind by its name."""

MACROS = "This workbook contains macros. They were not opened."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


_PHRASES: dict[str, Callable[[int], str]] = {
    "pivot tables": lambda n: f"{count(n, 'pivot table')} with a copy of the data behind {'it' if n == 1 else 'them'}",
    "embedded files": lambda n: count(n, "embedded file"),
    "controls": lambda n: f"{count(n, 'control')} such as a button or box",
    "data connections": lambda n: f"{count(n, 'connection')} to a database or query, with the data that came from it",
    "a history of changes": lambda n: "a history of changes, which holds what cells said earlier",
    "copies of cells of other files": lambda n: f"copies of cells of {count(n, 'other file')}",
}
_SENTENCES: dict[str, Callable[[int], str]] = {
    "macros": lambda n: MACROS,
    "macro sheets": lambda n: f"This workbook has {count(n, 'sheet')} of macros, which {_are(n)} not opened.",
    "comments": lambda n: f"This workbook has {count(n, 'comment')}, which {_are(n)} not read.",
    "links to other files": lambda n: f"This workbook has {count(n, 'link')} to other files, which {_are(n)} not followed.",
    "pictures": lambda n: f"This workbook has {count(n, 'picture')}, which {_are(n)} not read.",
    "hidden names": lambda n: f"This workbook has {count(n, 'hidden name')} for cells or values, which {_are(n)} not read.",
    "data of other programs": lambda n: f"This workbook has {count(n, 'piece')} of data of other programs, which {_are(n)} not read.",
}


@dataclass
class Carried:
    """How many of each kind a workbook carries, and whom its properties name."""

    numbers: dict[str, int] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)  # "Sam Example (author)"

    def add(self, kind: str, number: int = 1) -> None:
        """Counts what was found of a kind."""
        assert kind in KINDS, kind
        if number:
            self.numbers[kind] = self.numbers.get(kind, 0) + number

    def hidden(self) -> list[str]:
        """What a person must look at first, in phrases."""
        return [words(self.numbers[kind]) for kind, words in _PHRASES.items() if kind in self.numbers]

    def notes(self) -> list[str]:
        """What is passed over, in sentences."""
        said = [words(self.numbers[kind]) for kind, words in _SENTENCES.items() if kind in self.numbers]
        if self.named:
            said.append(f"The properties of the file name {listed(self.named[:6])}. The hub does not hand them on.")
        return said
