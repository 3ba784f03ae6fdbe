"""Which column of a plan's table is what: by the guidance's titles, by those of other plans, or as the council said before. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FIELDS = {
    "worry": "Worry", "impact": "Impact of the worry", "helping": "What is helping", "goal": "Safety goal", "intervention": "Intervention",
    "agency": "Agency or team responsible", "owner": "Named owner", "timescale": "Timescale or due date", "ignore": "Leave this column out"}
"""What a column of a plan can be (guidance: Appendix A), in words."""
_TITLES = {
    "worry": "what are we worried about (and impact)|what are we worried about|what are the worries|worry|worries|concern|concerns|current concerns|"
             "risk|risks|issue|issues|problem|identified risk|concerns/risks|area for improvement|priority issue|what is the worry|need",
    "impact": "impact|and impact|with what impact|impact of the worry|impact on young people|impact on children|effect|consequence",
    "helping": "what is helping to keep children safe|what is helping to keep young people safe|what is helping|what helps|helping|strengths|existing strengths|"
               "protective factors|what is working well|what’s working well|working well",
    "goal": "what is the safety goal|safety goal|safety goals|goal|goals|aim|objective|outcome|desired outcome|expected outcome|intended outcome|what does safe look like",
    "intervention": "intervention to be offered|intervention|interventions|action|actions|action required|action description|agreed action|task|tasks|activity|"
                    "what will we do|what needs to happen|what are we going to do",
    "agency": "agency/team responsible|agency / team|agency|agencies|agency responsible|responsible agency|lead agency|organisation|organisation responsible|"
              "team|team responsible|service|partner|who|who is responsible|agency or team responsible|responsible agency/team",
    "owner": "owner|lead|lead officer|named lead|by whom|responsible|action owner|named owner|named person|lead person|responsible person|person responsible|lead professional",
    "timescale": "timescale|timescales|time scale|timeframe|due date|due|date due|by when|when|deadline|target date|completion date|to be completed by|timescale or due date",
}
_AMERICAN = (("behavior", "behaviour"), ("neighbor", "neighbour"), ("organiz", "organis"), ("program", "programme"), ("programmemes", "programmes"),
             ("programmeme", "programme"), ("center", "centre"), ("normaliz", "normalis"))
_LONGEST = 80
LOOKED_AT = 60


def key_of(title: str) -> str:
    """A title without case, spaces and punctuation, in British spelling: 'Behavior' and 'behaviour' are one."""
    key = "".join(c for c in title.casefold() if c.isalnum())
    for theirs, ours in _AMERICAN:
        key = key.replace(theirs, ours)
    return key


_KNOWN = {key_of(title): name for name, titles in _TITLES.items() for title in titles.split("|")}
_BEGIN = (("whatareweworriedabout", "worry"), ("whatishelping", "helping"), ("whatisthesafetygoal", "goal"), ("interventiontobeoffered", "intervention"),
          ("agencyteam", "agency"), ("timescale", "timescale"))


def meaning(title: str, remembered: Mapping[str, str]) -> str:
    """What a column with this title is: as the council said before, or as the titles of plans go; else nothing."""
    key = key_of(title)
    if key in remembered:
        return remembered[key]
    found = _KNOWN.get(key, "")
    return found or next((name for begin, name in _BEGIN if key.startswith(begin)), "")


@dataclass(frozen=True)
class Columns:
    """The titles of one table of a file, and what each column is."""

    block: int  # place among the file's blocks
    row: int  # number of the row of titles; what follows is the plan
    fields: dict[int, str]  # first column -> field
    titles: dict[int, str]
    ends: dict[int, int] = field(default_factory=dict)  # first column -> last column under the same title

    def holding(self, column: int) -> str:
        """The field of a cell that begins in this column, or nothing."""
        for first, name in self.fields.items():
            if first <= column <= self.ends.get(first, first):
                return name
        return ""

    @property
    def known(self) -> set[str]:
        """The fields that have a column."""
        return set(self.fields.values()) - {"ignore", ""}


def titles_of(row: dict[str, list[Any]]) -> dict[int, tuple[str, int]]:
    """column -> (title, span) of the short texts of a row."""
    return {int(column): (" ".join(cell[1].split()), cell[2]) for column, cell in row.items() if cell[0] == "s" and 0 < len(cell[1]) <= _LONGEST}


def columns_of(block: int, number: int, row: dict[str, list[Any]], remembered: Mapping[str, str]) -> Columns:
    """A row taken for the titles of its table."""
    titles = titles_of(row)
    return Columns(block, number, {c: meaning(t, remembered) for c, (t, _) in titles.items()}, {c: t for c, (t, _) in titles.items()},
                   {c: c + span - 1 for c, (_, span) in titles.items()})


def find(block: int, rows: list[list[Any]], remembered: Mapping[str, str]) -> Columns | None:
    """The titles of a plan in a table, or None: three columns that are known, the worry or the intervention among them."""
    best: Columns | None = None
    for number, row in rows[:LOOKED_AT]:
        found = columns_of(block, number, row, remembered)
        if len(found.known) >= 3 and found.known & {"worry", "intervention"} and (best is None or len(found.known) > len(best.known)):
            best = found
    return best


def likely(block: int, rows: list[list[Any]], remembered: Mapping[str, str]) -> Columns:
    """The row that most looks like titles: most known ones, then most short texts, then the first."""
    def rank(row: list[Any]) -> tuple[int, int, int]:
        found = columns_of(block, row[0], row[1], remembered)
        return len(found.known), len(found.titles), -row[0]

    row = max(rows[:LOOKED_AT], key=rank)
    return columns_of(block, row[0], row[1], remembered)


_BLANK = re.compile(r"[\s\-–—_.]*")


def is_blank(text: str) -> bool:
    """Whether a cell says nothing: empty, or a dash that stands for it."""
    return _BLANK.fullmatch(text) is not None
