"""The hub as people meet it: the real server on a port of its own, and a browser that notices every fault.

`serving` runs `csc-hub serve` in a process of its own, as in earnest. `Watch` fails a test on a script error, a
breach of the content security policy, an error in the console, or an answer of 500 and above.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import parts

ROOT = Path(__file__).resolve().parents[1]
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run",
    "--disable-component-update",
]
WIDE, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 720}, {"width": 320, "height": 640}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Server:
    """A running hub."""

    url: str
    data: Path
    log: Path

    @property
    def samples(self) -> Path:
        """The demonstration's files to try."""
        return self.data / "samples"


def s3_settings(server: parts.S3Server) -> dict[str, str]:
    """What the environment says of a place for papers."""
    return {
        "CSC_S3_ENDPOINT": server.endpoint, "CSC_S3_REGION": server.region, "CSC_S3_BUCKET": server.bucket,
        "CSC_S3_ACCESS_KEY": server.access_key, "CSC_S3_SECRET_KEY": server.secret_key,
    }


def environment(data: Path, port: int, more: dict[str, str]) -> dict[str, str]:
    """The environment of a demonstration: nothing of our own settings leaks into it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CSC_")}
    return own | {"CSC_DATA": str(data), "CSC_DEMONSTRATION": "1", "PORT": str(port), "PYTHONUNBUFFERED": "1"} | more


def demo(data: Path, **more: str) -> None:
    """`csc-hub demo`."""
    subprocess.run([sys.executable, "-m", "csc_hub.cli", "demo"], cwd=ROOT, env=environment(data, 8000, more), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(data: Path, **more: str) -> Iterator[Server]:
    """`csc-hub serve` over a folder that `csc-hub demo` has filled, with further settings as keyword arguments."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = data / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "csc_hub.cli", "serve", "--port", str(port)], cwd=ROOT, env=environment(data, port, more),
            stdout=out, stderr=out, start_new_session=True)
    server = Server(f"http://127.0.0.1:{port}", data, log)
    try:
        _until_it_answers(server, process)
        yield server
    finally:
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, how)
                process.wait(15)
                break


def _until_it_answers(server: Server, process: subprocess.Popen) -> None:
    give_up = time.monotonic() + parts.READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{server.url}/sign-in", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"The hub did not start:\n{server.log.read_text()}")


@contextmanager
def demonstration(**more: str) -> Iterator[Server]:
    """A fresh demonstration council, served."""
    with tempfile.TemporaryDirectory(prefix="csc-hub-", ignore_cleanup_errors=True) as folder:
        demo(Path(folder), **more)
        with serving(Path(folder), **more) as server:
            yield server


@contextmanager
def copied(built: Path, to: Path, **more: str) -> Iterator[Server]:
    """A copy of a demonstration that was built before, served."""
    shutil.copytree(built, to)
    with serving(to, **more) as server:
        yield server


@contextmanager
def chromium() -> Iterator[Any]:
    """Headless Chromium through Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        parts.missing("Playwright", "pip install playwright==1.65.2")
    path = parts.chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGS)
        try:
            yield browser
        finally:
            for context in browser.contexts:
                context.close()  # closing the browser over open windows can hang
            browser.close()


@dataclass
class Watch:
    """Everything that went wrong in a browser's pages. A page that the hub itself answers with 4xx is no fault."""

    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    _documents: set[str] = field(default_factory=set)

    def over(self, context: Any) -> None:
        """Watches all pages of a browser context."""
        context.set_default_timeout(12_000)
        context.on("page", self._page)
        for page in context.pages:
            self._page(page)

    def _page(self, page: Any) -> None:
        page.on("pageerror", lambda error: self._note(f"script error on {page.url}: {error}"))
        page.on("console", self._console)
        page.on("response", self._response)

    def _response(self, response: Any) -> None:
        if response.request.resource_type in ("document", "fetch"):
            self._documents.add(response.url)
        if response.status >= 500:
            self._note(f"{response.status} {response.request.method} {response.url}")

    def _console(self, message: Any) -> None:
        if message.type != "error":
            return
        where = (message.location or {}).get("url", "")
        told = re.match(r"Failed to load resource: the server responded with a status of 4\d\d", message.text)
        if told and where.partition("#")[0] in self._documents:
            return
        self._note(f"console on {where}: {message.text}")

    def _note(self, fault: str) -> None:
        if not any(words in fault for words in self.expected):
            self.faults.append(fault)

    def nothing_wrong(self) -> None:
        """Raises `AssertionError` with every fault."""
        assert not self.faults, "\n".join(self.faults)


def sign_in(page: Any, server: Server, name: str) -> None:
    """Chooses somebody of the cast."""
    page.goto(f"{server.url}/sign-in")
    page.get_by_role("button", name=f"Sign in as {name},").click()
    page.get_by_role("button", name="Sign out").wait_for()


def press(page: Any, button: Any) -> None:
    """Presses a button that leads to another page, and waits until that page stands."""
    with page.expect_navigation():  # asking the page again and again would need eval, which its content security policy forbids
        button.click()


def axe(page: Any) -> list[str]:
    """Every violation axe finds on a page, in a line each."""
    source = ROOT / "tests/vendor/axe-core-4.14.1/axe.min.js"
    page.evaluate(source.read_text() + "\n;0")
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS)
    return [f"{v['id']} ({v['impact']}): {v['help']}: " + " | ".join(n["html"][:150] for n in v["nodes"][:3]) for v in found["violations"]]


def is_dead(url: str) -> bool:
    """Whether nothing answers there any more."""
    try:
        urllib.request.urlopen(url, timeout=2)
    except urllib.error.HTTPError:
        return False
    except OSError:
        return True
    return False
