"""Words that every room shares: a refusal, the clock, and dates said the way a person says them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
UTC = dt.timezone.utc
DASH = "–"
NORMALISED = 10_000
"""Longer texts are not brought to one Unicode form: that takes quadratic time on hostile ones, and no field is longer."""


class Refused(Exception):
    """Something that may not happen now, said in a sentence that tells the person what to do next.

    `field` names the form field at fault, where there is one.
    """

    def __init__(self, sentence: str, field: str | None = None):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class NotFound(Exception):
    """There is no such thing, or it is not this person's to know of: both look alike."""


def now() -> dt.datetime:
    """The present moment, in UTC. Only routes and commands call it; everything else is told the time."""
    return dt.datetime.now(UTC)


def london(moment: dt.datetime) -> dt.datetime:
    """A moment as the clocks in London show it."""
    return moment.astimezone(LONDON)


def today(moment: dt.datetime) -> dt.date:
    """The date in London at a moment."""
    return london(moment).date()


@lru_cache(maxsize=5_000)  # lists say the same few dates hundreds of times, and strftime is slow
def day_in_words(day: dt.date) -> str:
    """'Friday 9 April 2027'."""
    return f"{day:%A} {day.day} {day:%B %Y}"


@lru_cache(maxsize=5_000)
def day_short(day: dt.date) -> str:
    """'9 April 2027'."""
    return f"{day.day} {day:%B %Y}"


def moment_in_words(moment: dt.datetime) -> str:
    """'23 November 2026 at 14:02', in London."""
    local = london(moment)
    return f"{day_short(local.date())} at {local.hour:02d}:{local.minute:02d}"  # strftime is slow


def time_in_words(moment: dt.datetime) -> str:
    """'10:00', in London."""
    return f"{london(moment):%H:%M}"


def count(number: int, one: str, many: str | None = None) -> str:
    """'1 action', '2 actions'."""
    return f"{number:,} {one if number == 1 else (many or one + 's')}"


def listed(words: list[str], last: str = "and") -> str:
    """'a, b and c'."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def tidy(text: str | None) -> str:
    """Typed text as it is kept: no control characters, one kind of line end, no blank ends."""
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) <= NORMALISED:
        text = unicodedata.normalize("NFC", text)
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.strip()


def is_working_day(day: dt.date, holidays: Collection[dt.date]) -> bool:
    """Whether councils work on this day: no weekend, no bank holiday."""
    return day.weekday() < 5 and day not in holidays


def working_days_from(day: dt.date, number: int, holidays: Collection[dt.date]) -> dt.date:
    """The day `number` working days after a day, or before it where the number is negative; never a day off, 0 excepted."""
    step = dt.timedelta(days=1 if number > 0 else -1)
    for _ in range(abs(number)):
        day += step
        while day.weekday() > 4 or day in holidays:
            day += step
    return day


def working_days_between(first: dt.date, last: dt.date, holidays: Collection[dt.date]) -> int:
    """How many working days come after the first day up to and with the last; negative where the last is earlier."""
    if last < first:
        return -working_days_between(last, first, holidays)
    return sum(is_working_day(first + dt.timedelta(days=n), holidays) for n in range(1, (last - first).days + 1))


def in_london(day: dt.date, at: dt.time) -> dt.datetime | None:
    """The moment in UTC when clocks in London show this day and time; None for an hour that clocks leap over."""
    local = dt.datetime.combine(day, at, LONDON)
    moment = local.astimezone(UTC)
    return moment if moment.astimezone(LONDON).replace(tzinfo=None) == local.replace(tzinfo=None) else None
