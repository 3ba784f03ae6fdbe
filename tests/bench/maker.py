"""Makes a believable council of any size, fast: the demonstration's people, and as many contexts and actions as asked for.

Rows go in as they lie in SQLite, a few hundred thousand a second; the same size gives the same council. It is kept
under build/bench, by the schema's revision and this module's version.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csc_hub import create_app, schema
from csc_hub.db import Base, db
from tests.bench import cases, words
from tests.hub import CAST, Hub, settings

VERSION = 8
ROOT = Path(__file__).resolve().parents[2] / "build" / "bench"
SIZES = {"1k": 1_000, "100k": 100_000, "1M": 1_000_000}
FIFTY, LONG = 50, 450
AGENCIES = 150
STATES = ("referred",) * 5 + ("in_assessment",) * 10 + ("assessed",) * 10 + ("plan_in_progress",) * 60 + ("other_route",) * 10 + ("withdrawn",) * 5
BATCH = 1_000


def council(actions: int, folder: Path | None = None) -> Path:
    """The folder of a hub with this many actions, made unless it is there."""
    folder = folder or ROOT / f"council-{actions}-{schema.newest()}-{VERSION}"
    if not (folder / "made").exists():
        started = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        hub = Hub(create_app(settings(folder))).build()
        with hub.inside():
            made_on = dt.date.today()
            db.engine.dispose()
        Maker(folder / "csc.sqlite3", actions, made_on).make()
        print(f"Made a council of {actions:,} actions in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        (folder / "made").touch()
    return folder


def copied(folder: Path, to: Path) -> None:
    """A copy of a council, made by another process.

    Whoever closes the file of a database loses the locks of all connections that the same process has open on it: SQLite then
    takes the last of them for gone, and what they read later is of two times at once ("database disk image is malformed").
    """
    subprocess.run(["cp", "-R", str(folder), str(to)], check=True)


class Maker:
    """Fills one database."""

    def __init__(self, path: Path, actions: int, today: dt.date):
        self.path, self.wanted, self.today = path, actions, today
        self.dice = random.Random(f"{actions} {VERSION}")
        self.tables = Base.metadata.tables
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self.columns: dict[str, tuple[str, ...]] = {}

    def make(self) -> None:
        """Makes everything, and lets SQLite look at its indexes as it would in a year of use."""
        with sqlite3.connect(self.path, isolation_level=None) as self.line:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-800000", "temp_store=MEMORY", "locking_mode=EXCLUSIVE"):
                self.line.execute(f"PRAGMA {pragma}")
            indexes = self.line.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
            for name, _ in indexes:
                self.line.execute(f"DROP INDEX {name}")
            self.line.execute("BEGIN")
            self.cast = dict(self.line.execute("SELECT name, id FROM people"))
            self.kinds = [row[0] for row in self.line.execute("SELECT id FROM agency_kinds ORDER BY position")]
            self._agencies_and_people()
            self._contexts()
            self.flush()
            self.line.execute("COMMIT")
            for _, sql in indexes:
                self.line.execute(sql)
            self.line.execute("ANALYZE")
            assert not self.line.execute("PRAGMA foreign_key_check").fetchone()
        self.line.close()
        with sqlite3.connect(self.path) as line:
            line.execute("PRAGMA journal_mode=WAL")
        line.close()

    def id(self) -> str:
        """A new id, as it lies in SQLite."""
        return f"{self.dice.getrandbits(128):032x}"

    def day(self, days: int) -> str:
        """A date so many days from today."""
        return (self.today + dt.timedelta(days=days)).isoformat()

    def moment(self, days: int) -> str:
        """A moment of that day."""
        return f"{self.day(days)} {self.dice.randrange(8, 17):02d}:{self.dice.randrange(60):02d}:00.000000"

    def add(self, table: str, **values: Any) -> None:
        """A row; what is not given is empty."""
        if table not in self.columns:
            self.columns[table] = tuple(column.name for column in self.tables[table].columns)
            self.rows[table] = []
            self.empty = {**getattr(self, "empty", {}), table: {c.name: _empty(c) for c in self.tables[table].columns}}
        empty = self.empty[table]
        self.rows[table].append(tuple(values[name] if name in values else empty[name] for name in self.columns[table]))

    def flush(self) -> None:
        """Writes what is waiting."""
        for table, rows in self.rows.items():
            names = ", ".join(f'"{name}"' for name in self.columns[table])
            self.line.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(self.columns[table]))})", rows)
            rows.clear()

    def _agencies_and_people(self) -> None:
        self.agencies = [(key, name) for key, name in self.line.execute("SELECT id, name FROM agencies ORDER BY name")]
        self.own = self.line.execute("SELECT agency_id FROM people WHERE name = ?", (CAST["agency contact"],)).fetchone()[0]
        for number in range(AGENCIES - len(self.agencies)):
            key, name = self.id(), words.agency(number)
            self.agencies.append((key, name))
            self.add("agencies", id=key, name=name, kind_id=self.kinds[number % len(self.kinds)], contact_name=words.person(self.dice), active=1)
        self.people: list[tuple[str, str, str]] = []
        self.leads, self.chairs = [self.cast[CAST["lead"]]], [self.cast[CAST["chair"]], self.cast[CAST["other chair"]]]
        for number in range({1_000: 300, 100_000: 1_000}.get(self.wanted, 100 if self.wanted < 1_000 else 3_000)):
            key, name, agency = self.id(), words.person(self.dice), self.agencies[number % len(self.agencies)][0]
            self.people.append((key, name, agency))
            self.add("people", id=key, name=name, email=f"person{number}@council.example", job_title=words.job(self.dice), agency_id=agency,
                     active=int(number % 20 > 0), session_key=self.id())
            if number % 10 < 3:
                role = ("lead", "chair", "reader")[number % 10]
                self.add("person_roles", person_id=key, role=role)
                {"lead": self.leads, "chair": self.chairs, "reader": []}[role].append(key)
        self.names = {key: name for key, name, _ in self.people} | {key: name for name, key in self.cast.items()}

    def _contexts(self) -> None:
        """The newest two have a plan of fifty actions and one of several pages; the other plans share the rest evenly."""
        number = max(55, self.wanted // 14)
        states = [STATES[self.dice.randrange(len(STATES))] for _ in range(number - 2)] + ["plan_in_progress"] * 2
        plans = [order for order, state in enumerate(states[:-2]) if state in ("assessed", "plan_in_progress")]
        left = self.wanted - self.line.execute("SELECT count(*) FROM actions").fetchone()[0] - FIFTY - LONG
        share = {order: left // len(plans) + (place < left % len(plans)) for place, order in enumerate(plans)}
        share |= {number - 2: FIFTY, number - 1: LONG}
        for order, state in enumerate(states):
            cases.context(self, order, number, state, share.get(order, 0))
            if order % BATCH == BATCH - 1:
                self.flush()


def _empty(column: Any) -> Any:
    """What a row has where nothing is said, as it lies in SQLite."""
    if column.name == "version":
        return 1
    if column.nullable or column.name == "id":
        return None
    default = column.default.arg if column.default is not None and not callable(column.default.arg) else None
    kind = type(column.type).__name__
    if kind == "JSON":
        return json.dumps([] if column.name in ("themes", "why", "agenda") else {})
    return default if default is not None else 0 if kind in ("Boolean", "Integer", "BigInteger") else ""


def sizes(names: list[str]) -> Iterator[tuple[str, Path]]:
    """The named councils, made one after the other."""
    for name in names:
        yield name, council(SIZES[name])
