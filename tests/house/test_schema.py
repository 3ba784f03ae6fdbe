"""The upgraded empty database is what the records say, on both databases, and keeps its events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask

from csc_hub import create_app, demonstration, schema
from csc_hub.db import Base, Kept, db
from tests.hub import settings
from tests.parts import PostgresServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app whose database was empty and was upgraded."""
    folder: Path = tmp_path_factory.mktemp("schema")
    more = {}
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        more = {"database_url": server.new_database()}
    app = create_app(settings(folder, **more))
    with app.app_context():
        assert schema.present() is None
        assert schema.upgrade() == schema.newest()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")  # on SQLite: the next test but one sees that it is there
def test_the_upgraded_database_equals_the_records(upgraded: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_it_is_at_the_newest_revision_and_upgrading_again_does_nothing(upgraded: Flask) -> None:
    assert schema.present() == schema.newest() == schema.upgrade()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_every_constraint_of_the_records_is_in_the_database_by_its_name(upgraded: Flask) -> None:
    found = sa.inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        named = {c["name"] for c in (*found.get_unique_constraints(table.name), *found.get_foreign_keys(table.name), *found.get_check_constraints(table.name))}
        named |= _indexes(found, table.name) | {found.get_pk_constraint(table.name)["name"]}
        wanted = {c.name for c in table.constraints} | {index.name for index in table.indexes}
        assert wanted <= named, (table.name, wanted - named)


def _indexes(found: sa.Inspector, table: str) -> set[str | None]:
    """The names of a table's indexes, also of those on expressions, which SQLAlchemy does not read back from SQLite."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            return set(connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table"), {"table": table}).scalars())
    return {index["name"] for index in found.get_indexes(table)}


def test_the_guidances_fifteen_kinds_are_there(upgraded: Flask) -> None:
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*), min(number), max(number) FROM agency_kinds").one() == (15, 1, 15)


def test_an_event_is_never_changed_or_removed(upgraded: Flask) -> None:
    assert demonstration.build()
    hostile = ["UPDATE events SET actor = 'Nobody'", "DELETE FROM events", "DELETE FROM events WHERE id = 1"]
    hostile += ["TRUNCATE events", "TRUNCATE events CASCADE"] if db.engine.dialect.name == "postgresql" else []
    hostile.append("INSERT INTO events SELECT * FROM events WHERE id = 1 ON CONFLICT (id) DO UPDATE SET actor = 'Nobody'")
    everything = sa.text("SELECT * FROM events ORDER BY id")
    with db.engine.connect() as connection:
        before = connection.execute(everything).fetchall()
    assert len(before) > 50
    for sql in hostile:
        with pytest.raises(sa.exc.DBAPIError, match="never changed or removed"), db.engine.begin() as connection:
            connection.exec_driver_sql(sql)
    with db.engine.connect() as connection:
        assert connection.execute(everything).fetchall() == before


def test_every_record_that_two_may_edit_has_a_version_and_every_foreign_key_that_is_followed_an_index(upgraded: Flask) -> None:
    for mapper in Base.registry.mappers:
        if "version" in mapper.columns:
            assert issubclass(mapper.class_, Kept) and mapper.version_id_col is not None, mapper
    for name in ("findings", "involvements", "referrals_out", "worries", "updates", "papers", "grants"):
        firsts = {tuple(index["column_names"])[0] for index in sa.inspect(db.engine).get_indexes(name)}
        assert firsts & {"context_id", "plan_id", "action_id", "person_id"}, name


def test_migrations_stand_in_one_line() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(schema.config(None))
    assert len(script.get_heads()) == len(script.get_bases()) == 1
