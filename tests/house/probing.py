"""Asks every route as every role, each from the same state of the database."""

from __future__ import annotations

from dataclasses import dataclass

from tests.house.ground import Ground, KEPT, LOOKED, PLACES, Route, SEATS, address, verdict

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


def ask_everything(ground: Ground) -> list[Probe]:
    """One probe for each route, place, role and method."""
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
                        tables = [table for table in tables if method != "GET" or table not in KEPT.get(route.endpoint, ())]
                        ground.watch.restore()
                    found.append(Probe(route, method, place, role, verdict(answer), tuple(tables)))
    return found
