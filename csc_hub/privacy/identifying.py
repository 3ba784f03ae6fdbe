"""Finds what may identify a young person in a text, for a person to look at. It proves nothing, and keeps nothing. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

TAKEN_OUT = "[taken out]"
"""Stands where somebody had marked words taken out."""
YOUNGEST, OLDEST = 4, 19
"""Years by which a date lies back that may be a young person's date of birth."""


@dataclass(frozen=True)
class Sign:
    """A place in a text that may identify somebody."""

    what: str
    start: int
    end: int


def _is_nhs_number(text: str) -> bool:
    """Whether ten digits carry the check digit of a National Health Service number (modulus 11)."""
    digits = [int(c) for c in text if c.isdecimal()]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits)) % 11
    return len(digits) == 10 and len(set(digits)) > 1 and check % 11 == digits[9] and check != 10


_NOT_INITIALS = frozenset("U.K. N.B. P.S. P.C. A.M. P.M. E.G. I.E. U.S.".split())
_NOT_PEOPLE = frozenset("ASB CSC CSE CCE FTE LED CIN CPP YRO PC DC DS YP KS".split())
_NOT_NAMES = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday "
    "sunday year years action actions row page item goal police school academy phase stage week day term room bus route unit shop zone".split())
_SMALL_WORDS = frozenset("IS IN AT TO OF ON BY OR WE US GP MP AS IT".split())
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}"
_AGE = r"(?:[5-9]|1\d)"

@dataclass(frozen=True)
class _Rule:
    """How one kind of sign is found. Texts with fewer digits than it needs, or none of its words, are passed over quickly."""

    what: str
    pattern: re.Pattern[str]
    digits: int = 0
    words: tuple[str, ...] = ()
    holds: Callable[[str], bool] | None = None
    groups: bool = True  # whether groups of ages are blanked out first


_RULES = (
    _Rule("a date of birth", re.compile(
        r"\b(?:d\.?\s?o\.?\s?b\b\.?|date of birth|born (?:on|in)\b)(?:\W{0,3}\d{1,2}(?:st|nd|rd|th)?[ ./-]\w{1,9}[ ./-]\d{2,4}|\W{0,3}\d{4})?", re.I),
        words=("dob", "d.o", "d o b", "d o.", "d ob", "do.", "do b", "birth", "born"), groups=False),
    _Rule("a National Health Service number", re.compile(r"(?<![\d+])\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"), 10, holds=_is_nhs_number, groups=False),
    _Rule("a pupil number", re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[0-9A-Z]\b"), 11),
    _Rule("a National Insurance number", re.compile(r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.I), 6),
    _Rule("an e-mail address", re.compile(r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+"), words=("@",)),
    _Rule("a phone number", re.compile(r"(?<![\w/])(?:\+44\s?(?:\(0\)\s?)?|\(?0)[1-37](?:[\s()-]{0,2}\d){8,9}(?!\d)"), 10, groups=False),
    _Rule("a home address", re.compile(rf"\b\d{{1,4}}[A-Za-z]?\b[^.;\n\d]{{0,60}}?\b{_POSTCODE}\b"), 3, groups=False),
    _Rule("a home address", re.compile(r"\b(?:lives at|home address|flat \d+)\b", re.I), words=("lives at", "home address", "flat "), groups=False),
    _Rule("a child under a letter or number", re.compile(
        r"\b(?i:child|pupil|student|young person|sibling|boy|girl)\s(?:[A-Z]{1,2}|\d{1,2})(?![\w-]|\s(?:level|young|people|years?))|\bYP\s?[A-Z]\b|\bYP\d{1,2}\b"),
        words=("child", "pupil", "student", "young person", "sibling", "boy", "girl", "yp"), holds=lambda text: text.split()[-1] not in _SMALL_WORDS),
    _Rule("initials with an age", re.compile(
        rf"\b[A-Z]{{2,3}}\s?(?:\(\s?(?:aged?\s)?{_AGE}(?:\s?(?:yrs?|years?|yo|y/o)(?: old)?)?\s?[MFmf]?\)|,?\s(?:aged\s{_AGE}\b|{_AGE}\s?(?:yo|y/o)\b))"),
        1, ("(", "aged", "yo", "y/o"), lambda text: re.match("[A-Z]+", text)[0] not in _NOT_PEOPLE),  # type: ignore[index]
    _Rule("a name with an age", re.compile(rf"\b[A-Z][a-z’'-]+\s?\(\s?(?:aged?\s)?{_AGE}(?:\s?(?:yrs?|years?|yo|y/o)(?: old)?)?\s?\)"),
          1, ("(",), lambda text: re.match(r"[\w’'-]+", text)[0].lower() not in _NOT_NAMES),  # type: ignore[index]
    _Rule("an age", re.compile(rf"\b(?:aged?\s*:?\s*{_AGE}\b|{_AGE}[\s-]*(?:year|yr)s?[\s-]*old\b|{_AGE}\s?(?:yo|y/o)\b)", re.I), 1, ("age", "year", "yr", "yo", "y/o")),
    _Rule("initials", re.compile(r"\b[A-Z]\.\s?[A-Z]\.(?!\w)"), words=(".",), holds=lambda text: text.replace(" ", "") not in _NOT_INITIALS),
)
_DATE = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?[ ./-](\d{1,2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ./-](\d{4}|\d{2})\b", re.I)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DIGITS = re.compile(r"\d+")
_AGE_GROUP = re.compile(r"\b(?:aged?\s*)?\d{1,2}\s*(?:-|–|to|and)\s*\d{1,2}\b", re.I)


def find(text: str, today: dt.date | None = None) -> list[Sign]:
    """What in a text may identify a young person, in its order and without overlaps; no group of ages, such as 11 to 16, is a sign.

    With `today`, also dates that may be dates of birth.
    """
    low, digits = text.lower(), sum(map(len, _DIGITS.findall(text)))
    plain = _AGE_GROUP.sub(lambda match: " " * len(match[0]), text) if digits > 1 else text
    found = []
    for rule in _RULES:
        if digits >= rule.digits and (not rule.words or any(word in low for word in rule.words)):
            found += [Sign(rule.what, match.start(), match.end()) for match in rule.pattern.finditer(plain if rule.groups else text)
                      if rule.holds is None or rule.holds(match[0])]
    if today and digits > 3:
        found += [Sign("a date that may be a date of birth", match.start(), match.end()) for match in _DATE.finditer(text) if _may_be_birth(match, today)]
    clear: list[Sign] = []
    for sign in sorted(found, key=lambda s: (s.start, -s.end)):
        if not clear or sign.start >= clear[-1].end:
            clear.append(sign)
    return clear


def _may_be_birth(match: re.Match[str], today: dt.date) -> bool:
    named = match[2][:3].lower()
    day, month, year = int(match[1]), _MONTHS.get(named) or int(match[2]), int(match[3])
    year += 0 if year > 99 else 2000
    return 1 <= day <= 31 and 1 <= month <= 12 and YOUNGEST <= today.year - year <= OLDEST


def without(text: str, today: dt.date | None = None) -> str:
    """The text with all that was found taken out."""
    for sign in reversed(find(text, today)):
        text = f"{text[:sign.start]}{TAKEN_OUT}{text[sign.end:]}"
    return text


def pieces(text: str, today: dt.date | None = None) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is marked."""
    found, at = [], 0
    for sign in find(text, today):
        found += [(text[at:sign.start], False), (text[sign.start:sign.end], True)]
        at = sign.end
    return [(piece, marked) for piece, marked in [*found, (text[at:], False)] if piece]


def kinds(signs: Iterable[Sign]) -> list[str]:
    """'an age', 'initials': each kind once."""
    return list(dict.fromkeys(sign.what for sign in signs))


def in_fields(texts: Mapping[str, str], today: dt.date | None = None) -> dict[str, list[Sign]]:
    """What was found in each of these texts, where anything was."""
    return {name: signs for name, text in texts.items() if (signs := find(text, today))}
