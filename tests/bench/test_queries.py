"""The made council loads, and no page asks more queries than its share, nor more in a council a hundred times as large."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from csc_hub import create_app
from tests.bench import queries
from tests.bench.lists import LISTS, places
from tests.bench.maker import council
from tests.hub import Hub, settings

FEW, MANY = 800, 80_000 // 10


@pytest.fixture(scope="module")
def councils(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A council, and one many times as large."""
    return council(FEW, tmp_path_factory.mktemp("few") / "hub"), council(MANY, tmp_path_factory.mktemp("many") / "hub")


def test_a_made_council_has_as_many_actions_as_asked_for(councils: tuple[Path, Path]) -> None:
    for folder, wanted in zip(councils, (FEW, MANY)):
        with sqlite3.connect(folder / "csc.sqlite3") as line:
            assert line.execute("SELECT count(*) FROM actions").fetchone()[0] == wanted
            assert not line.execute("PRAGMA foreign_key_check").fetchall()


def test_no_page_asks_more_than_its_share_nor_more_as_the_council_grows(councils: tuple[Path, Path]) -> None:
    few, many = (queries.counts(folder) for folder in councils)
    assert not {name: number for name, number in many.items() if number > (queries.PART if name.startswith("fragment") else queries.PAGE)}
    assert not {name: (few[name], many[name]) for name in many if many[name] > few[name]}


def test_an_export_asks_no_more_for_more_rows(councils: tuple[Path, Path]) -> None:
    asked, rows = queries.exports(councils[1])
    assert asked <= 6 + rows // 1000


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_every_list_goes_on_page_by_page_to_its_end(councils: tuple[Path, Path], one: object) -> None:
    hub, named = Hub(create_app(settings(councils[0]))), places(councils[0])
    user, url, pages, seen = hub.be(one.role), one.url.format(**named), 0, set()
    while url and pages < 60:
        text = user.get(url).text
        shown = re.findall(re.escape(one.row) + r".*?(?:</li>|</tr>|</div>)", text, re.S)
        assert 0 < len(shown) <= 200 and not seen & set(shown)
        seen |= set() if one.table == "events" else set(shown)
        found = re.search(r'class="govuk-link govuk-pagination__link" href="([^"]+)"', text)
        base = url.split("?")[0]
        url = (base + found[1] if found[1].startswith("?") else found[1]).replace("&amp;", "&") if found else ""
        pages += 1
    assert not url
