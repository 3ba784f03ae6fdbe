"""Whether a change of one byte in what is kept of a signature is found, whichever byte of whichever column it is (R11)."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people.records import Agency
from csc_hub.process.agreements import chain, proof
from csc_hub.process.agreements.records import Act, Signature
from csc_hub.process.agreements.rules import Deed
from tests import agreement
from tests.hub import Hub
from tests.trust.stage import Outcome, Stage

TABLES = (Signature, Act)


def evidence(stage: Stage) -> Outcome:
    """R11: 10,000 changes of one byte over all columns of signatures and acts; in short form 300."""
    hub, found, kinds = stage.hub(), Outcome(), Counter[str]()
    _sign(hub)
    with sqlite3.connect(Path(hub.app.config["CSC"].data) / "csc.sqlite3", isolation_level=None, timeout=20) as line:
        line.execute("PRAGMA synchronous = OFF")
        for (name,) in line.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'signature%'").fetchall():
            line.execute(f"DROP TRIGGER {name}")  # whoever changes the file itself is stopped by none
        found.expect(_proved(hub) == "whole", "the chain is not whole before anything is changed")
        changes, columns = _changes(line, random.Random(11)), set[tuple[str, str]]()
        while found.tried <= stage.times(300, 10_000):
            table, rowid, column, was, changed = next(changes)
            try:
                line.execute(f'UPDATE {table} SET "{column}" = {_put(changed)} WHERE rowid = ?', (changed, rowid))
            except sqlite3.IntegrityError:
                kinds["refused"] += 1  # the database itself does not take it: not counted as tried
                continue
            said = _proved(hub)
            kinds[said] += 1
            columns.add((table, column))
            found.expect(said != "whole", f"{table}.{column}: {was!r} became {changed!r}, and nobody noticed")
            line.execute(f'UPDATE {table} SET "{column}" = {_put(was)} WHERE rowid = ?', (was, rowid))
        found.expect(_proved(hub) == "whole", "the chain is not whole once everything is put back")
    found.figure = (f"{kinds['changed']:,} named and {kinds['unreadable']:,} said to be unreadable, {kinds['whole']} missed, over {len(columns)} columns; "
                    f"{kinds['refused']:,} more were refused by the database")
    return found


def _sign(hub: Hub) -> None:
    """Signatures and what the council did with them, beside those of the demonstration."""
    with hub.inside():
        with writing():
            version, agency = agreement.published(now(), number=90), db.session.scalars(db.select(Agency)).first()
            assert agency
            made = [agreement.signed(version, agency, now(), opened_at=now(), job_title=f"Größe {n}", witness="Helen Marsh") for n in range(4)]
            for one, deed in ((made[0], Deed.COUNTERSIGNED), (made[1], Deed.REVOKED)):
                chain.append(Act(deed=deed, signature_id=one.id, at=now(), by_id=agency.id, by_name="Meera Patel", job_title="Officer", reason="No longer a partner"))
        db.engine.dispose()


def _proved(hub: Hub) -> str:
    """whole, changed or unreadable, as the command would end."""
    with hub.inside():
        try:
            return "whole" if proof.prove().whole else "changed"
        except DBAPIError:
            return "unreadable"


def _changes(line: sqlite3.Connection, chance: random.Random) -> Iterator[tuple[str, int, str, Any, Any]]:
    """(table, row, column, what stands there, the same with one byte changed), each column in its turn."""
    rows = {table: [row[0] for row in line.execute(f"SELECT rowid FROM {table.__tablename__}")] for table in TABLES}
    while True:
        for table in TABLES:
            for column in table.__table__.columns.keys():
                name, rowid = table.__tablename__, chance.choice(rows[table])
                was, kind = line.execute(f'SELECT CAST("{column}" AS BLOB), typeof("{column}") FROM {name} WHERE rowid = ?', (rowid,)).fetchone()
                if kind == "integer":
                    number = int(was)
                    yield name, rowid, column, number, number ^ (1 << chance.randrange(8))
                elif was:
                    place = chance.randrange(len(was))
                    yield name, rowid, column, was, was[:place] + bytes([was[place] ^ chance.randrange(1, chance.choice((128, 128, 128, 256)))]) + was[place + 1:]
                else:  # nothing, or an empty text: one byte is put in
                    yield name, rowid, column, was, bytes([chance.randrange(256)])


def _put(value: Any) -> str:
    """How a value is written: bytes as text, whether they make a text or not."""
    return "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
