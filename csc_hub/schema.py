"""Brings a database to the present schema, and says whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event

from csc_hub.db import Base, db, writing


def config(connection: Connection | None) -> Any:
    """Alembic's settings, without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes.update(connection=connection, metadata=Base.metadata)
    return made


def upgrade() -> str:
    """Applies what is missing, in one transaction; the revision reached. The app context must be there."""
    db.session.remove()
    with _foreign_keys_let_go(), writing():
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(72616)")  # two starting at once take turns
        command.upgrade(config(connection), "head")
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("the upgrade would leave rows that point at nothing")
    return present() or ""


@contextmanager
def _foreign_keys_let_go() -> Iterator[None]:
    """SQLite changes a table by copying it, which its foreign keys must not notice; they are checked at the end."""
    if db.engine.dialect.name == "sqlite":
        def let_go(connection: Any, _record: Any, _proxy: Any) -> None:
            connection.execute("PRAGMA foreign_keys=OFF").close()

        event.listen(db.engine, "checkout", let_go)
        try:
            yield
        finally:
            event.remove(db.engine, "checkout", let_go)
            db.session.remove()
            db.engine.dispose()
    else:
        yield


def present() -> str | None:
    """The revision this database is at."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision this version of the hub needs."""
    return ScriptDirectory.from_config(config(None)).get_current_head()
