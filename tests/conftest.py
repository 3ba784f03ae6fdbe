"""Real servers, started once for a whole run of the tests and stopped at its end."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from collections.abc import Iterator

import pytest

from csc_hub import create_app
from csc_hub.db import db
from tests.hub import Hub, copy, settings
from tests.imap_server import ImapServer, imap_server
from tests.mail_server import MailServer, mail_server

from tests import parts


@pytest.fixture(scope="session")
def s3() -> Iterator[parts.S3Server]:
    """An S3 server."""
    with parts.s3_server() as server:
        yield server


@pytest.fixture(scope="session")
def clamd_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of a virus scanner's socket."""
    with parts.clamd(tmp_path_factory.mktemp("clamd")) as path:
        yield path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[parts.PostgresServer]:
    """A PostgreSQL server."""
    with parts.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def imap_running() -> Iterator[ImapServer]:
    """An IMAP server, for the whole run."""
    with imap_server() as server:
        yield server


@pytest.fixture
def imap(imap_running: ImapServer, monkeypatch: pytest.MonkeyPatch) -> ImapServer:
    """An empty mailbox on a real IMAP server, whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_running.certificate))
    imap_running.empty()
    return imap_running


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server of the test's own."""
    with mail_server() as server:
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration hub, built once; tests work on copies."""
    folder = tmp_path_factory.mktemp("built")
    Hub(create_app(settings(folder))).build()
    with sqlite3.connect(folder / "csc.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def hub(built: Path, tmp_path: Path) -> Hub:
    """A demonstration hub of the test's own."""
    return copy(built, tmp_path / "hub")


@pytest.fixture(scope="module")
def shared_hub(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """A demonstration hub that a module's tests only read."""
    return copy(built, tmp_path_factory.mktemp("shared") / "hub")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A demonstration hub on each database."""
    more = {"database_url": request.getfixturevalue("postgres_server").new_database()} if request.param == "postgresql" else {}
    hub = Hub(create_app(settings(tmp_path, **more))).build()
    yield hub
    with hub.inside():
        db.engine.dispose()
