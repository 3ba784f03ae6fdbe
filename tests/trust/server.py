"""A real `csc-hub serve` in a process group of its own that can be killed at any moment and started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from csc_hub.adapters.storage import READ_SECONDS
from tests import browser, parts
from tests.hub import CAST, Hub
from tests.trust.client import Client


class Server:
    """The hub over one data folder, on one port."""

    def __init__(self, nursery: subprocess.Popen[str], data: Path, **more: str):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.nursery, self.data, self.pid = nursery, data, 0
        self.env = browser.environment(data, self.port, more)
        self.log = data / "server.log"
        self.patience = READ_SECONDS

    def start(self) -> None:
        """Starts it and waits until it answers."""
        asked = json.dumps({"env": self.env, "port": self.port, "log": str(self.log), "patience": self.patience})
        assert self.nursery.stdin and self.nursery.stdout
        self.nursery.stdin.write(asked + "\n")
        self.nursery.stdin.flush()
        self.pid = int(self.nursery.stdout.readline())
        give_up = time.monotonic() + parts.READY_SECONDS * 2
        while time.monotonic() < give_up:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=20) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"The hub did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9 of every process of it, and nothing left."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        while _lives(self.pid):
            time.sleep(0.005)
        self.pid = 0

    def client(self, person_id: str) -> Client:
        """Somebody signed in."""
        return Client(self.port).be(person_id)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def nursery() -> Iterator[subprocess.Popen[str]]:
    """Where servers are started from."""
    process = subprocess.Popen([sys.executable, "-m", "tests.trust.nursery"], cwd=browser.ROOT, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(20)


@contextmanager
def server(built: Path, data: Path, patience: float = READ_SECONDS, **more: str) -> Iterator[Server]:
    """A running hub over a copy of a built folder, killed at the end; `patience` is for an object store, in seconds."""
    if not data.exists():
        shutil.copytree(built, data)
    with nursery() as nest:
        running = Server(nest, data, **more)
        running.patience = patience
        running.start()
        try:
            yield running
        finally:
            running.kill()


def people(hub: Hub) -> dict[str, str]:
    """The ids of the cast, by role."""
    from csc_hub.db import db
    from csc_hub.people.records import Person

    with hub.inside():
        return {role: str(db.session.scalar(db.select(Person.id).where(Person.name == name))) for role, name in CAST.items()}


__all__ = ["Server", "nursery", "people", "server"]
