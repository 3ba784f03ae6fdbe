"""Whether a check code, or a text, is that of a genuine signature, without saying whose or of what."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from csc_hub.db import db
from csc_hub.people import service as people
from csc_hub.process.agreements import covering, records, rules
from csc_hub.process.agreements.records import Act, Signature, Version
from csc_hub.process.agreements.rules import Deed, Document

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Verdict(StrEnum):
    """All that anybody learns."""

    IN_FORCE = "in_force"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Asked:
    """What somebody asks about: a code, or the hashes that one text may have."""

    code: str = ""
    hashes: tuple[str, ...] = ()


def asked(typed: str) -> Asked:
    """A check code or a SHA-256 as people copy it, with spaces, hyphens and capitals of their own."""
    plain = "".join(c for c in typed if c.isascii() and c.isalnum())
    return Asked(hashes=(plain.lower(),)) if SHA256.fullmatch(plain.lower()) else Asked(code=plain.upper()[:16] if len(plain) <= 16 else "")


def asked_of(content: bytes) -> Asked:
    """A text as it is, and as the hub wrote it, should a program have put a mark at its beginning or other ends of lines."""
    mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        plain = content.decode("utf-16" if mark else "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").encode()
    except UnicodeDecodeError:
        plain = content
    return Asked(hashes=tuple({hashlib.sha256(one).hexdigest() for one in (content, plain)}))


def verdict(what: Asked, place: str, now: dt.datetime, today: dt.date) -> Verdict:
    """What is to be answered. A failure is counted, and is to be kept. Raises `Refused` when too many failed from one place."""
    people.refuse_guessing("check", place, now)
    found = _of_hashes(what.hashes, today) if what.hashes else _of_code(what.code, today)
    if found is Verdict.UNKNOWN:
        people.count_guess("check", place, now, "check_failed")
    return found


def _of_code(code: str, today: dt.date) -> Verdict:
    found = db.session.scalar(select(Signature).where(Signature.code == code)) if code else None
    if found is None:
        return Verdict.UNKNOWN
    return Verdict.IN_FORCE if _counts([found], today) else Verdict.ENDED


def _of_hashes(hashes: tuple[str, ...], today: dt.date) -> Verdict:
    """A text is in force while it is the one to be signed, or while a signature of it counts."""
    versions = list(db.session.scalars(select(Version).where(Version.sha256.in_(hashes))))
    signatures = list(db.session.scalars(select(Signature).where(Signature.text_sha256.in_(hashes))).unique())
    if not versions and not signatures:
        return Verdict.UNKNOWN
    in_force = [records.in_force(document, today) for document in Document]
    return Verdict.IN_FORCE if any(version in in_force for version in versions) or _counts(signatures, today) else Verdict.ENDED


def _counts(signatures: list[Signature], today: dt.date) -> bool:
    """Whether any of these signatures counts today for whomever it covers."""
    ended = set(db.session.scalars(select(Act.signature_id).where(Act.signature_id.in_([s.id for s in signatures]), Act.deed == Deed.REVOKED)))
    texts = [covering.text_of(version) for version in records.published()]
    return any(rules.counts(covering.held_of(s, None), str(s.agency.kind_id), texts, today) for s in signatures if s.id not in ended)
