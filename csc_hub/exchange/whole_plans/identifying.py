"""Finds what may identify a young person in the words of a plan, to be looked at by a person. It proves nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

_SIGNS = (
    ("a date of birth", re.compile(r"\b(?:d\.?\s?o\.?\s?b\b\.?|date of birth|born (?:on|in)\b)", re.I)),
    ("an age", re.compile(r"\b(?:aged?\s*:?\s*(?:[5-9]|1\d)\b|(?:[5-9]|1\d)[\s-]*(?:year|yr)s?[\s-]*old\b)", re.I)),
    ("a National Health Service number", re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")),
    ("a pupil number", re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[0-9A-Z]\b")),
    ("a mobile number", re.compile(r"(?<!\d)(?:\+44\s?7|07)\d(?:\s?\d){8}(?!\d)")),
    ("initials", re.compile(r"\b[A-Z]\.\s?[A-Z]\.(?!\w)")),
    ("a home address", re.compile(r"\b(?:lives at|home address|flat \d+)\b", re.I)),
)
_WORD = re.compile(r"[A-Z][a-z’'-]+|[a-z]+|[.!?•\n:]")
_AGE_GROUP = re.compile(r"\b(?:aged?\s*)?\d{1,2}\s*(?:-|–|to)\s*\d{1,2}\b", re.I)


def signs(text: str, first_names: Collection[str], places: Collection[str]) -> list[str]:
    """'an age (“aged 14”)', 'a first name (“Kyle”)': what in a text may be about one young person."""
    plain = _AGE_GROUP.sub(" ", text)
    found = [f"{what} (“{match[0].strip()}”)" for what, pattern in _SIGNS if (match := pattern.search(plain))]
    words = _WORD.findall(text)
    for place, word in enumerate(words):
        name = word.removesuffix("’s").removesuffix("'s")
        after = words[place + 1] if place + 1 < len(words) else ""
        begins = place == 0 or words[place - 1] in ".!?•\n:"
        if name.lower() in first_names and name[0].isupper() and after.lower() not in places and not (begins and name.lower() in _ALSO_WORDS):
            found.append(f"a first name (“{name}”)")
            break
    return found


_ALSO_WORDS = frozenset("grace holly max mason logan summer ruby poppy lily rosie hunter will mark".split())
"""First names that begin many a sentence as ordinary words."""
