"""Proves the chain of signatures from the database alone: what was changed, dropped, inserted, reordered or cut off is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, inspect, text

from csc_hub.db import db
from csc_hub.kernel import count
from csc_hub.process.agreements import chain
from csc_hub.process.agreements.chain import Head
from csc_hub.process.agreements.records import Act, Signature, Version
from csc_hub.process.agreements.rules import Signed

MOST_NAMED = 50
"""Numbers that are missing are named one by one up to here."""


@dataclass
class Proof:
    """What was found: how long the chain is, its head, and each fault in a sentence."""

    entries: int = 0
    head: Head = field(default_factory=lambda: Head(0, chain.START))
    faults: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was changed and nothing is missing."""
        return not self.faults

    def as_plain(self) -> dict[str, Any]:
        """The proof for a program."""
        return {"whole": self.whole, "entries": self.entries, "head": {"number": self.head.number, "hash": self.head.hash},
                "faults": self.faults, "missing": self.missing}


def head_of(said: str) -> Head:
    """The head that a file holds. Raises `ValueError` where it holds none."""
    try:
        found = json.loads(said)
        number, digest = found["number"], found["hash"]
    except (TypeError, KeyError, ValueError):
        raise ValueError("this file holds no head of the chain") from None
    if type(number) is not int or number < 0 or not isinstance(digest, str) or len(digest) != 64:
        raise ValueError("this file holds no head of the chain")
    return Head(number, digest)


def prove(known: Head | None = None) -> Proof:
    """Reads every entry as the database holds it, byte for byte, and says what does not fit; `known` is an earlier head."""
    found, texts = Proof(), _texts()
    entries = [*_entries(Signature, found), *_entries(Act, found)]
    entries.sort(key=lambda entry: entry["number"])
    found.entries, previous, expected = len(entries), chain.START, 1
    signatures = {entry["id"] for entry in entries if entry["table"] == "signatures"}
    for entry in entries:
        what, number = _called(entry), entry["number"]
        while expected < number and len(found.missing) < MOST_NAMED:
            found.missing.append(expected)
            expected += 1
        facts = {name: value for name, value in entry.items() if name != "hash"}
        if chain.hash_of(facts) != entry["hash"]:
            found.faults.append(f"{what} was changed")
        if number < expected:
            found.faults.append(f"{what} has a number that was given before")
        elif number == expected and entry["previous"] != previous and not found.missing[-1:] == [number - 1]:
            found.faults.append(f"{what} does not follow the entry before it")
        if entry["table"] == "signatures":
            found.faults += _fault_of_text(what, entry, texts)
        elif entry["signature_id"] not in signatures:
            found.faults.append(f"{what} is about a signature that is not there")
        previous, expected = entry["hash"], max(expected, number + 1)
    if entries:
        found.head = Head(entries[-1]["number"], entries[-1]["hash"])
    _compare(found, entries, known)
    if found.missing:
        found.faults.append(f"{count(len(found.missing), 'entry', 'entries')} missing: number {', '.join(str(n) for n in found.missing)}")
    return found


def _called(entry: Mapping[str, Any]) -> str:
    return f"Entry {entry['number']} ({'a signature' if entry['table'] == 'signatures' else 'what the council did with a signature'})"


def _compare(found: Proof, entries: list[dict[str, Any]], known: Head | None) -> None:
    """What the counter of the chain, and a head written down earlier, say must be there."""
    last = db.session.execute(text("SELECT last FROM sequences WHERE name = :name"), {"name": chain.SEQUENCE}).scalar() or 0
    if last < found.head.number:
        found.faults.append(f"{found.head.number - last} more were put at the end than the counter of the chain has given out")
    until = max(last, known.number if known else 0)
    found.missing += list(range(found.head.number + 1, until + 1))[:MOST_NAMED]
    held = next((entry["hash"] for entry in entries if known and entry["number"] == known.number), None)
    if known and held is not None and held != known.hash:
        found.faults.append(f"Entry {known.number} is another than the one that was written down")


def _texts() -> dict[str, tuple[str, int]]:
    """By version: the SHA-256 of the text as it is kept now, and the version's number."""
    rows = db.session.execute(db.select(Version.id, Version.shown, Version.number))
    return {str(some_id): (hashlib.sha256(shown.encode()).hexdigest(), number) for some_id, shown, number in rows}


def _fault_of_text(what: str, entry: Mapping[str, Any], texts: Mapping[str, tuple[str, int]]) -> list[str]:
    """A signature of the agreement is of a version's text as it was shown; an undertaking's text stands in the signature itself."""
    if entry["signed"] == Signed.UNDERTAKING:
        right = hashlib.sha256(entry["authority"].encode()).hexdigest() == entry["text_sha256"]
    else:
        right = texts.get(entry["version_id"]) == (entry["text_sha256"], entry["version_number"])
    return [] if right else [f"{what} is of another text than the one that is kept"]


def _entries(record: type[Signature] | type[Act], found: Proof) -> list[dict[str, Any]]:
    """The rows of a table as facts; a row that cannot be read, or is not written as the hub writes it, is a fault."""
    table: Table = record.__table__  # type: ignore[assignment]
    names, entries = inspect(record).columns.keys(), []
    for row in db.session.connection().exec_driver_sql(f"SELECT * FROM {table.name}").mappings():
        try:
            entry = {name: chain.plain(_read(table, name, row[name], found, row)) for name in names}
            entry = {"table": table.name} | entry
            if type(entry["number"]) is not int:
                raise ValueError("number")
            chain.hash_of(entry)
            entries.append(entry)
        except (ValueError, TypeError, AttributeError, UnicodeError):
            found.faults.append(f"A row of {table.name.replace('_', ' ')} cannot be read")
    return entries


def _read(table: Table, name: str, raw: Any, found: Proof, row: Mapping[str, Any]) -> Any:
    """A value as the hub reads it. SQLite keeps values as text: that text must be the one the hub would write."""
    dialect, kind = db.session.connection().dialect, table.c[name].type
    result, bind = kind.dialect_impl(dialect).result_processor(dialect, None), kind.dialect_impl(dialect).bind_processor(dialect)
    value = result(raw) if result else raw
    if dialect.name == "sqlite":
        written = bind(value) if bind and value is not None else value
        if type(written) is bool:
            written = int(written)
        if written != raw or type(written) is not type(raw):
            found.faults.append(f"Entry {row['number']}: {name.replace('_', ' ')} is not written as the hub writes it")
    return value
