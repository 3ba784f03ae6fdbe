"""The books of a hub, read behind its back: rows by plain SQL, files in the folder, and a ledger of what was promised."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from csc_hub.adapters.storage import FolderStore, Missing


class Ledger:
    """What was sent and what was acknowledged, on disk before anything else happens."""

    def __init__(self, path: Path):
        self.path, self._lock = path, threading.Lock()
        path.touch()

    def write(self, what: str, key: str, **more: Any) -> None:
        """One line, durable."""
        with self._lock, self.path.open("a") as file:
            file.write(json.dumps({"what": what, "key": key, **more}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def keys(self, what: str) -> list[str]:
        """The keys of all lines of a kind, in order."""
        return [line["key"] for line in map(json.loads, self.path.read_text().splitlines()) if line["what"] == what]


class Books:
    """One hub's database and folder of papers."""

    def __init__(self, url: str, data: Path):
        self.engine, self.store = create_engine(url, poolclass=NullPool), FolderStore(data / "papers")
        self.sqlite, self._seen = url.startswith("sqlite"), set[str]()
        self.checked_indexes = False

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds; ids as 32 letters on both databases."""
        with self.engine.connect() as line:
            return [tuple(str(v).replace("-", "") if hasattr(v, "hex") and not isinstance(v, (float, bytes)) else v for v in row)
                    for row in line.execute(text(query))]

    def all(self, but: Sequence[str] = ()) -> dict[str, list[str]]:
        """Every row of every table, as text, in an order of its own."""
        with self.engine.connect() as line:
            return {table: sorted(map(repr, line.execute(text(f'SELECT * FROM "{table}"')).all())) for table in inspect(line).get_table_names() if table not in but}

    def settle(self) -> None:
        """Waits until the database has noticed that its clients are gone."""
        if not self.sqlite:
            give_up = time.monotonic() + 20
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            while self.rows(others)[0][0]:
                if time.monotonic() > give_up:
                    raise RuntimeError("PostgreSQL still serves a client that was killed")
                time.sleep(0.01)

    def faults(self) -> list[str]:
        """What is wrong with the database itself, and rows whose file is not there or is another."""
        if self.sqlite:
            found = [f"integrity_check: {row[0]}" for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"a row points nowhere: {row}" for row in self.rows("PRAGMA foreign_key_check")]
        else:
            found = self._faults_of_indexes()
        for table in ("papers", "batches"):
            for key, size, sha256 in self.rows(f"SELECT key, size, sha256 FROM {table}"):
                if key not in self._seen:
                    fault = self._fault_of_file(key, size, sha256)
                    found += [f"{table} {key}: {fault}"] if fault else []
                    self._seen.add(key)
        return found

    def _faults_of_indexes(self) -> list[str]:
        try:
            with self.engine.begin() as line:
                line.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
                line.execute(text("SELECT bt_index_check(c.oid, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a "
                                  "ON a.oid = c.relam WHERE a.amname = 'btree' AND i.indisvalid AND c.relnamespace = 'public'::regnamespace"))
        except Exception as fault:
            return [f"amcheck: {fault}"]
        self.checked_indexes = True
        return []

    def _fault_of_file(self, key: str, size: int, sha256: str) -> str:
        try:
            content = b"".join(self.store.open(key))
        except Missing:
            return "the row has no file"
        return "" if (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256) else "the file is not what the row says"


def doubled(keys: list[str]) -> list[str]:
    """Keys that are there more than once."""
    return [key for key, count in Counter(keys).items() if count > 1]
