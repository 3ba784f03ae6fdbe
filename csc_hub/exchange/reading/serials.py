"""Excel's day numbers: which cells are dates, and which day a number means."""

from __future__ import annotations

import datetime as dt
import re

_LAST = 2_958_465  # 31 December 9999
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(50, 59)])
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


def is_date_format(number: int, code: str | None) -> bool:
    """Whether a number format shows a date or a time of day; a length of time such as [h]:mm is neither."""
    if code is None:
        return number in _DATE_FORMATS
    if _ELAPSED.search(code):
        return False
    shown = _LITERAL.sub("", code.split(";")[0]).lower()
    return "general" not in shown and any(letter in shown for letter in "dmyhs")


def moment_of(serial: float, date1904: bool = False) -> dt.datetime | None:
    """The moment that a day number means, or None when it is none. 29 February 1900 never was, so 60 is none."""
    if not 0 <= serial < _LAST + 1 or (not date1904 and int(serial) == 60):
        return None
    if date1904:
        start = dt.datetime(1904, 1, 1)
    else:
        start = dt.datetime(1899, 12, 31) if serial < 60 else dt.datetime(1899, 12, 30)
    try:
        moment = start + dt.timedelta(days=serial)
    except OverflowError:
        return None
    return (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)


def iso(moment: dt.datetime) -> str:
    """'2026-11-18', with the time only where there is one."""
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat()


def dated(serial: float, date1904: bool) -> list[object]:
    """A cell for a number that its format shows as a date; a bare time is text, an impossible day stays a number."""
    moment = moment_of(serial, date1904)
    if moment is None:
        return ["n", serial]
    if 0 <= serial < 1 and not date1904:
        return ["s", f"{moment:%H:%M}"]
    return ["d", iso(moment)]
