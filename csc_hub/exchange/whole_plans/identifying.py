"""Finds what may identify a young person in the words of a plan, to be looked at by a person: every sign, and first names. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from csc_hub.privacy import identifying

_WORD = re.compile(r"[A-Z][a-z’'-]+|[a-z]+|[.!?•\n:]")


def signs(text: str, first_names: Collection[str], places: Collection[str]) -> list[str]:
    """'an age (“aged 14”)', 'a first name (“Kyle”)': what in a text may be about one young person, each kind once."""
    told: dict[str, str] = {}
    for sign in identifying.find(text):
        told.setdefault(sign.what, f"{sign.what} (“{text[sign.start:sign.end].strip()}”)")
    found, words = list(told.values()), _WORD.findall(text)
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
