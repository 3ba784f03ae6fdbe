"""The door of a conference in real browsers: two phones at once, a network that goes away, and no scripts."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from csc_hub.kernel import UTC, in_london, now, today
from tests.browser import PHONE, Server, axe
from tests.hub import NAMES
from tests.journeys.hands import downloaded, fits, follow, press, says

pytestmark = pytest.mark.browser


@pytest.fixture
def door(visit: Any, server: Server) -> Any:
    """Opens the register of the bus interchange, whose conference began a quarter of an hour ago."""
    begun = now() - dt.timedelta(minutes=15)
    if today(begun) != today(now()):
        begun = in_london(today(now()), dt.time(0, 0)) or begun
    with closing(sqlite3.connect(server.data / "csc.sqlite3", timeout=20)) as line, line:
        line.execute("DELETE FROM attendances WHERE conference_id IN (SELECT c.id FROM conferences c JOIN contexts x ON x.id = c.context_id WHERE x.name = ?)", (NAMES["interchange"],))
        line.execute("UPDATE conferences SET starts_at = ? WHERE context_id = (SELECT id FROM contexts WHERE name = ?)", (
            begun.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), NAMES["interchange"]))

    def open_(name: str, **settings: Any) -> Any:
        page = visit(name, viewport=PHONE, **settings)
        page.goto("/contexts?show=all")
        page.get_by_role("link", name=NAMES["interchange"]).first.click()
        page.get_by_role("link", name="Register", exact=True).click()
        page.get_by_role("heading", name="Register", exact=True).wait_for()
        return page

    return open_


def tap(page: Any, what: str, name: str) -> None:
    """A thumb on a button."""
    page.get_by_role("button", name=re.compile(rf"^{what}\s.*{name}$")).click()
    page.wait_for_load_state()


def line(page: Any, name: str) -> Any:
    """Somebody's line."""
    return page.locator(".csc-door__line", has_text=name)


def test_two_phones_at_the_door_see_each_other_live(door: Any) -> None:
    grace, priya = door("Grace Mensah"), door("Priya Nair")
    fits(grace)
    tap(grace, "In person", "Tom Ward")
    line(grace, "Tom Ward").get_by_text("Arrived").wait_for()
    assert grace.evaluate("document.activeElement.id").startswith("said-"), "the focus stays in the line"
    line(priya, "Tom Ward").get_by_text("Arrived").wait_for()
    says(priya, "1 here now · 1 apology · 6 not here yet")
    tap(priya, "Online", "Leanne Foss")
    line(grace, "Leanne Foss").get_by_text("Arrived").wait_for()
    for deed in ("Confidentiality acknowledged", "Left"):
        tap(grace, deed, "Tom Ward")
        line(grace, "Tom Ward").locator("[aria-pressed=true]").wait_for()
    line(grace, "Tom Ward").get_by_text("before the end").wait_for()
    says(grace, "1 here now · 1 left · 1 apology · 5 not here yet")
    assert not axe(grace)
    fits(grace)


def test_a_page_that_asks_again_leaves_focus_and_scroll_alone(door: Any) -> None:
    grace, priya = door("Grace Mensah"), door("Priya Nair")
    asked: list[int] = []
    grace.on("response", lambda r: asked.append(r.status) if "seen=" in r.url else None)
    grace.get_by_role("button", name=re.compile("^By phone.*Sal Rossi$")).focus()
    here = "[document.activeElement.innerText, Math.round(scrollY)]"
    before = grace.evaluate(here)
    tap(priya, "Apologies", "David Hollis")
    line(grace, "David Hollis").get_by_role("button", name=re.compile("^Undo")).wait_for()
    grace.wait_for_timeout(11_000)
    assert grace.evaluate(here)[0] == before[0]
    assert asked.count(200) == 1 and 1 <= asked.count(204) <= 4, f"it asks every five seconds and is told only what is new: {asked}"


def test_the_later_of_two_different_taps_is_told_what_the_other_noted(door: Any, visit: Any) -> None:
    grace, priya = door("Grace Mensah"), door("Priya Nair")
    priya.route("**/*seen=*", lambda route: route.abort())  # a phone that has not heard of it yet
    visit.watch.expected.append("net::ERR_FAILED")
    tap(grace, "In person", "Nick Penrose")
    line(grace, "Nick Penrose").get_by_text("Arrived").wait_for()
    tap(priya, "Did not attend", "Nick Penrose")
    line(priya, "Nick Penrose").get_by_text("Grace Mensah noted meanwhile of Nick Penrose: in person. Nothing of yours was noted").wait_for()
    line(priya, "Nick Penrose").get_by_text("Arrived").wait_for()
    says(priya, "1 here now")


def test_a_tap_that_does_not_reach_the_hub_is_said(door: Any, visit: Any) -> None:
    grace = door("Grace Mensah")
    visit.watch.expected += ["net::ERR_INTERNET_DISCONNECTED", "htmx"]
    grace.context.set_offline(True)
    tap(grace, "In person", "Tom Ward")
    grace.get_by_text("The hub cannot be reached just now").wait_for()
    grace.context.set_offline(False)
    grace.get_by_text("The hub cannot be reached just now").wait_for(state="hidden")
    tap(grace, "In person", "Tom Ward")
    line(grace, "Tom Ward").get_by_text("Arrived").wait_for()


def test_a_whole_register_without_scripts(door: Any) -> None:
    grace = door("Grace Mensah", java_script_enabled=False)
    for deed, name in (("In person", "Tom Ward"), ("Confidentiality acknowledged", "Tom Ward"), ("Left", "Tom Ward"), ("Still here", "Tom Ward"), ("Did not attend", "Kemi Ajayi")):
        tap(grace, deed, name)
    follow(grace, "Somebody who is not on the list")
    grace.get_by_label("Full name").wait_for()
    fits(grace)
    grace.get_by_label("Full name").fill("Una Grey")
    grace.get_by_label("Agency").select_option(label="Street Lighting")
    grace.get_by_label("In person").check()
    press(grace, "Put them on the register")
    says(grace, "2 here now · 1 apology · 1 did not attend · 5 not here yet")
    follow(grace, re.compile("^Correct.*Una Grey$"))
    grace.get_by_label("Arrived").fill("half past")
    press(grace, "Save this line")
    says(grace, "Arrived must be a time")
    grace.get_by_label("Arrived").fill("10.05")
    press(grace, "Save this line")
    says(grace, "Arrived 10:05")
    follow(grace, "Record what the chair says")
    grace.get_by_label("No, it is not").check()
    grace.get_by_label("Why, in a sentence or two").fill("Nobody can change the lights.")
    press(grace, "Record it")
    says(grace, "Not sufficient Nobody can change the lights.")
    fits(grace)
    assert downloaded(grace, grace.get_by_role("link", name="Print the register to sign"))[:2] == b"PK"
