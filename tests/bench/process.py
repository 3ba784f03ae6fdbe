"""P14 and P15: how soon the hub is there, what memory a worker takes, and how many bytes a visit is."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

from tests.bench import servers
from tests.bench.lists import FRAGMENT, FRAGMENTS, LISTS, OTHERS, places
from tests.bench.maker import SIZES, council
from tests.bench.results import Result, middle
from tests.bench.servers import Browser

ROUNDS = 4


def p14() -> Iterator[Result]:
    """Cold start to the first page, eleven times, in turns with a floor that loads Flask and SQLAlchemy alone; memory of a worker at rest, and after every page by eight at once."""
    folder = council(SIZES["100k"])
    started, bare = [], []
    for _ in range(11):
        with servers.floor(folder) as floor:
            bare.append(floor.seconds)
        with servers.hub(folder, settled=False) as hub:
            started.append(hub.seconds)
    yield Result("P14", "cold start to the first page", middle(started), "s", middle(bare), "≤ 1.0 s", middle(started) <= 1.0)
    named = places(folder)
    with servers.hub(folder) as hub:
        rest = max(hub.memory())
        yield Result("P14", "memory of a worker at rest", rest, "MB", None, "≤ 80 MB", rest <= 80)
        done: list[bool] = []
        threads = [threading.Thread(target=lambda: (_visit(hub.port, named), done.append(True))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == len(threads), "a visit failed"
        used = max(hub.memory())
        yield Result("P14", "memory of a worker after every page, 8 clients", used, "MB", None, "≤ 130 MB", used <= 130)


def _visit(port: int, named: dict[str, str]) -> None:
    browsers: dict[str, Browser] = {}
    for _ in range(ROUNDS):
        for role, url in [*((one.role, one.url) for one in LISTS), *OTHERS]:
            browser = browsers.setdefault(role, Browser(port).be(role))
            browser.get(url.format(**named))
        for role, url in FRAGMENTS:
            browsers.setdefault(role, Browser(port).be(role)).get(url, **FRAGMENT)
        browsers["lead"].get(f"/contexts/{named['fifty']}/plan/download/xlsx")
        browsers["lead"].get(f"/contexts/{named['fifty']}/plan/download/docx")


def p15() -> Iterator[Result]:
    """Bytes on the wire of a first visit to the first page with all it loads, and of the longest later page."""
    folder = council(SIZES["100k"])
    named = places(folder)
    with servers.hub(folder) as hub:
        browser = Browser(hub.port, gzip=True).be("coordinator")
        html = Browser(hub.port).be("coordinator").get("/").decode()
        files = sorted(set(re.findall(r'(?:href|src)="(/(?:static/|theme\.css)[^"]+)"', html)))
        script = browser.get(next(f for f in files if "/csc.js" in f), **{"Accept-Encoding": "identity"}).decode()
        files += [f"/static/{path}" for path in re.findall(r'from "\./([^"]+)"', script)]
        first = sum(len(browser.get(url)) for url in ["/", *files]) / 1000
        yield Result("P15", f"first visit: the first page and {len(files)} files", first, "kB", None, "≤ 60 kB", first <= 60)
        pages = {one.name: max(len(Browser(hub.port, gzip=True).be(one.role).get(one.url.format(**named))) for _ in range(3)) for one in LISTS}
        worst = max(pages, key=lambda name: pages[name])
        yield Result("P15", f"later pages, the longest list: {worst}", pages[worst] / 1000, "kB", None, "≤ 8 kB", pages[worst] <= 8000)
