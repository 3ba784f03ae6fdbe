"""The ground of the laws: built once, asked once, read by many tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.ground import LOOKED, PLACES, SEATS, Ground, Route, address, furnish, verdict
from tests.house.page import Walk
from tests.hub import copy


HEADS = ("nobody", "coordinator", "chair", "agency contact", "administrator", "reader")


@dataclass(frozen=True)
class Probe:
    """One request of one role, what was said, and which tables it changed."""

    route: Route
    method: str
    place: str
    role: str
    said: str
    changed: tuple[str, ...]


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
    ground = Ground(copy(furnished, tmp_path_factory.mktemp("probes") / "hub"))
    found = []
    for route in ground.routes:
        for place in PLACES if "context_id" in route.params else ("-",):
            url = address(route, ground.ids["school" if place == "-" else place])
            for role in SEATS:
                for method in ("GET", "HEAD") if route.method == "GET" and role in HEADS else (route.method,):
                    answer = ground.seats[role].ask(method, url, ground.form(route) if method == "POST" else None)
                    answer.close()
                    tables: list[str] = []
                    if ground.watch.changed():
                        refused = ("refused_door",) if answer.status_code in (403, 404) else ()
                        tables = ground.watch.differs(but=(*LOOKED, *refused) if method in ("GET", "HEAD") else refused)
                        ground.watch.restore()
                    found.append(Probe(route, method, place, role, verdict(answer), tuple(tables)))
    return found


@pytest.fixture(scope="session")
def walk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Every page that each role reaches by following links."""
    return Walk(Ground(copy(furnished, tmp_path_factory.mktemp("walk") / "hub")))
