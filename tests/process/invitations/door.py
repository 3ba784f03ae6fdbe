"""The door of a conference that meets now: what a tap is, for the tests of its register."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest

from csc_hub.db import db, writing
from csc_hub.kernel import in_london, now, today
from csc_hub.process.conferences.records import Conference
from tests.hub import Hub, User, words_of


MINUTE = dt.timedelta(minutes=1)
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def moment_ago(minutes: int) -> dt.datetime:
    """So many minutes ago, or the first minute of today in London if that was yesterday."""
    found = now() - minutes * MINUTE
    return found if today(found) == today(now()) else in_london(today(now()), dt.time(0, 0))  # type: ignore[return-value]


class Door:
    """A meeting that is on, seen from its door."""

    def __init__(self, hub: Hub, role: str = "coordinator"):
        self.hub, self.user, self.context = hub, hub.be(role), hub.context("interchange")
        with hub.inside():
            self.conference = db.session.scalar(db.select(Conference.id).where(Conference.context_id == uuid.UUID(self.context)))
        self.url = f"/contexts/{self.context}/register/{self.conference}"

    def set(self, **facts: object) -> Door:
        """Changes the conference behind everybody's back."""
        with self.hub.inside(), writing():
            conference = db.session.get_one(Conference, self.conference)
            for name, value in facts.items():
                setattr(conference, name, value)
        return self

    def line(self, name: str, user: User | None = None) -> dict[str, str]:
        """The hidden fields of somebody's line, as their page holds them."""
        page = (user or self.user).get(self.url).text
        found = next(part for part in page.split('<li id="line-')[1:] if f'csc-door__name">{name}<' in part)
        return {"who": re.findall(r'name="who" value="([^"]+)"', found)[-1], "version": re.findall(r'name="version" value="(\d+)"', found)[-1]}

    def tap(self, name: str, deed: str, status: int = 303, user: User | None = None, **fields: str) -> str:
        """Taps, and what the page then says of this person."""
        answer = (user or self.user).post(f"{self.url}/mark", page=self.url, **{**self.line(name, user), "deed": deed, **fields})
        assert answer.status_code == status, words_of(answer)
        return self.says(name) if status == 303 else words_of(answer)

    def says(self, name: str) -> str:
        """What the register says of somebody."""
        page = self.user.get(self.url).text
        found = next((part for part in page.split('<li id="line-')[1:] if f'csc-door__name">{name}<' in part), "")
        return " ".join(re.sub(r"<[^>]+>", " ", f"<{found.split('</ul>')[0]}>").split()) if found else ""

    def numbers(self) -> str:
        """The first line of the register."""
        found = re.search(r'<p class="csc-numbers__said".*?</p>', self.user.get(self.url).text, re.S)
        assert found
        return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


@pytest.fixture
def door(hub: Hub) -> Door:
    """The bus interchange's conference, which began a quarter of an hour ago."""
    return Door(hub).set(starts_at=moment_ago(15))
