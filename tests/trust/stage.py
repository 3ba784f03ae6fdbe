"""What every measurement stands on: folders to work in, a built council, the real parts, and what a measurement says."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from csc_hub import create_app
from csc_hub.db import db
from tests import parts
from tests.house.ground import Ground, furnish
from tests.hub import Hub, copy, settings


@dataclass
class Outcome:
    """What was tried, each failure in a sentence, and the figure that the goal asks for."""

    tried: int = 0
    failed: list[str] = field(default_factory=list)
    figure: str = ""

    def expect(self, holds: object, sentence: str) -> bool:
        """Counts one trial, and a failure where it does not hold."""
        self.tried += 1
        if not holds:
            self.failed.append(sentence)
        return bool(holds)


class Stage:
    """Temporary folders and real servers, made when they are first asked for and gone at the end; `shared` lends running ones."""

    def __init__(self, long: bool = False, built: Path | None = None, shared: Callable[[str], Any] | None = None):
        self.long, self._stack, self._count = long, ExitStack(), 0
        self._built, self._shared = built, shared

    def __enter__(self) -> Stage:
        self.root = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="csc-trust-", ignore_cleanup_errors=True)))
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None) -> None:
        self._stack.close()

    def times(self, short: int, long: int) -> int:
        """How often to try, in short and in long form."""
        return long if self.long else short

    def folder(self, name: str) -> Path:
        """A new empty folder."""
        self._count += 1
        made = self.root / f"{name}-{self._count}"
        made.mkdir()
        return made

    @cached_property
    def built(self) -> Path:
        """The folder of a demonstration hub; measurements work on copies."""
        if self._built:
            return self._built
        folder = self.folder("built")
        Hub(create_app(settings(folder))).build()
        return _at_rest(folder)

    @cached_property
    def furnished(self) -> Path:
        """A demonstration in which every context has one of everything."""
        folder = self.folder("furnished") / "hub"
        furnish(copy(self.built, folder))
        return _at_rest(folder)

    def hub(self, **more: Any) -> Hub:
        """A demonstration hub of a measurement's own."""
        return copy(self.built, self.folder("hub") / "data", **more)

    def ground(self, base: str = "http://localhost", **more: Any) -> Ground:
        """A furnished hub of a measurement's own, with everybody seated."""
        return Ground(copy(self.furnished, self.folder("ground") / "hub", **more), base)

    @cached_property
    def s3(self) -> parts.S3Server:
        """A real S3 server."""
        return self._shared("s3") if self._shared else self._stack.enter_context(parts.s3_server())

    @cached_property
    def postgres(self) -> parts.PostgresServer:
        """A real PostgreSQL that keeps what it says it keeps."""
        return self._stack.enter_context(parts.postgres(fsync=True))

    @cached_property
    def _built_on_postgres(self) -> tuple[Path, str]:
        folder, url = self.folder("built"), self.postgres.new_database()
        hub = Hub(create_app(settings(folder, database_url=url))).build()
        with hub.inside():
            db.engine.dispose()
        return folder, url

    def on_postgres(self, data: Path) -> str:
        """Copies a demonstration on PostgreSQL into a folder and a database of its own; the database's URL."""
        folder, built = self._built_on_postgres
        url = self.postgres.new_database(template=built.rpartition("/")[2])
        shutil.copytree(folder, data)
        return url

    @cached_property
    def clamd(self) -> str:
        """The socket of a real virus scanner."""
        return self._shared("clamd_socket") if self._shared else self._stack.enter_context(parts.clamd(self.folder("clamd")))


def _at_rest(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "csc.sqlite3")) as line:
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def shortened(outcome: Outcome, most: int = 40) -> Outcome:
    """The same outcome with its first failures only, each on one line."""
    told = [" ".join(sentence.split())[:400] for sentence in outcome.failed[:most]]
    left = len(outcome.failed) - len(told)
    return replace(outcome, failed=told + ([f"and {left} more"] if left > 0 else []))
