"""P1, P3, P4: how fast lists are beside the floor page, as they grow, and for eight at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from csc_hub import create_app
from tests.bench import floor, servers
from tests.bench.lists import LISTS, SEARCH, List, places
from tests.bench.maker import ROOT, SIZES, council
from tests.bench.results import Result, middle, p95
from tests.bench.servers import Browser
from tests.hub import Hub, settings

RUNS = 100
SECONDS = 4.0
CLIENTS = 8


def again(size: str, role: str, url: str) -> Callable[[], object]:
    """The same request inside this process, for the profiler."""
    kept: list[object] = []

    def deed() -> object:
        if not kept:
            kept.append(Hub(create_app(settings(council(SIZES[size])))).be(role))
        return kept[0].get(url)  # type: ignore[attr-defined]

    return deed


def _time(browser: Browser, url: str) -> float:
    started = time.perf_counter()
    browser.get(url)
    return (time.perf_counter() - started) * 1000


@contextmanager
def _beside(folder: Path) -> Iterator[tuple[servers.Server, servers.Server, dict[str, str]]]:
    """The hub and, for each of its lists, a floor page of the same bytes."""
    named = places(folder)
    with servers.hub(folder) as hub:
        floor.engine = floor.sa.create_engine(f"sqlite:///{folder / 'csc.sqlite3'}")
        plans, lengths = {}, {}
        for number, one in enumerate(LISTS):
            html = Browser(hub.port).be(one.role).get(one.url.format(**named)).decode()
            assert html.count(one.row) <= 200, f"{one.name} shows more than 200 rows"
            plans[str(number)], lengths[number] = floor.plan(html, one.row, one.table), len(html.encode())
        path = ROOT / "floor-pages.json"
        path.write_text(json.dumps(plans))
        with servers.floor(folder, FLOOR_PAGES=str(path)) as bare:
            assert {number: len(Browser(bare.port).get(f"/list/{number}")) for number in lengths} == lengths
            yield hub, bare, named


def p1(size: str = "100k") -> Iterator[Result]:
    """Every list page beside the floor page of the same bytes, in turns, uncompressed both."""
    with _beside(council(SIZES[size])) as (hub, bare, named):
        for number, one in enumerate(LISTS):
            url, mine, theirs = one.url.format(**named), [], []
            browser, other = Browser(hub.port).be(one.role), Browser(bare.port)
            for _ in range(10):
                _time(browser, url), _time(other, f"/list/{number}")
            before = hub.processor(), bare.processor()
            for _ in range(RUNS):
                mine.append(_time(browser, url))
                theirs.append(_time(other, f"/list/{number}"))
            used, floors = hub.processor() - before[0], bare.processor() - before[1]
            bytes_ = len(browser.get(url))
            fine = middle(mine) <= 2 * middle(theirs) and p95(mine) <= 2 * p95(theirs)
            yield Result("P1", f"{one.name}, {size}, {bytes_ / 1000:.0f} kB: p50 (p95 {p95(mine):.1f} : {p95(theirs):.1f}, processor {used / RUNS:.1f} : {floors / RUNS:.1f})",
                         middle(mine), "ms", middle(theirs), "p50, p95 ≤ 2 × floor", fine, again(size, one.role, url))


def p3() -> Iterator[Result]:
    """Lists and search by reference at 1 M actions and at 1 k, in turns."""
    small, large = council(SIZES["1k"]), council(SIZES["1M"])
    here, there = places(small), places(large)
    with servers.hub(small) as one, servers.hub(large) as many:
        for item in (*LISTS, List("search by reference", *SEARCH, "", "")):
            urls = item.url.format(**here), item.url.format(**there)
            few, lots = Browser(one.port).be(item.role), Browser(many.port).be(item.role)
            for _ in range(10):
                _time(few, urls[0]), _time(lots, urls[1])
            times = [(_time(few, urls[0]), _time(lots, urls[1])) for _ in range(RUNS)]
            at_few, at_lots = p95([t for t, _ in times]), p95([t for _, t in times])
            yield Result("P3", f"{item.name}: p95 at 1 M actions, floor at 1 k", at_lots, "ms", at_few, "≤ 1.5 × that at 1 k", at_lots <= 1.5 * at_few,
                         again("1M", item.role, urls[1]))


def p4() -> Iterator[Result]:
    """The first page for eight clients at once, and the floor page, in turns."""
    with _beside(council(SIZES["100k"])) as (hub, bare, _):
        first, rates = LISTS[0], []
        for _ in range(3):
            rates.append((_rate(lambda: Browser(hub.port).be(first.role), first.url), _rate(lambda: Browser(bare.port), "/list/0")))
        mine, theirs = middle([a for a, _ in rates]), middle([b for _, b in rates])
        yield Result("P4", f"{first.name}, {CLIENTS} clients, 2 workers", mine, "/s", theirs, "≥ 0.45 × floor", mine >= 0.45 * theirs,
                     again("100k", first.role, first.url))


def _rate(connect: Callable[[], Browser], url: str) -> float:
    """Requests a second."""
    browsers, done = [connect() for _ in range(CLIENTS)], [0] * CLIENTS
    until = time.perf_counter() + SECONDS

    def ask(number: int) -> None:
        while time.perf_counter() < until:
            browsers[number].get(url)
            done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS
