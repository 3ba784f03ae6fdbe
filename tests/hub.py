"""A hub to test: the demonstration council in a folder of its own, and people who use it over HTTP."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from csc_hub import create_app, demonstration, schema
from csc_hub.db import db
from csc_hub.people.records import Person
from csc_hub.process.contexts.records import Context
from csc_hub.settings import Settings

CAST = {
    "coordinator": "Grace Mensah", "lead": "Priya Nair", "chair": "Helen Marsh", "other chair": "Samira Khan",
    "agency contact": "Joy Okafor", "other agency": "Tom Ward", "partner": "Sal Rossi", "ig officer": "Meera Patel",
    "administrator": "Owen Blake", "reader": "Frances Cole",
}
NAMES = {
    "school": "Coastlands Academy corridors", "interchange": "Harbour Road bus interchange", "peers": "Group A – Marina",
    "park": "Ferry Lane skate park", "centre": "Priory shopping centre food court",
}


def settings(folder: Path, **more: Any) -> Settings:
    """Settings of a test hub whose data lies in a folder."""
    made = Settings(
        secret="only-for-tests-only-for-tests-1234567890", data=folder, database_url=f"sqlite:///{folder / 'csc.sqlite3'}",
        url="http://localhost", demonstration=True, testing=True)
    return replace(made, **more)


class Hub:
    """One running hub and ways to use it."""

    def __init__(self, app: Flask):
        self.app = app

    def build(self) -> Hub:
        """Makes the schema and the demonstration council."""
        with self.app.app_context():
            schema.upgrade()
            demonstration.build()
        return self

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Code that looks into the database directly."""
        with self.app.app_context():
            yield

    def context(self, which: str) -> str:
        """The id of one of the demonstration's contexts."""
        with self.inside():
            return str(db.session.scalar(db.select(Context.id).where(Context.name == NAMES[which])))

    def be(self, role: str | None) -> User:
        """A browser in which somebody of the cast has signed in, or nobody."""
        user = User(self.app.test_client())
        if role:
            with self.inside():
                person = db.session.scalar(db.select(Person.id).where(Person.name == CAST[role]))
            answer = user.post("/sign-in/as", person=str(person))
            assert answer.status_code == 303, answer.text
        return user


class User:
    """Somebody at a browser: follows links, fills in forms with their CSRF token."""

    def __init__(self, client: FlaskClient):
        self.client = client

    def get(self, url: str, **kw: Any) -> TestResponse:
        """Looks at a page."""
        return self.client.get(url, **kw)

    def token(self, url: str = "/sign-in") -> str:
        """A CSRF token of this session."""
        for page in (url, "/sign-in", "/"):
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page, follow_redirects=True).text)
            if found:
                return found[1]
        return ""

    def post(self, url: str, follow: bool = False, page: str | None = None, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Sends a form as its page would, with the token and version that the page holds."""
        text = self.client.get(page or url, follow_redirects=True).text
        hidden = dict(re.findall(r'<input type="hidden" name="(csrf_token|version|seen)" value="([^"]*)"', text))
        if "csrf_token" not in hidden:
            hidden["csrf_token"] = self.token()
        data = {**hidden, **{name: value for name, value in fields.items() if value is not None}}
        return self.client.post(url, data=data, follow_redirects=follow, headers=headers, content_type="multipart/form-data" if any(
            isinstance(value, tuple) for value in data.values()) else None)


def copy(source: Path, target: Path, **more: Any) -> Hub:
    """A hub of one's own, copied from a built one."""
    shutil.copytree(source, target)
    return Hub(create_app(settings(target, **more)))


def words_of(answer: TestResponse) -> str:
    """What a person reads of a page, in one line."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.text, flags=re.S)
    import html

    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
