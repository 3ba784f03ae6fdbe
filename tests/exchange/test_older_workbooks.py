"""A hub that has workbooks and updates already keeps them through the upgrade that records downloads."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from csc_hub import create_app, schema
from csc_hub.db import db, writing
from tests.hub import settings


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_workbooks_and_updates_of_before_stay_with_the_name_of_whoever_sent_them(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    more = {} if kind == "sqlite" else {"database_url": request.getfixturevalue("postgres_server").new_database()}
    app = create_app(settings(tmp_path, **more))
    with app.app_context():
        with writing():
            connection = db.session.connection()
            command.upgrade(schema.config(connection), "0006")
            tables = sa.MetaData()
            tables.reflect(connection)
            given = {name: uuid.uuid4() for name in ("people", "agencies", "contexts", "plans", "worries", "actions", "batches", "updates")}
            given["agency_kinds"] = uuid.UUID(str(connection.exec_driver_sql("SELECT id FROM agency_kinds ORDER BY number").scalars().first()))
            for name in [name for name in given if name != "agency_kinds"]:
                connection.execute(tables.tables[name].insert(), [_row(tables.tables[name], name, given, kind)])
        schema.upgrade()
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT sent_by, live, export_id, undone, state FROM batches").one() == ("Grace Mensah", None, None, None, "applied")
            assert connection.exec_driver_sql("SELECT by_name, changed FROM updates").one() == ("Grace Mensah", "status")
            assert len(connection.exec_driver_sql("SELECT value FROM marks WHERE name = 'hub'").one()[0]) == 32
        db.session.remove()
        db.engine.dispose()


def _row(table: sa.Table, name: str, given: dict[str, uuid.UUID], kind: str) -> dict[str, Any]:
    """A row with something in every column that must hold something."""
    import datetime as dt

    named = {"people.name": "Grace Mensah", "batches.state": "applied", "updates.by_name": "Grace Mensah", "updates.changed": "status", "updates.source": "workbook"}
    points = {"agency_id": "agencies", "context_id": "contexts", "plan_id": "plans", "worry_id": "worries", "action_id": "actions", "batch_id": "batches",
              "uploaded_by_id": "people", "by_id": "people", "kind_id": "agency_kinds"}
    row: dict[str, Any] = {}
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        if column.name == "id" and name in given:
            value: Any = given[name]
        elif column.name in points and not (column.nullable and name in ("people",)):
            value = given[points[column.name]]
        elif where in named:
            row[column.name] = named[where]
            continue
        elif column.nullable:
            continue
        else:
            type_ = column.type.python_type
            row[column.name] = {dt.datetime: dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc), dt.date: dt.date(2026, 11, 20), int: 1, bool: False, uuid.UUID: uuid.uuid4(), dict: {}, list: []}.get(type_, "x")
            continue
        row[column.name] = value.hex if kind == "sqlite" else value
    return row
