"""A hub with waiting letters, on either database, beside a real mail server."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from csc_hub import create_app, schema
from csc_hub.db import db, writing
from csc_hub.outbox import service, worker
from csc_hub.outbox.records import Outgoing
from tests.hub import settings
from tests.mail_server import MailServer

BEGIN = dt.datetime(2024, 3, 1, 9, 0, tzinfo=dt.timezone.utc)


class Post:
    """Queues letters, has them sent at a moment of one's choosing, and looks at what became of them."""

    def __init__(self, app: Flask, server: MailServer):
        self.app, self.server, self.clock = app, server, BEGIN
        self.started: list[subprocess.Popen[str]] = []

    def queue(self, number: int, now: dt.datetime = BEGIN, **more: Any) -> list[str]:
        """Queues so many letters in one transaction; their Message-IDs."""
        with self.app.app_context(), writing():
            return [service.queue(**{
                "kind": "test", "to_name": f"Jo {n}", "to_address": f"jo{n}@partner.example", "from_name": "Anyshire Council",
                "subject": "A conference", "text": "Secret words", "about": uuid.uuid4(), "now": now, **more}).message_id for n in range(number)]

    def send(self, later: dt.timedelta = dt.timedelta()) -> int:
        """Has all sent that is due so much later than last time."""
        self.clock += later
        return worker.send_due(self.app, now=lambda: self.clock)

    def rows(self) -> list[Outgoing]:
        """Every letter, in the order of its addressee."""
        with self.app.app_context():
            return list(db.session.scalars(db.select(Outgoing).order_by(Outgoing.to_address)))

    def command(self, *words: str) -> subprocess.Popen[str]:
        """A worker of its own, as somebody in IT starts it."""
        made = self.app.config["CSC"]
        env = {
            "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "CSC_SECRET": "kJ8s-2Lq0vXz7_Tn4BwYpR5mHc9DfGa1eUiOoN3",
            "CSC_URL": "https://hub.anyshire.example", "CSC_DATA": str(made.data), "CSC_DATABASE_URL": made.database_url,
            "CSC_MAIL_FROM": made.mail_from, "CSC_SMTP_HOST": self.server.host, "CSC_SMTP_PORT": str(self.server.port), "CSC_SMTP_SECURITY": "none"}
        self.started.append(subprocess.Popen(
            [sys.executable, "-m", "csc_hub.cli", "worker", *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return self.started[-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def post(request: pytest.FixtureRequest, tmp_path: Path, smtp: MailServer) -> Iterator[Post]:
    """An empty hub whose mail goes to the test's own mail server."""
    more: dict[str, Any] = {}
    if request.param == "postgresql":
        more = {"database_url": request.getfixturevalue("postgres_server").new_database()}
    app = create_app(settings(tmp_path, smtp=smtp.settings(), mail_from="csc@anyshire.example", **more))
    with app.app_context():
        schema.upgrade()
    made = Post(app, smtp)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
    with app.app_context():
        db.engine.dispose()
