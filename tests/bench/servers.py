"""Starts the hub and the floor as they are served in earnest, and talks to them as one browser would."""

from __future__ import annotations

import glob
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from csc_hub.outbox import beside
from tests.hub import CAST

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "120", "--preload", "--no-control-socket", "--log-level", "warning"]
"""As `csc-hub serve` starts it."""


_cast: dict[int, dict[str, str]] = {}
"""Who is who in the hub that listens on a port."""


class Server:
    """A running gunicorn of two workers."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], seconds: float):
        self.port, self.process, self.seconds = port, process, seconds

    def workers(self) -> list[int]:
        """The workers' process ids."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def memory(self, what: str = "VmRSS") -> list[float]:
        """Each worker's resident memory now, or at its highest (VmHWM), in MB."""
        found = [re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in self.workers()]
        return [int(match[1]) / 1024 for match in found if match]

    def processor(self) -> float:
        """Milliseconds of processor time that the workers have used so far."""
        shares = (Path(path).read_text().split()[0] for pid in self.workers() for path in glob.glob(f"/proc/{pid}/task/*/schedstat"))
        return sum(int(share) for share in shares) / 1e6

    def forget_peaks(self) -> None:
        """Lets the highest memory be counted from now on."""
        for pid in self.workers():
            Path(f"/proc/{pid}/clear_refs").write_text("5")


class Browser:
    """One connection that stays open, its cookies, and no more than that."""

    def __init__(self, port: int, gzip: bool = False):
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Accept-Encoding": "gzip"} if gzip else {}
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, url: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """(status, body) of an answer, all of it read."""
        given = {**self.headers, **headers}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.line.request(method, url, body, given)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):  # idle for two seconds: gunicorn hung up
            self.line.close()
            self.line.request(method, url, body, given)
            answer = self.line.getresponse()
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        return answer.status, content

    def get(self, url: str, **headers: str) -> bytes:
        """A page that must be there."""
        status, content = self.ask("GET", url, **headers)
        assert status == 200, (url, status, content[:300])
        return content

    def token(self, url: str) -> str:
        """The CSRF token of a page."""
        found = re.search(rb'name="csrf_token" value="([^"]+)"', self.get(url, **{"Accept-Encoding": "identity"}))
        assert found, url
        return found[1].decode()

    def be(self, role: str) -> Browser:
        """Signs in as one of the cast."""
        sent = {"csrf_token": self.token("/sign-in"), "person": _cast[self.line.port][CAST[role]]}
        status, _ = self.ask("POST", "/sign-in/as", urlencode(sent),
                             **{"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 303, (role, status)
        return self


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def _running(command: list[str], env: dict[str, str], port: int, path: str, quiet: bool = False) -> Iterator[Server]:
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL if quiet else None, start_new_session=True)
    try:
        while True:
            try:
                Browser(port).get(path)
                break
            except OSError:
                assert process.poll() is None and time.perf_counter() - started < 60, f"{command} does not start"
                time.sleep(0.005)
        yield Server(port, process, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)  # gunicorn gives a worker that missed its signal thirty seconds


@contextmanager
def hub(folder: Path, quiet: bool = False, settled: bool = True, **env: str) -> Iterator[Server]:
    """The hub on this folder's data, by `csc-hub serve`; `quiet` where its worker would name every letter.

    `settled`: given out only once its mail worker, which starts after the first page, has loaded and no longer takes a core.
    """
    port = free_port()
    with sqlite3.connect(folder / "csc.sqlite3") as line:
        _cast[port] = {name: str(uuid.UUID(key)) for name, key in line.execute("SELECT name, id FROM people ORDER BY rowid DESC")}
    clean = {name: "" for name in os.environ if name.startswith("CSC_")}
    given = {**clean, "CSC_DATA": str(folder), "CSC_DEMONSTRATION": "1", "CSC_SECRET": "only-for-tests-only-for-tests-1234567890", "PORT": str(port), **env}
    with _running([sys.executable, "-m", "csc_hub.cli", "serve", "--port", str(port)], given, port, "/sign-in", quiet) as server:
        time.sleep(beside.START_SECONDS + 3 if settled else 0)
        yield server


@contextmanager
def floor(folder: Path, **env: str) -> Iterator[Server]:
    """The floor on the same data, by the same gunicorn."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{port}", "tests.bench.floor:app"]
    with _running(command, {"FLOOR_DATA": str(folder), **env}, port, "/ready") as server:
        yield server
