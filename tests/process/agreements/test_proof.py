"""The chain of signatures is proved from the database alone: every change of every column is found, and what is missing is named."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from csc_hub import create_app, schema
from csc_hub.cli import main
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people.records import Agency, Kind
from csc_hub.process.agreements import chain, proof
from csc_hub.process.agreements.chain import Head
from csc_hub.process.agreements.records import Act, Signature
from csc_hub.process.agreements.rules import Deed
from tests import agreement
from tests.hub import Hub, settings

TABLES = (Signature, Act)


@pytest.fixture
def signed(tmp_path: Path) -> Hub:
    """A hub with four signatures and two deeds of the council, and nothing else."""
    hub = Hub(create_app(settings(tmp_path)))
    with hub.inside():
        schema.upgrade()
    with hub.inside(), writing():
        agency = Agency(name="Harbour Café", kind_id=db.session.scalar(db.select(Kind.id).where(Kind.number == 15)))
        db.session.add(agency)
        version = agreement.published(now())
        made = [agreement.signed(version, agency, now(), job_title=f"Manager {n}") for n in range(4)]
        for one, deed in ((made[0], Deed.COUNTERSIGNED), (made[1], Deed.REVOKED)):
            chain.append(Act(deed=deed, signature_id=one.id, at=now(), by_name="Meera Patel", job_title="Officer", reason="No longer a partner"))
    return hub


def line_to(hub: Hub, open_up: bool = True) -> sqlite3.Connection:
    """Behind the hub's back, with the triggers that refuse changes taken away."""
    line = sqlite3.connect(Path(hub.app.config["CSC"].data) / "csc.sqlite3", isolation_level=None)
    if open_up:
        for (name,) in line.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'signature%'").fetchall():
            line.execute(f"DROP TRIGGER {name}")
    return line


def proved(hub: Hub, known: Head | None = None) -> proof.Proof:
    """What the chain says now."""
    with hub.inside():
        return proof.prove(known)


def test_a_chain_that_nobody_touched_is_whole(signed: Hub) -> None:
    found = proved(signed)
    assert found.whole and found.faults == [] and found.entries == found.head.number == 6


def test_a_change_of_any_column_is_found(signed: Hub) -> None:
    line = line_to(signed)
    for table in TABLES:
        name = table.__tablename__
        for column in table.__table__.columns.keys():
            rowid, was = line.execute(f'SELECT rowid, "{column}" FROM {name} ORDER BY number LIMIT 1').fetchone()
            changed = was + 1 if isinstance(was, int) else f"{was}x" if was else "x"
            if column == "number":
                changed = 77
            line.execute("PRAGMA foreign_keys = OFF")
            line.execute(f'UPDATE {name} SET "{column}" = ? WHERE rowid = ?', (changed, rowid))
            assert not proved(signed).whole, (name, column)
            line.execute(f'UPDATE {name} SET "{column}" = ? WHERE rowid = ?', (was, rowid))
    assert proved(signed).whole


def test_a_change_of_any_byte_is_found(signed: Hub) -> None:
    line, chance = line_to(signed), random.Random(11)
    for _ in range(300):
        table = chance.choice(TABLES)
        columns = [c for c in table.__table__.columns.keys()]
        rowid = chance.choice(line.execute(f"SELECT rowid FROM {table.__tablename__}").fetchall())[0]
        column = chance.choice(columns)
        was = line.execute(f'SELECT "{column}" FROM {table.__tablename__} WHERE rowid = ?', (rowid,)).fetchone()[0]
        if not isinstance(was, str) or not was:
            continue
        place = chance.randrange(len(was))
        other = chance.choice([c for c in "0123456789abcdefABCDEF TZ-:._" if c != was[place]])
        try:
            line.execute(f'UPDATE {table.__tablename__} SET "{column}" = ? WHERE rowid = ?', (was[:place] + other + was[place + 1:], rowid))
        except sqlite3.IntegrityError:
            continue
        assert not proved(signed).whole, (table.__tablename__, column, was, place, other)
        line.execute(f'UPDATE {table.__tablename__} SET "{column}" = ? WHERE rowid = ?', (was, rowid))
    assert proved(signed).whole


@pytest.mark.parametrize(("deed", "said"), [
    (lambda line: line.execute("DELETE FROM signatures WHERE number = 3"), "number 3"),
    (lambda line: line.execute("DELETE FROM signature_acts WHERE number = 6"), "number 6"),
    (lambda line: [line.execute("UPDATE signatures SET number = ? WHERE number = ?", pair) for pair in ((90, 3), (3, 4), (4, 90))], "Entry 3"),
    (lambda line: line.execute("UPDATE agreement_versions SET shown = shown || ' '"), "another text"),
    (lambda line: line.execute("INSERT INTO signature_acts SELECT lower(hex(randomblob(16))), 7, hash, lower(hex(randomblob(32))), 'revoked', "
                               "(SELECT id FROM signatures WHERE number = 4), at, by_id, by_name, job_title, reason FROM signature_acts WHERE number = 6"), "Entry 7"),
], ids=["dropped", "cut off", "reordered", "another text", "inserted"])
def test_what_is_dropped_cut_off_reordered_or_put_in_is_named(signed: Hub, deed: Callable[[sqlite3.Connection], object], said: str) -> None:
    line = line_to(signed)
    line.execute("PRAGMA foreign_keys = OFF")
    deed(line)
    found = proved(signed)
    assert not found.whole and any(said in fault for fault in found.faults), found.faults


def test_a_database_from_yesterday_is_proved_against_a_later_head(signed: Hub) -> None:
    head = proved(signed).head
    line = line_to(signed)
    line.execute("DELETE FROM signature_acts")
    line.execute("UPDATE sequences SET last = 4 WHERE name = 'signature chain'")  # as a backup from before them would hold it
    assert proved(signed).whole, "nothing in the database itself says that it is old"
    found = proved(signed, head)
    assert not found.whole and found.missing == [5, 6]


def test_the_database_itself_refuses_to_change_or_remove_a_signature(signed: Hub) -> None:
    with signed.inside():
        for table in ("signatures", "signature_acts"):
            for words in (f"UPDATE {table} SET hash = 'x'", f"DELETE FROM {table}", f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"):
                with pytest.raises(DBAPIError, match="never changed or removed"):
                    db.session.execute(text(words))
                db.session.rollback()


def test_the_command_says_whole_changed_or_unreadable(signed: Hub, tmp_path: Path) -> None:
    runner, head = CliRunner(), tmp_path / "head.json"
    with signed.inside():
        said = runner.invoke(main, ["verify-signatures", "--json"])
        assert said.exit_code == 0 and json.loads(said.output)["whole"]
        head.write_text(json.dumps({"number": 8, "hash": "0" * 64}))
        late = runner.invoke(main, ["verify-signatures", "--head", str(head)])
        assert late.exit_code == 1 and "number 7, 8" in late.output
        head.write_text("nonsense")
        assert runner.invoke(main, ["verify-signatures", "--head", str(head)]).exit_code == 2
