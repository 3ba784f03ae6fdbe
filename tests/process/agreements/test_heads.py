"""The head of the chain is written down once a day beside the backups and in the store, and proves what a restore lacks."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from csc_hub import create_app
from csc_hub.adapters.storage import StoreDown
from csc_hub.cli import main
from csc_hub.db import db, writing
from csc_hub.exchange import service as exchange
from csc_hub.kernel import now
from csc_hub.people.records import Agency
from csc_hub.process.agreements import chain, chores
from tests import agreement
from tests.hub import Hub

NOON = now().replace(hour=12, minute=0)
NAME = f"signature-head-{NOON:%Y-%m-%d}"


def sign(hub: Hub, number: int) -> None:
    with hub.inside(), writing():
        agreement.signed(agreement.published(NOON, number=number), db.session.scalars(db.select(Agency)).first(), NOON)


def stored(hub: Hub, key: str = NAME) -> bytes:
    return b"".join(hub.app.extensions["csc_store"].open(key))


def folder(hub: Hub) -> Path:
    return Path(hub.app.config["CSC"].data) / "backups"


def run(hub: Hub, at: dt.datetime = NOON) -> None:
    with hub.inside():
        chores.run(at)


def test_the_head_is_written_once_a_day_to_both_places_and_the_sweep_leaves_it(hub: Hub) -> None:
    sign(hub, 90)
    with hub.inside():
        head = chain.head()
    run(hub)
    first = (folder(hub) / f"{NAME}.json").read_bytes()
    said = json.loads(first)
    assert (said["number"], said["hash"]) == (head.number, head.hash) and dt.datetime.fromisoformat(said["at"])
    assert stored(hub) == first
    sign(hub, 91)
    run(hub, NOON + dt.timedelta(minutes=5))
    run(Hub(create_app(hub.app.config["CSC"])), NOON + dt.timedelta(minutes=6))  # started anew, it knows of the file from the places themselves
    assert stored(hub) == (folder(hub) / f"{NAME}.json").read_bytes() == first
    tomorrow = NOON + dt.timedelta(days=1)
    run(hub, tomorrow)
    later = json.loads(stored(hub, f"signature-head-{tomorrow:%Y-%m-%d}"))
    assert later["number"] == head.number + 1 and len(list(folder(hub).iterdir())) == 2
    with hub.inside():
        assert not [key for key in exchange.strays() if "head" in key]


def test_a_store_that_is_down_gets_the_same_head_at_a_later_round(hub: Hub) -> None:
    sign(hub, 90)
    store, root = hub.app.extensions["csc_store"], Path(hub.app.config["CSC"].data) / "papers"
    root.rename(root.with_name("away"))
    with pytest.raises(StoreDown):
        store.check()
    run(hub)
    first = (folder(hub) / f"{NAME}.json").read_bytes()
    sign(hub, 91)
    root.with_name("away").rename(root)
    run(hub, NOON + dt.timedelta(minutes=1))
    assert stored(hub) == first == (folder(hub) / f"{NAME}.json").read_bytes()


def test_a_folder_that_cannot_be_written_stops_no_other_chore(hub: Hub) -> None:
    sign(hub, 90)
    folder(hub).write_text("a file where the folder should be")
    run(hub)
    folder(hub).unlink()
    run(hub, NOON + dt.timedelta(minutes=1))
    assert json.loads(stored(hub)) == json.loads((folder(hub) / f"{NAME}.json").read_text())


def test_the_command_reads_the_file_and_names_what_a_restored_database_lacks(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(hub, 90)
    sign(hub, 91)
    run(hub)
    data = Path(hub.app.config["CSC"].data)
    for name, value in {"CSC_DATA": data, "CSC_DEMONSTRATION": "1", "CSC_URL": "http://localhost", "CSC_SECRET": hub.app.config["CSC"].secret}.items():
        monkeypatch.setenv(name, str(value))

    def prove() -> Any:
        return CliRunner().invoke(main, ["verify-signatures", "--head", str(data / "backups" / f"{NAME}.json")])

    assert prove().exit_code == 0
    number = json.loads(stored(hub))["number"]
    with hub.inside():
        db.engine.dispose()
    import sqlite3

    with sqlite3.connect(data / "csc.sqlite3") as line:  # as yesterday's backup would hold it
        for (name,) in line.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'signature%'").fetchall():
            line.execute(f"DROP TRIGGER {name}")
        line.execute("DELETE FROM signatures WHERE number = ?", (number,))
        line.execute("UPDATE sequences SET last = ? WHERE name = 'signature chain'", (number - 1,))
    answer = prove()
    assert answer.exit_code == 1 and re.search(rf"\b{number}\b", answer.output), answer.output
