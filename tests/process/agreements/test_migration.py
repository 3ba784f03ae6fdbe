"""A database from before the agreement keeps its links and whom it recorded as covered."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from csc_hub import create_app, kernel, schema
from csc_hub.db import db, writing
from csc_hub.people import links
from csc_hub.process.agreements import chain, records
from csc_hub.process.agreements.rules import Way
from csc_hub.process.invitations.records import Invitation
from tests.hub import settings


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_covered_people_and_links_from_before_go_on_working(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    more = {} if kind == "sqlite" else {"database_url": request.getfixturevalue("postgres_server").new_database()}
    app, now = create_app(settings(tmp_path, **more)), kernel.now()
    with app.app_context():
        with schema._foreign_keys_let_go(), writing():
            connection = db.session.connection()
            command.upgrade(schema.config(connection), "0006")
            _before(connection, now)
        schema.upgrade()
        invitations = {i.person.name: i for i in db.session.scalars(db.select(Invitation))}
        signatures = [s for s, _ in records.signatures_of([i.agency_id for i in invitations.values()])]
        assert [(s.name, s.way_, s.named) for s in signatures] == [("Ann Hill", Way.RECORDED, [str(invitations["Ann Hill"].person_id)])]
        (signature,) = signatures
        assert chain.hash_of(chain.facts_of(signature)) == signature.hash and chain.head().number == 1
        assert links.of_token("a-token", now, links.Purpose.INVITATION).about_id == invitations["Ann Hill"].id
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), db.engine.begin() as line:
            line.execute(sa.text("UPDATE signatures SET name = 'Somebody else'"))
        db.session.remove()
        db.engine.dispose()


def _before(connection: sa.Connection, now: dt.datetime) -> None:
    """A context, its conference and two people on its list, one of them covered, as revision 0006 held them."""
    tables = sa.MetaData()
    tables.reflect(connection)

    def add(called: str, /, **facts: object) -> uuid.UUID:
        table, some_id = tables.tables[called], uuid.uuid4()
        row = {"id": some_id, "version": 1, **facts}
        for column in table.columns:
            if column.name not in row and not column.nullable:
                row[column.name] = _plain(column.type, now)
        row = {key: value for key, value in row.items() if key in table.columns}
        connection.execute(table.insert(), {key: _fitting(table.columns[key].type, value) for key, value in row.items()})
        return some_id

    kind = uuid.UUID(str(connection.execute(sa.text("SELECT id FROM agency_kinds WHERE number = 15")).scalar_one()))
    agency = add("agencies", name="Café", kind_id=kind, statutory=False, active=True)
    context = add("contexts", name="Somewhere", reference="CSC-1", lead_id=None, chair_id=None)
    conference = add("conferences", context_id=context, number=1)
    for name, covered in (("Ann Hill", True), ("Ben Low", False)):
        person = add("people", name=name, email=f"{name[:3].lower()}@example.org", agency_id=agency, active=True)
        invitation = add("invitations", conference_id=conference, person_id=person, agency_id=agency, reply="none", covered=covered)
        if covered:
            add("invitation_links", invitation_id=invitation, token_hash=hashlib.sha256(b"a-token").hexdigest(), code_hash="0" * 64,
                until=now + dt.timedelta(days=9), tries=0, revoked_at=None)


def _plain(kind: sa.types.TypeEngine, now: dt.datetime) -> object:
    if isinstance(kind, sa.DateTime):
        return now
    if isinstance(kind, sa.Date):
        return now.date()
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, (sa.Integer, sa.Numeric)) or kind.__class__.__name__ in ("CHAR", "UUID", "BOOLEAN"):
        return uuid.uuid4() if kind.__class__.__name__ in ("CHAR", "UUID") else False if kind.__class__.__name__ == "BOOLEAN" else 0
    return ""


def _fitting(kind: sa.types.TypeEngine, value: object) -> object:
    """SQLite keeps ids as 32 signs."""
    return value.hex if isinstance(value, uuid.UUID) and kind.__class__.__name__ == "CHAR" else value
