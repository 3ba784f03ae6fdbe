"""Matches the agencies that a plan names to those of the hub: by name, as said before, or by a near name that a person confirms."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from csc_hub.exchange.whole_plans.columns import key_of

NEAR = 0.82
_PARTS = re.compile(r"^(?P<name>[^(,;\n]+?)\s*(?:\((?P<team>[^()]*)\))?\s*(?:[,;\n]\s*(?P<owner>.+))?$", re.S)
_LIST = re.compile(r"\s*(?:[,;/&\n]|\band\b)\s*")
_COMMON = frozenset("the of for and service services team council local partnership trust lead".split())


@dataclass(frozen=True)
class Named:
    """What a cell under 'Agency/Team responsible' names."""

    key: str  # cells with the same key mean the same agency
    words: str
    team: str = ""
    owner: str = ""
    agency_id: uuid.UUID | None = None
    how: str = "unknown"  # exact, remembered, near, unknown, none
    others: tuple[str, ...] = ()  # more agencies of the hub in the same cell


class Matcher:
    """Knows the hub's agencies and what the council said of other names before."""

    def __init__(self, agencies: Sequence[tuple[uuid.UUID, str]], remembered: Mapping[str, uuid.UUID]) -> None:
        self._names = {key_of(name): (some_id, name) for some_id, name in agencies}
        self._longest = sorted(agencies, key=lambda agency: -len(agency[1]))
        known = {some_id for some_id, _ in agencies}
        self._remembered = {key: some_id for key, some_id in remembered.items() if some_id in known}

    def match(self, text: str) -> Named:
        """Whom a cell names, with team and owner where it says 'Housing (Estates team), Des Brown'."""
        words = " ".join(text.split()) if "\n" not in text else "\n".join(" ".join(line.split()) for line in text.split("\n"))
        if not words:
            return Named("", "", how="none")
        key = key_of(words)
        if key in self._names:
            return Named(key, words, agency_id=self._names[key][0], how="exact")
        if key in self._remembered:
            return Named(key, words, agency_id=self._remembered[key], how="remembered")
        return self._by_its_beginning(words) or self._several(words) or self._in_parts(words)

    def _by_its_beginning(self, words: str) -> Named | None:
        """'Housing (Estates team), Des Brown' where the hub knows Housing."""
        for some_id, name in self._longest:
            rest = words[len(name):]
            if words.lower().startswith(name.lower()) and re.match(r"\s*[(,;\n]", rest):
                found = re.match(r"\s*(?:\((?P<team>.*?)\)(?=\s*(?:[,;\n]|$)))?\s*(?:[,;\n]\s*(?P<owner>.+))?$", rest, re.S)
                if found and not any(key_of(part) in self._names for part in _LIST.split(found["owner"] or "")):
                    return Named(key_of(name), name, (found["team"] or "").strip(), (found["owner"] or "").strip(), some_id, "exact")
        return None

    def _several(self, words: str) -> Named | None:
        """The first of several agencies in one cell; the others are named, so that nobody overlooks them."""
        found = [self._names[key_of(part)] for part in _LIST.split(words) if key_of(part) in self._names]
        if len(found) < 2:
            return None
        return Named(key_of(words), words, agency_id=found[0][0], how="near", others=tuple(name for _, name in found[1:]))

    def _in_parts(self, words: str) -> Named:
        parts = _PARTS.match(words)
        name = parts["name"].strip() if parts else words
        team, owner = ((parts["team"] or "").strip(), (parts["owner"] or "").strip()) if parts else ("", "")
        key = key_of(name) or key_of(words) or "?"
        if key in self._names:
            return Named(key, name, team, owner, self._names[key][0], "exact")
        if key in self._remembered:
            return Named(key, name, team, owner, self._remembered[key], "remembered")
        near = self._near(name)
        return Named(key, name, team, owner, near, "near" if near else "unknown")

    def _near(self, name: str) -> uuid.UUID | None:
        """The one agency whose name is like this one, letter by letter or word by word; None where none is, or several are."""
        close = difflib.get_close_matches(key_of(name), list(self._names), 1, NEAR)
        if close:
            return self._names[close[0]][0]
        words = {word for word in re.findall(r"\w+", name.lower()) if len(word) > 2} - _COMMON
        shared = [some_id for some_id, other in self._longest if words and words <= set(re.findall(r"\w+", other.lower()))]
        return shared[0] if len(shared) == 1 else None
