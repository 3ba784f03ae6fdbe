"""Reads the words people type in a sheet: plain text, the reference of an action, and its status."""

from __future__ import annotations

import re
from typing import Any

from csc_hub.exchange.headers import key_of
from csc_hub.kernel import listed, tidy
from csc_hub.process.plans.statuses import AGENCY_STATUSES, LABELS, Status

_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_DASHES = frozenset("-–—_.\u00a0 ")
_FULL = re.compile(r"^(?:action\s*)?([a-z]{2,6})[\s\-–_.]*(\d{4})[\s\-–_.]*(\d{1,4})\s*[/\\\-–_. ]\s*(\d{1,4})$", re.IGNORECASE)
_CONTEXT = re.compile(r"^(\d{1,4})\s*/\s*(\d{1,4})$")
_BARE = re.compile(r"^(?:action|intervention|task|ref|no|number)?[\s.:#]*(?:no\.?|number)?[\s.:#]*/?\s*(\d{1,4})\.?$", re.IGNORECASE)


def words_of(cell: list[Any] | None) -> str:
    """What a cell says as text: tidied, and without the marks that make text read in another order than it is."""
    if cell is None:
        return ""
    kind, value = cell[0], cell[1]
    if kind == "b":
        return "TRUE" if value else "FALSE"
    if kind == "n":
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    if kind != "s" or (value.isascii() and value.isprintable()):
        return str(value).strip()
    return tidy(value.translate(_OVERRIDES))


def is_nothing(cell: list[Any] | None) -> bool:
    """Whether nothing was typed: no text, or a dash that stands for it."""
    return cell is None or (cell[0] == "s" and not set(words_of(cell)) - _DASHES)


def quoted(text: str) -> str:
    """A person's words in a sentence, shortened: “end of Sept”."""
    text = " ".join(text.split())
    return f"“{text[:57] + '…' if len(text) > 60 else text}”"


def candidates_of(cell: list[Any] | None) -> tuple[str, ...]:
    """How the hub writes what was typed as a reference: in full (CSC-2026-014/07) or its end (/07, -014/07).

    A candidate that begins with '/' or '-' fits every reference that ends with it. Empty when it is no reference.
    """
    if cell is None or cell[0] not in ("s", "n"):
        return ()
    text = " ".join(words_of(cell).split())
    if len(text) > LONGEST:
        return ()
    if found := _FULL.match(text):
        return (f"{found[1].upper()}-{found[2]}-{int(found[3]):03d}/{int(found[4]):02d}",)
    if found := _CONTEXT.match(text):
        return (f"-{int(found[1]):03d}/{int(found[2]):02d}",)
    if found := _BARE.match(text):
        return (f"/{int(found[1]):02d}",)
    return ()


LONGEST = 100  # characters of a cell that may be a reference: longer ones are not looked at closely


class NoStatus(Exception):
    """What was typed is not a status that the hub can take; the sentence says why and what to choose."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


_SYNONYMS = {
    Status.NOT_STARTED: "not started, TBC, outstanding, nil, not yet started",
    Status.IN_PROGRESS: "in progress, ongoing, on going, WIP, work in progress, started, amber, green, A, G, on track, underway",
    Status.REPORTED_COMPLETE: "reported complete, complete, completed, done, closed, finished, blue, B, C, Y, yes",
    Status.NOT_POSSIBLE: "not possible, not possible circumstances changed",
    Status.NOT_UNDERTAKEN: "not undertaken",
}
_STATUSES = {key_of(word): status for status, words in _SYNONYMS.items() for word in words.split(",")}
_STATUSES |= {key_of(label): status for status, label in LABELS.items()}
_AT_RISK = frozenset(key_of(word) for word in ("overdue", "red", "R", "at risk", "late"))
_EITHER = frozenset(key_of(word) for word in (
    "n/a", "not applicable", "no longer required", "no longer needed", "not required", "superseded", "withdrawn", "cancelled",
))
_ACCEPTED = frozenset(key_of(word) for word in ("accepted", "accepted complete", "signed off", "approved", "agreed complete"))
_FIVE = listed([f"“{status.label}”" for status in AGENCY_STATUSES], "or")


def status_of(text: str) -> tuple[Status, bool]:
    """The status that a word means, and whether the action is at risk ('red', 'overdue'). Raises `NoStatus`."""
    key = key_of(text)
    if key in _STATUSES:
        return _STATUSES[key], False
    if key in _AT_RISK:
        return Status.IN_PROGRESS, True
    if key in _EITHER:
        raise NoStatus(
            f"{quoted(text)} can mean two things. Choose “{Status.NOT_POSSIBLE.label}” if events made the action "
            f"impossible or needless, or “{Status.NOT_UNDERTAKEN.label}” if it was not done for another reason."
        )
    if key in _ACCEPTED:
        raise NoStatus(
            f"{quoted(text)} is not an agency's to say: the lead practitioner accepts an action after looking at it. "
            f"Choose “{Status.REPORTED_COMPLETE.label}” to report that it is done."
        )
    raise NoStatus(f"{quoted(text)} is not a status the hub knows. Choose {_FIVE}.")
