"""Who is covered now: asked at every door, and kept nowhere."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from csc_hub.people.records import Agency
from csc_hub.process.agreements import records, rules
from csc_hub.process.agreements.rules import Held, Signed, Standing, Text


class Asked(Protocol):
    """Somebody asked about: a person, and the agency they would be covered by."""

    person_id: uuid.UUID
    agency: Agency | None
    left: bool


@dataclass(frozen=True)
class Known:
    """The published texts, and what each agency has signed."""

    texts: list[Text]
    held: dict[uuid.UUID, list[Held]]


def known(agencies: Iterable[Agency | None]) -> Known:
    """What is known of these agencies. One query, however many there are."""
    signing = {agency.id for agency in agencies if agency and not agency.statutory}
    found = Known([], {})
    for agency_id, key, signed, number, day, wide, ids, meeting, revoked, grace, _, among, kind in records.cover_of(signing) if signing else ():
        if agency_id is None:
            found.texts.append(Text(number, day or dt.date.min, grace, wide, tuple(ids)))
        else:
            one = Held(str(key), Signed(signed), number, day, wide, tuple(ids), str(meeting) if meeting else None, revoked is not None)
            found.held.setdefault(agency_id, []).append(one if among is None else one.among(among, str(kind)))
    return found


def standings(people: Iterable[Asked], conference_id: uuid.UUID | None, today: dt.date) -> dict[uuid.UUID, Standing]:
    """How each of these people stands today, by their id, for one meeting."""
    asked = list(people)
    what = known(one.agency for one in asked)
    return {one.person_id: of(one, conference_id, what, today) for one in asked}


def of(one: Asked, conference_id: uuid.UUID | None, what: Known, today: dt.date) -> Standing:
    """How somebody stands on a day. Whoever has left the agency they were asked for is not covered by it any more."""
    if one.agency is None or one.left:
        return Standing(rules.Cover.NONE, "You are not with the organisation any more that you were asked for" if one.left else "You are not with an organisation that could sign")
    return rules.standing(
        one.agency.statutory, str(one.agency.kind_id), str(one.person_id), str(conference_id) if conference_id else None, what.held.get(one.agency.id, []), what.texts, today)


def text_of(version: records.Version) -> Text:
    """A published version, as far as cover asks."""
    return Text(version.number, version.effective_on or dt.date.min, version.grace_days, version.asks_again, tuple(version.asks_kinds))


def held_of(signature: records.Signature, revoked: dt.datetime | None) -> Held:
    """A signature, as far as cover asks."""
    return Held(
        str(signature.id), signature.signed_, signature.version_number, signature.until, signature.everybody, tuple(signature.named),
        str(signature.conference_id) if signature.conference_id else None, revoked is not None)
