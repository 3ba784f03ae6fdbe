"""The ground of the laws: built once, asked once, read by many tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.ground import Ground, furnish
from tests.house.page import Walk
from tests.house.probing import Probe, ask_everything
from tests.hub import copy


@pytest.fixture(scope="session")
def furnished(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration in which every context has one of everything."""
    folder = tmp_path_factory.mktemp("furnished") / "hub"
    furnish(copy(built, folder))
    return folder


@pytest.fixture(scope="module")
def ground(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A furnished hub of a module's own, with everybody seated."""
    return Ground(copy(furnished, tmp_path_factory.mktemp("ground") / "hub"))


@pytest.fixture(scope="session")
def probes(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Probe]:
    """Every route asked by every role, each from the same state of the database."""
    return ask_everything(Ground(copy(furnished, tmp_path_factory.mktemp("probes") / "hub")))


@pytest.fixture(scope="session")
def walk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Every page that each role reaches by following links."""
    return Walk(Ground(copy(furnished, tmp_path_factory.mktemp("walk") / "hub")))
