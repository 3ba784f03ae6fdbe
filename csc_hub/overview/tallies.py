"""How often each agency came to the meetings it was invited to, with the denominator said. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from csc_hub.kernel import count


@dataclass(frozen=True)
class Meeting:
    """One meeting an agency was invited to, or came to: which, when, and how the agency took part."""

    conference: str
    context: str
    reference: str
    day: dt.date
    invited: bool
    came: bool
    excused: bool
    adjourned: str = ""  # id of the change by which a meeting that was held was given up, to be held again

    @property
    def key(self) -> tuple[str, str]:
        """What tells one meeting from another: a conference that was adjourned and held again met twice."""
        return self.conference, self.adjourned


@dataclass(frozen=True)
class Tally:
    """How often an agency came to the meetings it was invited to."""

    agency: str
    meetings: tuple[Meeting, ...]  # newest first

    @property
    def invited(self) -> int:
        """The denominator: meetings with a register to which somebody of the agency was invited."""
        return sum(m.invited for m in self.meetings)

    @property
    def came(self) -> int:
        """How many of those it came to."""
        return sum(m.invited and m.came for m in self.meetings)

    @property
    def excused(self) -> int:
        """How many of those it sent only apologies to."""
        return sum(m.invited and m.excused and not m.came for m in self.meetings)

    @property
    def said(self) -> str:
        """'Came to 3 of 4 meetings it was invited to', with what else is to be told."""
        words = [f"Came to {self.came} of {count(self.invited, 'meeting')} it was invited to"] if self.invited else []
        unasked = sum(m.came and not m.invited for m in self.meetings)
        if unasked:
            words.append(f"{'came' if words else 'Came'} to {count(unasked, 'meeting')} without being on the list")
        return "; ".join(words)


def tallies(rows: Collection[tuple[str, Meeting]]) -> list[Tally]:
    """One tally for each agency of (agency, meeting), by name. Several people of an agency at one meeting count once."""
    found: dict[str, dict[tuple[str, str], Meeting]] = {}
    for agency, m in rows:
        was = found.setdefault(agency, {}).get(m.key)
        found[agency][m.key] = m if was is None else replace(
            m, invited=was.invited or m.invited, came=was.came or m.came, excused=was.excused or m.excused)
    return [Tally(agency, tuple(sorted(meetings.values(), key=lambda m: (m.day, m.key), reverse=True)))
            for agency, meetings in sorted(found.items(), key=lambda item: item[0].casefold())]
