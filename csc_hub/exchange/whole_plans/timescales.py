"""Reads a timescale as people write it: a day, words such as “Annually”, or both, and says what was understood."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from csc_hub.exchange.typed_dates import NoDate, date_of
from csc_hub.exchange.typed_words import quoted, words_of
from csc_hub.kernel import day_in_words, day_short
from csc_hub.process.plans.rules import rhythm

LONGEST = 200  # characters of a timescale in words
_NEXT = re.compile(r"^(.*?),\s*next check:?\s+(.+)$", re.I | re.S)
_MONTH = re.compile(r"^(?:by\s+)?(?:the\s+)?(?:end\s+(?:of\s+)?)?([a-z]+)\.?,?\s+(\d{4})$", re.I)
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}


@dataclass(frozen=True)
class When:
    """What a timescale means: a day, words, or both; `said` where it was not plain."""

    due_on: dt.date | None = None
    words: str = ""
    said: str = ""


def read(cell: list[Any], date1904: bool = False, month_first: bool = False) -> When:
    """What a cell under 'Timescale' means. Words that are no date stay as they were written."""
    text = words_of(cell)
    if not text.strip():
        return When()
    if cell[0] == "s":
        if both := _NEXT.match(text):
            check = read(["s", both[2]], date1904, month_first)
            if check.due_on:
                return When(check.due_on, both[1].strip()[:LONGEST])
        if month := _MONTH.match(" ".join(text.split())):
            return _end_of_month(text, month)
    try:
        day = date_of(cell, date1904, month_first)
    except NoDate as fault:
        words = " ".join(text.split())[:LONGEST]
        return When(None, words, "" if rhythm(words) or not re.search(r"\d", words) else f"{fault.sentence} Until then it is kept as words")
    plain = cell[0] != "s" or text.lower().removeprefix("by ").strip() in (day_in_words(day).lower(), day_short(day).lower())
    return When(day, "", "" if plain else f"{quoted(text)} was read as {day_in_words(day)}")


def _end_of_month(text: str, month: re.Match[str]) -> When:
    number, year = _MONTHS.get(month[1].lower()), int(month[2])
    if not number or not 2000 <= year <= 2100:
        return When(None, text[:LONGEST])
    day = dt.date(year, number, calendar.monthrange(year, number)[1])
    return When(day, "", f"{quoted(text)} was read as the end of the month, {day_in_words(day)}")
