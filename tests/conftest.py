"""Real servers, started once for a whole run of the tests and stopped at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
