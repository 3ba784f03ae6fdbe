"""What a person's hands and eyes do in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def press(page: Any, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()


def follow(page: Any, words: str | re.Pattern[str]) -> None:
    page.locator("main").get_by_role("link", name=words).last.click()
    page.wait_for_load_state()


def day(page: Any, legend: str, when: Any) -> None:
    group = page.get_by_role("group", name=re.compile(f"^{re.escape(legend)}"))
    for label, value in (("Day", when.day), ("Month", when.month), ("Year", when.year)):
        group.get_by_label(label, exact=True).fill(str(value))


def says(page: Any, words: str) -> None:
    """The page says it, or the page that is on its way: a click comes back before the next page is there."""
    expect(page.locator("body")).to_contain_text(words, use_inner_text=True, timeout=15_000)


def fits(page: Any) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{page.url} is {wide} px wide"


def file(name: str, content: bytes, kind: str = XLSX) -> dict[str, Any]:
    return {"name": name, "mimeType": kind, "buffer": content}


def downloaded(page: Any, link: Any) -> bytes:
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path()).read_bytes()
