"""Who is covered now: asked at every door, and kept nowhere."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Protocol

from csc_hub.people.records import Agency
from csc_hub.process.agreements import records, rules
from csc_hub.process.agreements.rules import Held, Standing, Text


class Asked(Protocol):
    """Somebody asked about: a person, and the agency they would be covered by."""

    person_id: uuid.UUID
    agency: Agency | None
    left: bool


def standings(people: Iterable[Asked], conference_id: uuid.UUID | None, today: dt.date) -> dict[uuid.UUID, Standing]:
    """How each of these people stands today, by their id, for one meeting. Two queries, however many there are.

    Whoever has left the agency they were asked for is not covered by it any more, and nobody without an agency is covered.
    """
    asked = list(people)
    signing = {one.agency.id for one in asked if one.agency and not one.agency.statutory}
    texts = [text_of(version) for version in records.published()] if signing else []
    held: dict[uuid.UUID, list[Held]] = {}
    for signature, revoked in records.signatures_of(signing):
        held.setdefault(signature.agency_id, []).append(held_of(signature, revoked))
    return {one.person_id: _of(one, conference_id, held, texts, today) for one in asked}


def _of(one: Asked, conference_id: uuid.UUID | None, held: dict[uuid.UUID, list[Held]], texts: list[Text], today: dt.date) -> Standing:
    if one.agency is None or one.left:
        return Standing(rules.Cover.NONE, "You are not with the organisation any more that you were asked for" if one.left else "You are not with an organisation that could sign")
    return rules.standing(
        one.agency.statutory, str(one.agency.kind_id), str(one.person_id), str(conference_id) if conference_id else None, held.get(one.agency.id, []), texts, today)


def text_of(version: records.Version) -> Text:
    """A published version, as far as cover asks."""
    return Text(version.number, version.effective_on or dt.date.min, version.grace_days, version.asks_again, tuple(version.asks_kinds))


def held_of(signature: records.Signature, revoked: dt.datetime | None) -> Held:
    """A signature, as far as cover asks."""
    return Held(
        str(signature.id), signature.signed_, signature.version_number, signature.until, signature.everybody, tuple(signature.named),
        str(signature.conference_id) if signature.conference_id else None, revoked is not None)
