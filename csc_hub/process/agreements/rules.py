"""Who is covered by the information sharing agreement, until when, and what they read about it. Pure (guidance: Information sharing)."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from csc_hub.kernel import day_in_words, day_short


class Document(StrEnum):
    """What is kept in versions: the agreement itself, and the terms of reference beside it."""

    AGREEMENT = "agreement"
    TERMS = "terms"

    @property
    def label(self) -> str:
        """The document as people say it."""
        return {"agreement": "Information sharing agreement", "terms": "Terms of reference"}[self]


class State(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return {"draft": "Draft", "published": "Published", "withdrawn": "Withdrawn"}[self]


class Way(StrEnum):
    """How something is signed."""

    LINK = "link"
    DOOR = "door"
    DEVICE = "device"
    PAPER = "paper"
    RECORDED = "recorded"

    @property
    def label(self) -> str:
        """The way as people read it."""
        return {
            "link": "through a link that was mailed", "door": "at the door, on their own phone", "device": "on a device handed over",
            "paper": "on paper", "recorded": "recorded before the hub kept signatures",
        }[self]


class Signed(StrEnum):
    """What a signature is of."""

    AGREEMENT = "agreement"
    UNDERTAKING = "undertaking"

    @property
    def label(self) -> str:
        """What was signed, as people read it."""
        return {"agreement": "Information sharing agreement", "undertaking": "Confidentiality undertaking for one meeting"}[self]


class Deed(StrEnum):
    """What the council does with a signature."""

    COUNTERSIGNED = "countersigned"
    REVOKED = "revoked"


class Cover(StrEnum):
    """How somebody stands with the agreement."""

    STATUTORY = "statutory"
    SIGNED = "signed"
    GRACE = "grace"
    UNDERTAKING = "undertaking"
    NOT_NAMED = "not_named"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    NONE = "none"

    @property
    def label(self) -> str:
        """The standing in a word or two, for a list."""
        return {
            "statutory": "Covered by statutory procedures", "signed": "Covered by the agreement", "grace": "Covered, must sign the new version",
            "undertaking": "Covered for this meeting", "not_named": "Not among those covered", "expired": "Agreement has run out",
            "superseded": "New version not signed", "revoked": "Agreement ended", "none": "Agreement not signed",
        }[self]


COVERED = frozenset({Cover.STATUTORY, Cover.SIGNED, Cover.GRACE, Cover.UNDERTAKING})
STATUTORY_REASON = ("Statutory partners keep what they hear and read under the same confidentiality and storage procedures as for a child protection "
                    "conference, so they do not sign")


@dataclass(frozen=True)
class Text:
    """A published version, as far as cover asks."""

    number: int
    effective_on: dt.date
    grace_days: int
    asks_again: bool
    asks_kinds: Collection[str] = ()  # ids of kinds of agency; none means all

    def asks(self, kind: str) -> bool:
        """Whether agencies of this kind that signed an earlier version must sign this one."""
        return self.asks_again and (not self.asks_kinds or kind in self.asks_kinds)


@dataclass(frozen=True)
class Held:
    """One signature of somebody's agency, as far as cover asks."""

    id: str
    signed: Signed
    number: int  # the version it is of
    until: dt.date
    everybody: bool
    named: Collection[str]  # ids of people
    conference: str | None
    revoked: bool
    kind: str = ""  # of an agency that is part of another now: the id of its kind

    def among(self, people: Collection[str], kind: str) -> Held:
        """The same signature after its agency became part of another: for those who were its people, and for nobody else."""
        return replace(self, everybody=False, named=tuple(people) if self.everybody else tuple(set(self.named) & set(people)), kind=kind)


@dataclass(frozen=True)
class Standing:
    """How somebody stands with the agreement, why, and until when."""

    cover: Cover
    sentence: str  # what they read about it themselves
    until: dt.date | None = None
    signature: str | None = None

    @property
    def covered(self) -> bool:
        """Whether what is shared may be shared with them."""
        return self.cover in COVERED


def standing(
    statutory: bool, kind: str, person: str, conference: str | None, held: Sequence[Held], texts: Sequence[Text], today: dt.date,
) -> Standing:
    """How a person of an agency stands today: `held` are that agency's signatures, `texts` the published versions, newest first.

    `person` and `conference` are ids; `conference` is the meeting asked about. Nothing is kept of the answer: it is asked again at every door.
    """
    if statutory:
        return Standing(Cover.STATUTORY, STATUTORY_REASON)
    best = [_of(one, kind, person, texts, today) for one in held if one.signed is Signed.AGREEMENT]
    for cover in (Cover.SIGNED, Cover.GRACE):
        covered = [s for s in best if s.cover is cover]
        if covered:
            return max(covered, key=lambda s: s.until or today)
    undertaking = next((one for one in held if one.signed is Signed.UNDERTAKING and one.conference == conference and conference
                        and person in one.named and not one.revoked and today <= one.until), None)
    if undertaking:
        return Standing(Cover.UNDERTAKING, f"You gave a confidentiality undertaking for this meeting only. It counts until {day_in_words(undertaking.until)}",
                        undertaking.until, undertaking.id)
    order = [Cover.SUPERSEDED, Cover.EXPIRED, Cover.REVOKED, Cover.NOT_NAMED]
    missed = sorted(best, key=lambda s: order.index(s.cover))
    return missed[0] if missed else Standing(Cover.NONE, "Your organisation has not signed the information sharing agreement")


def _of(one: Held, kind: str, person: str, texts: Sequence[Text], today: dt.date) -> Standing:
    """How somebody stands by one signature of the agreement."""
    if one.revoked:
        return Standing(Cover.REVOKED, "The agreement with your organisation was ended", None, one.id)
    if not one.everybody and person not in one.named:
        return Standing(Cover.NOT_NAMED, "Your organisation signed the information sharing agreement for other people than you", one.until, one.id)
    if today > one.until:
        return Standing(Cover.EXPIRED, f"The agreement your organisation signed ran out on {day_short(one.until)}", one.until, one.id)
    asking = [text for text in texts if text.number > one.number and text.effective_on <= today and (text.asks(kind) or (one.kind and text.asks(one.kind)))]
    if not asking:
        return Standing(Cover.SIGNED, f"Your organisation has signed the information sharing agreement. It counts until {day_in_words(one.until)}", one.until, one.id)
    grace = min(text.effective_on + dt.timedelta(days=text.grace_days) for text in asking)
    if today <= grace:
        until = min(grace, one.until)
        return Standing(Cover.GRACE, f"There is a new version of the agreement. What your organisation signed counts until {day_in_words(until)}", until, one.id)
    return Standing(Cover.SUPERSEDED, f"There is a new version of the agreement, and what your organisation signed counted until {day_short(grace)}", grace, one.id)


def counts(one: Held, kind: str, texts: Sequence[Text], today: dt.date) -> bool:
    """Whether a signature counts today for whomever it covers."""
    if one.signed is Signed.UNDERTAKING:
        return not one.revoked and today <= one.until
    return _of(replace(one, everybody=True), kind, "", texts, today).cover in COVERED


SIGN = "Sign the agreement, which takes two minutes, and the paper opens by itself"


def obstacle_to_opening(standing: Standing, overridden: bool) -> str | None:
    """Why somebody may not open a released paper, or None. An override is the chair's, for one paper and one person, with a reason."""
    if standing.covered or overridden:
        return None
    return f"{standing.sentence}. {SIGN}"


def signature_until(on: dt.date, months: int) -> dt.date:
    """The last day a signature counts: so many months after it was given, or the last day of a shorter month."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    month += 1
    last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month, min(on.day, last))


UNDERTAKING = ("I come to one meeting before my organisation has signed the information sharing agreement. I keep confidential what I hear and read for that "
               "meeting, use it only to make the place or group safer, pass nothing on, and destroy my notes and copies afterwards. I sign for myself, "
               "for this meeting only, and not for my organisation.")


def authority_of(organisation: str) -> str:
    """What somebody states who signs for their organisation."""
    return f"I am authorised to sign for {organisation}"


def fault_of_name(said: str, what: str) -> str | None:
    """What is wrong with a name or job title as typed, or None: letters of any language, and no pictures."""
    if not any(c.isalpha() for c in said):
        return f"Enter your {what}, in letters"
    if any(unicodedata.category(c) in ("So", "Sk", "Sm", "Co", "Cn") for c in said):
        return f"Your {what} must be letters, without pictures or signs"
    return f"Your {what} must be 160 characters or fewer" if len(said) > 160 else None
