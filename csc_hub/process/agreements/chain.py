"""The chain of hashes over signatures and what was done with them: a changed, dropped or inserted one shows.

Each entry holds its number, the hash of the entry before it, and a hash over that and all of its own columns. The form of
what is hashed never changes: entries made years ago must still be proved.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select

from csc_hub.db import db, next_number
from csc_hub.process.agreements.records import Act, Signature

START = "0" * 64
SEQUENCE = "signature chain"


@dataclass(frozen=True)
class Head:
    """The newest entry of the chain: whoever holds it can prove later that nothing up to it was cut off."""

    number: int
    hash: str


def facts_of(entry: Signature | Act) -> dict[str, Any]:
    """Every column of an entry but its own hash, as plain values."""
    columns = inspect(type(entry)).columns.keys()
    return {"table": type(entry).__tablename__} | {name: plain(getattr(entry, name)) for name in columns if name != "hash"}


def plain(value: Any) -> Any:
    """A column's value as it is hashed: moments in UTC to the microsecond, dates and ids as text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.timezone.utc).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, uuid.UUID) else value


def hash_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 of an entry's facts, the hash of the entry before it among them."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def append(entry: Signature | Act) -> None:
    """Gives an entry, all else of which is there, its place at the end of the chain, and writes it. One at a time: the number's row is locked."""
    entry.id = entry.id or uuid.uuid4()
    entry.number = next_number(SEQUENCE)
    entry.previous = head().hash
    entry.hash = hash_of(facts_of(entry))
    db.session.add(entry)
    db.session.flush()


def head() -> Head:
    """The newest entry, or number 0 of an empty chain."""
    last = [row for table in (Signature, Act) if (row := db.session.execute(
        select(table.number, table.hash).order_by(table.number.desc()).limit(1)).first())]
    return Head(*max(last, key=lambda row: row[0])) if last else Head(0, START)


def entries() -> Iterable[Signature | Act]:
    """The whole chain in its order."""
    return sorted([*db.session.scalars(select(Signature)), *db.session.scalars(select(Act))], key=lambda entry: entry.number)
