"""P5 and P16: recording a reply beside a bare write of the same rows, and five hundred invitations by one press."""

from __future__ import annotations

import hashlib
import html
import re
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from csc_hub import create_app
from tests.bench import servers
from tests.bench.lists import places
from tests.bench.maker import ROOT, SIZES, copied, council
from tests.bench.results import Result, at_most, middle
from tests.bench.servers import Browser
from tests.hub import Hub, settings

MANY, PRESSES, REPLIES, IDLE = 500, 3, 60, 40
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HIDDEN = re.compile(r'<input type="hidden" name="(csrf_token|version|loaded)" value="([^"]*)"')


@contextmanager
def _copied() -> Iterator[Path]:
    """A copy of the middle council, as what is measured here changes it."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix="copy-", ignore_cleanup_errors=True) as folder:
        copied(council(SIZES["100k"]), Path(folder) / "data")
        yield Path(folder) / "data"


def invited(folder: Path, context: str, number: int, sent: bool) -> list[tuple[str, str]]:
    """(id, token) of so many people on a list that is otherwise empty, four weeks ahead; where `sent`, as after sending: with links, and told of the day."""
    at, made = "2026-01-01 10:00:00.000000", []
    with closing(sqlite3.connect(folder / "csc.sqlite3")) as line, line:
        meeting, = line.execute("SELECT id FROM conferences WHERE context_id = ? ORDER BY number DESC", (uuid.UUID(context).hex,)).fetchone()
        agency, = line.execute("SELECT id FROM agencies WHERE active ORDER BY name").fetchone()
        line.execute("UPDATE conferences SET starts_at = datetime('now', '+28 days', 'start of day', '+10 hours') || '.000000' WHERE id = ?", (meeting,))
        line.execute("DELETE FROM links WHERE about_id IN (SELECT id FROM invitations WHERE conference_id = ?)", (meeting,))
        line.execute("DELETE FROM invitations WHERE conference_id = ?", (meeting,))
        for _ in range(number):
            key, token = uuid.uuid4().hex, uuid.uuid4().hex
            line.execute("INSERT INTO people (id, version, name, email, job_title, phone, access_needs, agency_id, active, session_key) VALUES (?, 1, ?, ?, '', '', '', ?, 1, ?)",
                         (key, f"Guest {key[:8]}", f"{key}@guests.example", agency, uuid.uuid4().hex))
            line.execute("INSERT INTO invitations (id, version, conference_id, person_id, agency_id, why, note, reply, reason, deputy, added_at, sequence, sent_at, sent_by, "
                         "access_needs, contribution) VALUES (?, 1, ?, ?, ?, '[1]', '', 'none', '', '', ?, 0, ?, '', '', '')",
                         (key, meeting, key, agency, at, at if sent else None))
            if sent:
                line.execute("INSERT INTO links (id, purpose, about_id, address, token_hash, code_hash, made_at, until) VALUES (?, 'invitation', ?, '', ?, '', ?, '2099-01-01 00:00:00.000000')",
                             (uuid.uuid4().hex, key, hashlib.sha256(token.encode()).hexdigest(), at))
            made.append((key, token))
        if sent:
            line.execute("UPDATE invitations SET told_at = (SELECT starts_at FROM conferences WHERE id = conference_id) WHERE conference_id = ?", (meeting,))
    return made


def _form(page: bytes, **fields: str) -> str:
    return urlencode({**{name: html.unescape(value) for name, value in HIDDEN.findall(page.decode())}, **fields})


def p5() -> Iterator[Result]:
    """A reply through the link, and the floor's bare write of the same three rows, in turns."""
    with _copied() as folder:
        guests = invited(folder, places(folder)["assessed"], REPLIES + 10, sent=True)
        mine, theirs = [], []
        with servers.hub(folder) as hub, servers.floor(folder) as bare:
            other = Browser(bare.port)
            for key, token in guests:
                mine.append(_reply(Browser(hub.port), token))
                started = time.perf_counter()
                status, _ = other.ask("POST", "/reply", urlencode({"invitation": key, "reply": "accepted"}), **FORM)
                theirs.append((time.perf_counter() - started) * 1000)
                assert status == 303, status
    yield at_most("P5", "a reply through the link: p50; floor: the same rows", middle(mine[10:]), middle(theirs[10:]), 2)


def _reply(browser: Browser, token: str) -> float:
    """Milliseconds of one answer."""
    browser.ask("POST", f"/i/{token}", urlencode({"csrf_token": browser.token(f"/i/{token}")}), **FORM)
    sent = _form(browser.get("/invitation"), reply="accepted", reason="", colleague="", address="", needs="", contribution="")
    started = time.perf_counter()
    status, content = browser.ask("POST", "/invitation", sent, **FORM)
    taken = (time.perf_counter() - started) * 1000
    assert status == 303, (status, content[:300])
    return taken


def p16() -> Iterator[Result]:
    """Three presses of five hundred invitations each, and the list of contexts before and during each."""
    presses, idle, meanwhile = [], [], []
    with _copied() as folder:
        context = places(folder)["assessed"]
        for _ in range(PRESSES):
            chosen = [key for key, _ in invited(folder, context, MANY, sent=False)]
            with servers.hub(folder, quiet=True) as hub:
                taken, before, during = _press(hub.port, context, chosen)
            presses.append(taken)
            idle += before
            meanwhile += during
            with closing(sqlite3.connect(folder / "csc.sqlite3", timeout=30)) as line, line:
                queued, = line.execute(f"SELECT count(DISTINCT about) FROM outgoing WHERE about IN ({','.join('?' * MANY)})", chosen).fetchone()
                assert queued == MANY, f"{queued} letters are queued"
                line.execute("DELETE FROM outgoing")  # the next press finds an idle worker
    yield Result("P16", f"{MANY} invitations queued by one press, the middle of {PRESSES}", middle(presses), "s", None, "≤ 1.0 s", middle(presses) <= 1, again)
    yield at_most("P16", f"the list of contexts meanwhile, p50 of {len(meanwhile)}; floor: idle", middle(meanwhile), middle(idle), 1.5)


def _list(port: int, cookies: dict[str, str]) -> float:
    """Milliseconds of the list of contexts, on a connection of its own, so that either worker may answer."""
    browser = Browser(port)
    browser.cookies = dict(cookies)
    started = time.perf_counter()
    browser.get("/contexts")
    taken = (time.perf_counter() - started) * 1000
    browser.line.close()
    return taken


def _press(port: int, context: str, chosen: list[str]) -> tuple[float, list[float], list[float]]:
    """Seconds of the press, and milliseconds of the list before it and during it."""
    presser, reader, url = Browser(port).be("coordinator"), Browser(port).be("coordinator"), f"/contexts/{context}/invitations/send"
    for _ in range(20):
        _list(port, reader.cookies)
    before = [_list(port, reader.cookies) for _ in range(IDLE)]
    sent = [("csrf_token", presser.token(url)), *(("chosen", str(uuid.UUID(key))) for key in chosen)]
    taken, during = list[float](), list[float]()

    def press() -> None:
        started = time.perf_counter()
        status, content = presser.ask("POST", url, urlencode(sent), **FORM)
        taken.append(time.perf_counter() - started)
        assert status == 303, (status, content[:300])

    thread = threading.Thread(target=press)
    thread.start()
    while thread.is_alive():
        during.append(_list(port, reader.cookies))
    thread.join()
    assert taken, "the press failed"
    return taken[0], before, during


def again() -> None:
    """The same press inside this process, for the profiler."""
    with _copied() as folder:
        context = places(folder)["assessed"]
        chosen = [str(uuid.UUID(key)) for key, _ in invited(folder, context, MANY, sent=False)]
        user = Hub(create_app(settings(folder))).be("coordinator")
        answer = user.post(f"/contexts/{context}/invitations/send", chosen=chosen)
        assert answer.status_code == 303, answer.text[:300]
