"""P2 and P6: how many queries pages ask, at any size, and what reading rows costs beside the bare driver."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event

from csc_hub import create_app
from csc_hub.audit import records as audit
from csc_hub.db import db
from csc_hub.kernel import now, today
from csc_hub.overview import standing
from csc_hub.people import records as people
from csc_hub.process.contexts import records as contexts
from csc_hub.process.plans import listed
from tests.bench.lists import FRAGMENT, FRAGMENTS, LISTS, OTHERS, places
from tests.bench.maker import SIZES, council
from tests.bench.results import Result, at_most, middle
from tests.hub import CAST, Hub, User, settings

PAGE, PART = 8, 5
RUNS = 41


_MADE_OF: dict[str, Callable[[Any], Any]] = {
    "Uuid": uuid.UUID, "JSON": json.loads, "Date": dt.date.fromisoformat, "Boolean": bool,
    "Moment": lambda text: dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc)}
"""What the bare driver's values are made into, as the hub needs them."""


class Count:
    """Counts the queries of one app."""

    def __init__(self, app: Flask):
        self.asked: list[tuple[str, Any, list[Any]]] = []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _line: Any, _cursor: Any, sql: str, given: Any, context: Any, _many: bool) -> None:
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            self.asked.append((sql, given, [_MADE_OF.get(type(column.type).__name__) for column in getattr(context.compiled, "_result_columns", ())]))

    def of(self, user: User, url: str, **kw: Any) -> int:
        """The queries of a request, asked for the second time, by connections that remember nothing."""
        for _ in range(2):
            with user.client.application.app_context():
                db.engine.dispose()
            self.asked.clear()
            answer = user.get(url, **kw)
            assert answer.status_code in (200, 303), (url, answer.status_code)
        return len(self.asked)


def counts(folder: Path) -> dict[str, int]:
    """How many queries every list, every page of a context, every first page and every fragment asks."""
    hub, named = Hub(create_app(settings(folder))), places(folder)
    count, users, found = Count(hub.app), {role: hub.be(role) for role in CAST}, {}
    for role, user in users.items():
        found[f"{role} /"] = count.of(user, "/", follow_redirects=False)
    for role, url in [*((one.role, one.url) for one in LISTS), *OTHERS]:
        found[f"{role} {url}"] = count.of(users[role], url.format(**named))
    for role, url in FRAGMENTS:
        found[f"fragment {role} {url}"] = count.of(users[role], url.format(**named), headers=FRAGMENT)
    return found


def exports(folder: Path) -> tuple[int, int]:
    """(queries, rows) of the longest plan as a workbook."""
    hub, named = Hub(create_app(settings(folder))), places(folder)
    count = Count(hub.app)
    return count.of(hub.be("lead"), f"/contexts/{named['long']}/plan/download/xlsx"), 450


def p2() -> Iterator[Result]:
    """The most queries of any page, fragment and export, at 1 k and at 1 M actions."""
    few, many = counts(council(SIZES["1k"])), counts(council(SIZES["1M"]))
    for what, most in (("", PAGE), ("fragment", PART)):
        names = [name for name in many if name.startswith("fragment") == bool(what)]
        worst = max(names, key=lambda name: many[name])
        yield Result("P2", f"{what or 'page'}: {worst.removeprefix('fragment ')}", many[worst], "", None, f"≤ {most} queries", many[worst] <= most)
    grown = [name for name in many if many[name] > few[name]]
    yield Result("P2", f"pages that ask more at 1 M: {', '.join(grown) or 'none'}"[:90], len(grown), "", None, "none", not grown)
    asked, rows = exports(council(SIZES["1M"]))
    yield Result("P2", f"plan of {rows} actions as Excel", asked, "", None, f"≤ {6 + rows // 1000} queries", asked <= 6 + rows // 1000)


def _reads(app: Flask, named: dict[str, str]) -> Iterator[tuple[str, Callable[[], object]]]:
    """What lists read: each in one query."""
    user = people.person_by_email("nobody@example") or db.session.scalars(db.select(people.Person).where(people.Person.name == CAST["agency contact"])).one()
    agency, fifty, day = user.agency_id, uuid.UUID(named["fifty"]), today(now())
    newest = contexts.page_of(within=None)
    plan = db.session.scalar(db.select(listed.Worry.plan_id).join(listed.Action).where(listed.Action.id == uuid.UUID(named["action"])))
    worries = lambda: listed.worries(plan)  # noqa: E731
    yield "fifty contexts", lambda: contexts.listed(contexts.page_of(within=None))
    yield "where fifty contexts stand", lambda: standing.of(newest, day)
    yield "fifty people", lambda: people.page_of()
    yield "fifty events", lambda: audit.events(None, None, 50)
    yield "fifty of our actions", lambda: listed.own_actions(agency)
    yield "a plan of fifty", lambda: listed.page_of_plan(fifty, worries(), None)


def _inside(app: Flask, read: Callable[[], object]) -> Callable[[], object]:
    def deed() -> object:
        with app.app_context():
            return read()

    return deed


def p6() -> Iterator[Result]:
    """Reading a list's rows beside the driver doing the same queries and making dates, ids and lists of its text."""
    app = create_app(settings(council(SIZES["100k"])))
    count = Count(app)
    with app.app_context():
        for what, read in list(_reads(app, places(council(SIZES["100k"])))):
            read()
            count.asked.clear()
            read()
            asked = list(count.asked)
            line = db.session.connection().connection.cursor()
            mine, theirs = [], []
            for _ in range(RUNS):
                started = time.perf_counter()
                read()
                between = time.perf_counter()
                for sql, given, made_of in asked:
                    converted = [(place, make) for place, make in enumerate(made_of) if make]
                    for row in line.execute(sql, given).fetchall():
                        for place, make in converted:
                            row[place] is not None and make(row[place])
                mine.append((between - started) * 1000)
                theirs.append((time.perf_counter() - between) * 1000)
            yield at_most("P6", f"reading {what}", middle(mine), middle(theirs), 3, _inside(app, read))
