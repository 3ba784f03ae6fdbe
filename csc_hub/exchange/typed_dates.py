"""Reads dates as people type them in a sheet: day first, in numbers or words, or as Excel's own dates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from csc_hub.exchange.reading.serials import moment_of
from csc_hub.exchange.typed_words import quoted, words_of
from csc_hub.kernel import day_short

EARLIEST, LATEST = 2000, 2100  # years; anything else is a slip or Excel's own zero
FIX = "Write a date such as 18 November 2026."
_MONTHS = {
    name: number for number, names in enumerate((
        "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
        "september sept sep", "october oct", "november nov", "december dec",
    ), 1) for name in names.split()
}
_DAYS = "mon|monday|tue|tues|tuesday|wed|weds|wednesday|thu|thur|thurs|thursday|fri|friday|sat|saturday|sun|sunday"
_BEFORE = re.compile(rf"^(?:w/c|wc|week commencing|week beginning|w/b|by|on|from|(?:{_DAYS})\b\.?),?\s+", re.IGNORECASE)
_TIME = re.compile(r"[ ,T]+(?:at )?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\.\d+)?Z? ?(?:am|pm)?$", re.IGNORECASE)
_NUMBERS = re.compile(r"^(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})$")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_DAY_MONTH = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?(?: of)?[\s\-/.,]*([a-z]+)\.?[\s\-/.,']*(\d{4}|\d{2})?$", re.IGNORECASE)
_MONTH_DAY = re.compile(r"^([a-z]+)\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}|\d{2})$", re.IGNORECASE)


LONGEST = 100  # characters of a cell that may be a date: longer ones are not looked at closely


class NoDate(Exception):
    """What was typed is not a date; the sentence says why and what to write."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def date_of(cell: list[Any], date1904: bool = False, month_first: bool = False) -> dt.date:
    """The day that a cell means. `month_first` says that its column is written the American way. Raises `NoDate`."""
    kind, value = cell[0], cell[1]
    if kind == "d":
        return _excel_date(str(value), month_first)
    if kind == "n":
        return _serial(value, date1904)
    if kind == "b":
        raise NoDate(f"{quoted(words_of(cell))} is not a date. {FIX}")
    if len(words_of(cell)) > LONGEST:
        raise NoDate(f"{quoted(words_of(cell))} is not a date. {FIX}")
    return _typed(words_of(cell), month_first)


def is_month_first(cells: list[list[Any]]) -> bool:
    """Whether a column is written the American way: some date in it only makes sense with the month first."""
    for cell in cells:
        found = _NUMBERS.match(_bare(words_of(cell))) if cell[0] == "s" and len(words_of(cell)) <= LONGEST else None
        if found and int(found[1]) <= 12 < int(found[2]) <= 31:
            return True
    return False


def _excel_date(value: str, month_first: bool) -> dt.date:
    """A cell that Excel holds as a date. Among American dates it may have been swapped on the way in."""
    day = dt.date.fromisoformat(value[:10])
    day = _in_range(day.year, day.month, day.day, day_short(day))
    if month_first and day.day <= 12 and day.day != day.month:
        raise NoDate(
            f"This cell says {day_short(day)}, but other dates in the column have the month first, so day and month may "
            f"have been swapped. {FIX}"
        )
    return day


def _serial(value: float, date1904: bool) -> dt.date:
    """Excel's day number, typed or pasted without its format."""
    moment = moment_of(value, date1904)
    if moment is None or not EARLIEST <= moment.year <= LATEST:
        raise NoDate(f"{quoted(words_of(['n', value]))} is a number, not a date the hub can use. {FIX}")
    return moment.date()


def _bare(text: str) -> str:
    """What was typed without 'w/c', the day of the week and the time of day."""
    text = " ".join(text.split())
    for _ in range(3):
        text = _BEFORE.sub("", text)
    return _TIME.sub("", text).strip(" .,")


def _typed(text: str, month_first: bool) -> dt.date:
    """A date written out. Raises `NoDate`."""
    bare = _bare(text)
    if found := _YEAR_FIRST.match(bare):
        return _in_range(int(found[1]), int(found[2]), int(found[3]), text)
    if found := _NUMBERS.match(bare):
        return _day_month_year(int(found[1]), int(found[2]), _year(found[3]), text, month_first)
    if (found := _DAY_MONTH.match(bare)) and found[2].lower() in _MONTHS:
        if not found[3]:
            raise NoDate(f"{quoted(text)} has no year. {FIX}")
        return _in_range(_year(found[3]), _MONTHS[found[2].lower()], int(found[1]), text)
    if (found := _MONTH_DAY.match(bare)) and found[1].lower() in _MONTHS:
        return _in_range(_year(found[3]), _MONTHS[found[1].lower()], int(found[2]), text)
    raise NoDate(f"{quoted(text)} is not a date the hub can keep. {FIX}")


def _day_month_year(first: int, second: int, year: int, text: str, month_first: bool) -> dt.date:
    """Three numbers: the day first, as here. Raises `NoDate` where the column or the date itself has the month first."""
    swapped = first <= 12 < second <= 31
    if swapped or (month_first and first <= 12 and second <= 12 and first != second):
        meant = _in_range(year, first, second, text)
        reason = "has the month first" if swapped else "may have the month first, as other dates in this column do"
        raise NoDate(
            f"{quoted(text)} {reason}. If you mean {day_short(meant)}, write it so; "
            "the hub reads dates with the day first."
        )
    return _in_range(year, second, first, text)


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _in_range(year: int, month: int, day: int, text: str) -> dt.date:
    """A day of the calendar in years that can be meant. Raises `NoDate`."""
    try:
        found = dt.date(year, month, day)
    except ValueError:
        raise NoDate(f"{quoted(text)} is not a day in the calendar. {FIX}") from None
    if not EARLIEST <= year <= LATEST:
        raise NoDate(f"{quoted(text)} is in the year {year}, which cannot be meant. {FIX}")
    return found
