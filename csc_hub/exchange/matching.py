"""Which action each row of a workbook is about, and how that is known: by reference, by its words, or only as a guess. Pure."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from csc_hub.exchange.manifest import plain
from csc_hub.exchange.updates import UpdateDraft

LIKE = 0.75
"""How alike two texts must be, of 1, for one to be proposed as the other."""
GUESSED = 20
"""Rows of one workbook for which the most similar action is looked for: it takes long, and more of them are no slips."""


@dataclass(frozen=True)
class Known:
    """An action as it is now."""

    id: str
    version: int
    reference: str  # CSC-2026-014/07
    number: int
    agency_id: str
    agency: str
    intervention: str
    facts: dict[str, object]
    locked: dict[str, str] = field(default_factory=dict)  # the grey columns as a workbook made now would show them


class How(StrEnum):
    """How a row was matched."""

    MANIFEST = "manifest"
    REFERENCE = "reference"
    TEXT = "text"
    GUESS = "guess"

    @property
    def words(self) -> str:
        """The reason, for a person to read."""
        return {
            "manifest": "Matched by its reference, with which the hub sent it out", "reference": "Matched by its reference",
            "text": "Matched by its words, which only this action has", "guess": "A guess that somebody must confirm"}[self]


@dataclass(frozen=True)
class Match:
    """The action of a row, or None; and the sentence that says why not, or why it is only a guess."""

    action: Known | None
    how: How | None = None
    why: str = ""


class Matcher:
    """Finds the actions of one workbook's rows. `sent`: numbers of the actions that the workbook was sent out with."""

    def __init__(self, actions: Sequence[Known], agency_id: str, context: str, sent: Collection[int] = ()) -> None:
        self._agency_id, self._context, self._sent = agency_id, context, sent
        self._by_end: dict[str, Known] = {}
        self._by_text: dict[str, list[Known]] = defaultdict(list)
        self._guessed = 0
        for action in actions:
            number = action.reference.rpartition("/")[2]
            short = f"-{context.rpartition('-')[2]}/{number}"
            self._by_end |= {action.reference: action, f"/{number}": action, short: action}
            if action.agency_id == agency_id:
                self._by_text[plain(action.intervention).casefold()].append(action)

    def of_text(self, text: str) -> Known | None:
        """The one action of this agency with these words, or None."""
        same = self._by_text.get(plain(text).casefold(), [])
        return same[0] if len(same) == 1 else None

    def find(self, draft: UpdateDraft) -> Match:
        """What a row is about."""
        if draft.candidates:
            return self._by_reference(draft)
        text = draft.locked.get("action", "")
        if found := self.of_text(text):
            return Match(found, How.TEXT)
        why = ("This row has no reference, and its text is not that of exactly one of this agency’s actions. "
               f"Write the reference, such as {self._context}/07, in the row")
        return self._guess(text, why, "This row has no reference")

    def _by_reference(self, draft: UpdateDraft) -> Match:
        mine = self._context.upper() + "/"
        if any(c.upper().startswith("CSC-") and not c.upper().startswith(mine) for c in draft.candidates):
            return Match(None, why=f"“{draft.reference}” is an action of another plan. Send it in with that plan’s workbook")
        found = next((self._by_end[c] for c in draft.candidates if c in self._by_end), None)
        if found is None:
            why = f"“{draft.reference}” is not one of this agency’s actions in the plan. Check the number"
            return self._guess(draft.locked.get("action", ""), why, f"“{draft.reference}” is not one of this agency’s actions in the plan")
        if found.agency_id != self._agency_id:
            return Match(None, why=f"Action {found.number} is {found.agency}’s, not this agency’s. Leave the row out, or choose the other "
                         "agency when you upload")
        return Match(found, How.MANIFEST if found.number in self._sent else How.REFERENCE)

    def _guess(self, text: str, why: str, begun: str) -> Match:
        """The action whose words are the same or most like these, for a person to confirm."""
        words = plain(text).casefold()
        if not words or self._guessed >= GUESSED:
            return Match(None, why=why)
        self._guessed += 1
        close = [words] if words in self._by_text else difflib.get_close_matches(words[:400], list(self._by_text)[:500], n=1, cutoff=LIKE)
        same = self._by_text[close[0]] if close else []
        if len(same) != 1:
            return Match(None, why=why)
        like = "the same" if close[0] == words else "most like"
        said = f"{begun}. Its words are {'those of' if like == 'the same' else 'most like those of'} action {same[0].number}: is it that one?"
        return Match(same[0], How.GUESS, said)
