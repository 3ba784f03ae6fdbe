"""P13: audited writes by two processes at once, beside the bare driver writing and syncing the same rows, on both databases.

Run as a program it is one of the two processes: `python -m tests.bench.writes hub|bare URL FOLDER SECONDS NUMBER`; it prints
how many writes were kept and how many met a lock.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.process.invitations import records, replying
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import Reply
from tests import parts
from tests.bench.maker import ROOT
from tests.bench.results import Result, middle
from tests.hub import Hub, settings

PROCESSES, ROUNDS, SECONDS = 2, 3, 4.0
SHARES = {"SQLite FULL": 0.25, "PostgreSQL": 0.40}


def p13() -> Iterator[Result]:
    """Replies with their line and their event, each in a transaction of its own, and the driver's three statements, in turns."""
    ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT, prefix="writes-", ignore_cleanup_errors=True) as folder, parts.postgres(fsync=True) as server:
        for base, share in SHARES.items():
            data = Path(folder) / base.split()[0]
            data.mkdir()
            url = server.new_database() if base == "PostgreSQL" else f"sqlite:///{data / 'csc.sqlite3'}"
            hub = Hub(create_app(settings(data, database_url=url))).build()
            with hub.inside():
                db.engine.dispose()
            turns = [(_at_once("hub", url, data), _at_once("bare", url, data)) for _ in range(ROUNDS)]
            mine, theirs = middle([hub for (hub, _), _ in turns]), middle([bare for _, (bare, _) in turns])
            locks = sum(locked for turn in turns for _, locked in turn)
            yield Result("P13", f"{base}: audited writes by {PROCESSES} processes; floor: the bare driver, {locks} met a lock", mine, "/s", theirs,
                         f"≥ {share:g} × floor", mine >= share * theirs and not locks)


def _at_once(what: str, url: str, data: Path) -> tuple[float, int]:
    """(writes a second, writes that met a lock) of both processes together."""
    command = [sys.executable, "-m", "tests.bench.writes", what, url, str(data), str(SECONDS)]
    running = [subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True) for number in range(PROCESSES)]
    said = [process.communicate()[0].split() for process in running]
    return sum(float(rate) for rate, _ in said), sum(int(locked) for _, locked in said)


def _during(seconds: float, write: Callable[[int], None]) -> None:
    """Writes for so long, once warm, and prints the rate and the locks."""
    for number in range(20):
        write(number)
    count = locked = 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            write(count)
            count += 1
        except OperationalError:
            locked += 1
    print(count / (time.monotonic() - began), locked)


def _audited(url: str, data: Path, seconds: float, which: int) -> None:
    """One answer after another to one invitation, as the hub takes it: read and judged in the transaction, as for an answer from a calendar."""
    app = create_app(settings(data, database_url=url))
    with app.app_context():
        every = db.session.scalars(db.select(Invitation).order_by(Invitation.id))
        key = [one.id for one in every if replying.obstacle(one, now()) is None][which]

    def write(number: int) -> None:
        with app.app_context(), writing():
            invitation = records.one(key)
            assert invitation
            replying.answer(invitation, (Reply.ACCEPTED, Reply.TENTATIVE)[number % 2], "", "", "", "", "", now())

    _during(seconds, write)


def _bare(url: str, seconds: float, which: int) -> None:
    """The same three rows by the database's own driver."""
    sqlite, mark = url.startswith("sqlite"), "?" if url.startswith("sqlite") else "%s"
    with closing(_line(url)) as line:
        key = line.execute("SELECT id FROM invitations ORDER BY id").fetchall()[which][0]

        def write(number: int) -> None:
            at: Any = now() if not sqlite else f"{dt.datetime.now():%Y-%m-%d %H:%M:%S.%f}"
            said = ("accepted", "tentative")[number % 2]
            line.execute("BEGIN IMMEDIATE" if sqlite else "BEGIN")
            line.execute(f"UPDATE invitations SET reply = {mark}, version = version + 1 WHERE id = {mark}", (said, key))
            line.execute(f"INSERT INTO replies (id, invitation_id, at, source, by_name, reply, reason, deputy) VALUES ({mark}, {mark}, {mark}, 'link', '', {mark}, '', '')",
                         (uuid.uuid4().hex, key, at, said))
            line.execute(f"INSERT INTO events (at, actor, verb, subject, detail) VALUES ({mark}, '', 'recorded_reply', {mark}, '{{}}')", (at, key))
            line.execute("COMMIT")

        _during(seconds, write)


def _line(url: str) -> Any:
    """A connection as the hub's own: it waits for locks and is synced at each commit."""
    if not url.startswith("sqlite"):
        import psycopg

        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    import sqlite3

    line = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        line.execute(f"PRAGMA {pragma}")
    return line


if __name__ == "__main__":
    kind, address, where, for_seconds, process = sys.argv[1:]
    if kind == "hub":
        _audited(address, Path(where), float(for_seconds), int(process))
    else:
        _bare(address, float(for_seconds), int(process))
