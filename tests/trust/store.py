"""The object store out of order: what is promised is kept, what is not kept is said, and everybody else works on (R5)."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
from collections import Counter
from contextlib import contextmanager
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from csc_hub import create_app
from csc_hub.adapters.storage import Missing, S3Store
from csc_hub.cli import sweep_papers
from csc_hub.settings import S3Settings
from tests import parts
from tests.browser import s3_settings
from tests.hub import Hub, copy, settings
from tests.trust.books import Books
from tests.trust.client import Client, Faults
from tests.trust.proxy import FAULTS, HALF, TRUTH, Line
from tests.trust.server import Server, people, server
from tests.trust.stage import Outcome, Stage

AT_ONCE = 3
PATIENCE = 1.0


def outages(stage: Stage) -> Outcome:
    """R5: each fault a hundred times: no row without an object, no orphan after the sweep, recovers by itself."""
    bucket, line, found, told = stage.s3.new_bucket(), Line(), Outcome(), []
    data = stage.folder("outage") / "data"
    hub = copy(stage.built, data)
    who, context = people(hub)["coordinator"], hub.context("school")
    _move_papers(hub, bucket)
    with parts.between(bucket, line) as crooked, server(data, data, PATIENCE, **s3_settings(crooked)) as running:
        team = [running.client(who) for _ in range(AT_ONCE)]
        numbers = iter(range(1_000_000))
        kept = [_kept(team[0], context, next(numbers))]
        for fault in FAULTS:
            line.fault = fault
            with _others_at_work(running, who) as seconds:
                said = _trials(team, context, numbers, stage.times(3, 100), fault, found, kept)
                said += _downloads(team[0], context, hub, stage.times(1, 10), fault, found)
            line.fault = ""
            p95 = sorted(seconds)[int(len(seconds) * 0.95)] if seconds else 99.0
            found.expect(p95 < 1, f"while the store {fault}, other pages took {p95:.2f} s at the 95th percentile of {len(seconds)}")
            found.expect(_recovers(team[0], context, next(numbers), kept), f"after the store had been one that {fault}, uploads did not work again")
            told.append(f"{fault}: {dict(said)}, other pages p95 {p95:.2f} s")
    swept = _reconcile(hub, bucket, kept, found)
    found.figure = "; ".join(told) + f"; {swept} objects without a row, {len(found.failed)} failures"
    return found


def _move_papers(hub: Hub, bucket: parts.S3Server) -> None:
    """The papers of the demonstration, into the object store."""
    import io

    store = S3Store(bucket)
    with hub.inside():
        for key in hub.app.extensions["csc_store"].keys():
            content = b"".join(hub.app.extensions["csc_store"].open(key))
            store.put(key, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())


def _content(number: int) -> bytes:
    return (f"Notes {number}: ".encode() + TRUTH * (2 * HALF // len(TRUTH)))[:2 * HALF]


def _upload(client: Client, context: str, content: bytes) -> Any:
    return client.upload(f"/contexts/{context}/assessment/reports/add", "notes.txt", content, kind="safer_me", nobody="y", note="")


def _kept(client: Client, context: str, number: int) -> str:
    content = _content(number)
    answer = _upload(client, context, content)
    assert answer.status == 303, (answer.status, answer.text[-800:])
    return hashlib.sha256(content).hexdigest()


def _trials(team: list[Client], context: str, numbers: Iterator[int], times: int, fault: str, found: Outcome, kept: list[str]) -> Counter[str]:
    """So many uploads while the store is out of order; each is kept or refused in words at its field."""
    todo, said, lock = [next(numbers) for _ in range(times)], Counter[str](), threading.Lock()

    def go(client: Client) -> None:
        while True:
            with lock:
                if not todo:
                    return
                number = todo.pop()
            content = _content(number)
            try:
                answer = _upload(client, context, content)
                refused = answer.status == 422 and "does not answer, so the file was not kept" in answer.text
                status = "kept" if answer.status == 303 else "refused" if refused else f"{answer.status}"
            except Faults as broken:
                status = type(broken).__name__
            with lock:
                said[status] += 1
                found.expect(status in ("kept", "refused"), f"while the store {fault}, an upload was answered {status}")
                if status == "kept":
                    kept.append(hashlib.sha256(content).hexdigest())

    _all([threading.Thread(target=go, args=(client,)) for client in team])
    return said


def _downloads(client: Client, context: str, hub: Hub, times: int, fault: str, found: Outcome) -> Counter[str]:
    """A paper asked for meanwhile: a page that says it cannot be had, or the line breaks; never other bytes."""
    books, said = _books(hub), Counter[str]()
    paper, sha256 = books.rows("SELECT id, sha256 FROM papers WHERE size = 200000 ORDER BY uploaded_at LIMIT 1")[0]
    for _ in range(times):
        try:
            answer = client.get(f"/contexts/{context}/papers/{_dashed(paper)}")
            right = answer.status == 200 and hashlib.sha256(answer.body).hexdigest() == sha256
            status = "opened" if right else "WRONG BYTES" if answer.status == 200 else str(answer.status)
        except http.client.IncompleteRead:
            status = "broke off"
        except Faults as broken:
            status = type(broken).__name__
        said[f"paper {status}"] += 1
        found.expect(status in ("opened", "503", "broke off"), f"while the store {fault}, a paper was answered {status}")
    return said


def _dashed(some_id: str) -> str:
    import uuid

    return str(uuid.UUID(some_id))


def _books(hub: Hub) -> Books:
    config = hub.app.config["CSC"]
    return Books(config.database_url, config.data)


@contextmanager
def _others_at_work(running: Server, who: str) -> Iterator[list[float]]:
    """Somebody else reads pages all the while; how long each took. A page that fails counts as a minute."""
    seconds: list[float] = []
    over, client = threading.Event(), running.client(who)

    def read() -> None:
        while not over.wait(0.03):
            began = time.monotonic()
            try:
                answer = client.get("/contexts")
                seconds.append(time.monotonic() - began if answer.status == 200 else 60.0)
            except Faults:
                seconds.append(60.0)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield seconds
    finally:
        over.set()
        reader.join()


def _recovers(client: Client, context: str, number: int, kept: list[str]) -> bool:
    """Whether an upload works again within ten seconds, with nobody doing anything."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        try:
            kept.append(_kept(client, context, number))
            return True
        except (AssertionError, *Faults):
            time.sleep(0.2)
    return False


def _reconcile(hub: Hub, bucket: parts.S3Server, kept: list[str], found: Outcome) -> int:
    """No row without its object, nothing acknowledged lost, and no object without a row once the sweep was made; how many it took."""
    store, books = S3Store(bucket), _books(hub)
    rows = books.rows("SELECT key, sha256 FROM papers UNION ALL SELECT key, sha256 FROM batches")
    for key, sha256 in rows:
        try:
            same = hashlib.sha256(b"".join(store.open(key))).hexdigest() == sha256
        except Missing:
            same = False
        found.expect(same, f"the row {key} has no object, or another one")
    lost = Counter(kept) - Counter(sha256 for _, sha256 in rows)
    found.expect(not lost, f"{len(lost)} acknowledged uploads are lost")
    left = set(store.keys()) - {key for key, _ in rows}
    fields = {name: getattr(bucket, name) for name in ("endpoint", "region", "bucket", "access_key", "secret_key", "path_style")}
    app = create_app(settings(hub.app.config["CSC"].data, s3=S3Settings(**fields)))
    with app.app_context(), patch("csc_hub.cli.time.sleep"):  # nobody is uploading any more, so the sweep need not wait for them
        swept = app.test_cli_runner().invoke(sweep_papers, ["--remove"])
    found.expect(swept.exit_code == 0, f"the sweep failed: {swept.output} {swept.exception}")
    found.expect(left, "no trial left an object without a row, so the sweep had nothing to show")
    orphans = set(store.keys()) - {key for key, _ in rows}
    found.expect(not orphans, f"{len(orphans)} objects without a row are left after the sweep")
    return len(left)


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
