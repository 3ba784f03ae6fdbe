"""What others do to a door while somebody is inside: a colleague reports, or the council closes it while a file is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.exchange import service as exchange
from csc_hub.exchange.doors import service
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.exchange.records import Batch
from csc_hub.kernel import now
from csc_hub.people.links import Link
from csc_hub.process.plans.records import Update
from tests.exchange.doors.conftest import ask, come_in
from tests.exchange.doors.test_workbooks import book_of
from tests.exchange.test_round_trip import housing as own_actions
from tests.exchange.test_round_trip import put, saved
from tests.hub import Hub, settings, words_of
from tests.parts import PostgresServer


@pytest.fixture
def on_postgres(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Hub]:
    """A demonstration on PostgreSQL, where two write at once."""
    (tmp_path / "data").mkdir()
    made = Hub(create_app(settings(tmp_path / "data", database_url=postgres_server.new_database()))).build()
    yield made
    with made.inside():
        db.session.remove()
        db.engine.dispose()


def test_two_who_report_by_one_link_at_once_both_report(on_postgres: Hub) -> None:
    ask(on_postgres)
    own = own_actions(on_postgres)[1][7].id
    with on_postgres.inside():
        with writing():
            came = service.who(db.session.scalars(db.select(Link.id).where(Link.purpose == "updates")).one(), now())
            assert came and came.may
            other = create_engine(db.engine.url)
            with other.begin() as line:  # a colleague’s report, kept while this one is on its way
                line.execute(text("UPDATE update_doors SET version = version + 1, reported_at = now()"))
            other.dispose()
            service.nothing_to_report(came, service.own_action(came, own), now())
        assert db.session.scalars(db.select(Update).where(Update.action_id == own).order_by(Update.at.desc())).first().by_name == "Joy Okafor"
        assert db.session.scalars(db.select(UpdateDoor.reported_at)).one()


@pytest.mark.parametrize("how", ["closed", "agency stopped", "cover ended"])
def test_a_door_that_shuts_while_a_file_is_read_keeps_nothing_of_it(hub: Hub, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    user, read = come_in(hub, ask(hub)), exchange.read_workbook
    book = book_of(user)
    put(book, 2, update="Hedges cut")
    with hub.inside():
        door = db.session.scalars(db.select(UpdateDoor.id)).one()
        store = hub.app.extensions["csc_store"]
        before = set(store.keys())

    def slow(*given: Any) -> Any:
        found = read(*given)
        deeds = {"closed": ("UPDATE links SET revoked_at = CURRENT_TIMESTAMP WHERE about_id = :id", door.hex),
                 "agency stopped": ("UPDATE agencies SET active = 0 WHERE name = :id", "Housing"),
                 "cover ended": ("UPDATE agencies SET statutory = 0 WHERE name = :id", "Housing")}
        with db.engine.connect() as line:
            line.execute(text(deeds[how][0]), {"id": deeds[how][1]})
            line.commit()
        return found

    monkeypatch.setattr(exchange, "read_workbook", slow)
    answer = user.post("/report/upload", file=(io.BytesIO(saved(book)), "back.xlsx"))
    assert answer.status_code == (422 if how == "cover ended" else 404), words_of(answer)
    with hub.inside():
        assert db.session.scalars(db.select(Batch).where(Batch.sent_by == "Joy Okafor")).all() == []
        assert set(store.keys()) == before
