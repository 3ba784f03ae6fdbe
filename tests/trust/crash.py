"""kill -9 in the middle of an upload or an import, on both databases: nothing acknowledged is lost, nothing half done (R1)."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from csc_hub import create_app, kernel
from csc_hub.db import db, writing
from csc_hub.people.records import Agency, Person
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans.records import Action, Plan, Worry
from tests.hub import CAST, NAMES, Hub, copy, settings
from tests.papers.test_filetypes import GOOD
from tests.trust.books import Books, Ledger, doubled
from tests.trust.client import Client, Faults
from tests.trust.server import Server, server
from tests.trust.stage import Outcome, Stage

ACTIONS = 20
WARM = 3


class Work(ABC):
    """Something people do over and over, and how to tell afterwards whether each time was kept whole."""

    def __init__(self, hub: Hub, running: Server, books: Books, ledger: Ledger):
        self.books, self.ledger, self.running, self.count = books, ledger, running, 0
        self.seconds: list[float] = []
        self.school = hub.context("school")
        with hub.inside():
            self.reference = db.session.get_one(Context, _uuid(self.school)).reference
            self.agency = str(db.session.scalar(db.select(Agency.id).where(Agency.name == "Housing")))
            who = str(db.session.scalar(db.select(Person.id).where(Person.name == CAST["coordinator"])))
        with hub.inside():
            db.engine.dispose()  # from here on only the server is at the database
        self.clients = [running.client(who) for _ in range(self.at_once)]

    at_once = 1
    short: tuple[str, ...] = ("SQLite", "PostgreSQL")
    """The databases in short form."""

    @abstractmethod
    def ready(self) -> None:
        """What has to be there before the moment that counts."""

    @abstractmethod
    def once(self, client: Client) -> None:
        """Does it once, and writes in the ledger what was sent and what was acknowledged."""

    @abstractmethod
    def again(self, client: Client, key: str) -> str:
        """Sends once more what was never answered, as a person would; a fault, or nothing."""

    @abstractmethod
    def faults(self) -> list[str]:
        """What is lost, half done or doubled."""

    def timed(self, client: Client) -> None:
        """Once, and how long it took."""
        began = time.monotonic()
        self.once(client)
        self.seconds.append(time.monotonic() - began)

    def unanswered(self) -> list[str]:
        """What was sent and never answered."""
        known = set(self.ledger.keys("kept"))
        return [key for key in dict.fromkeys(self.ledger.keys("sent")) if key not in known]


def _uuid(text: str) -> Any:
    import uuid

    return uuid.UUID(text)


class Uploads(Work):
    """Reports, by two people at once."""

    at_once = 2

    def ready(self) -> None:
        """Nothing."""

    def once(self, client: Client) -> None:
        """A new report: every second one a Word document, which is looked into first."""
        self.count += 1
        name = ("notes.txt", "minutes.docx")[self.count % 2]
        content = GOOD[name] + f" {self.count}".encode() if name.endswith("txt") else _docx(self.count)
        key = hashlib.sha256(content).hexdigest()
        (self.ledger.path.parent / key).write_bytes(content)
        self.ledger.write("sent", key, name=name)
        answer = self._send(client, name, content)
        if answer.status != 303:
            raise AssertionError(f"an upload was answered {answer.status}: {_error(answer.text)}")
        self.ledger.write("kept", key)

    def _send(self, client: Client, name: str, content: bytes) -> Any:
        return client.upload(f"/contexts/{self.school}/assessment/reports/add", name, content, kind="safer_me", nobody="y", note="")

    def again(self, client: Client, key: str) -> str:
        """Kept now, or refused as the same file as before."""
        content = (self.ledger.path.parent / key).read_bytes()
        answer = self._send(client, "again.docx" if content.startswith(b"PK") else "again.txt", content)
        if answer.status == 303 or answer.status == 422 and "the same file as version" in answer.text:
            self.ledger.write("kept", key)
            return ""
        return f"sent again after the crash, an upload was answered {answer.status}: {_error(answer.text)}"

    def faults(self) -> list[str]:
        """Each acknowledged file once, with its version and its event."""
        there = [row[0] for row in self.books.rows("SELECT sha256 FROM papers")]
        found = [f"an acknowledged upload is lost: {key[:12]}" for key in set(self.ledger.keys("kept")) - set(there)]
        found += [f"an upload is there twice: {key[:12]}" for key in set(doubled(there)) & set(self.ledger.keys("sent"))]
        loose = self.books.rows("SELECT p.id FROM papers p WHERE (SELECT count(*) FROM report_versions v WHERE v.paper_id = p.id) <> 1 "
                                "OR (SELECT count(*) FROM events e WHERE e.subject = p.id AND e.verb = 'uploaded_paper') > 1")
        loose += self.books.rows("SELECT e.subject FROM events e WHERE e.verb = 'uploaded_paper' AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.id = e.subject)")
        silent = self.books.rows("SELECT p.sha256 FROM papers p WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.subject = p.id AND e.verb = 'uploaded_paper')")
        found += [f"a paper without an event: {sha256[:12]}" for sha256, in silent if sha256 in self.ledger.keys("sent")]
        numbers = self.books.rows("SELECT report_id, number, count(*) FROM report_versions GROUP BY report_id, number HAVING count(*) > 1")
        return found + [f"half an upload: {row}" for row in loose] + [f"two versions of one number: {row}" for row in numbers]


class Imports(Work):
    """An agency's workbook that changes twenty actions and has one bad cell, applied by one person after another."""

    waiting: tuple[str, str] | None = None

    def ready(self) -> None:
        """The next workbook, uploaded and looked at."""
        self.waiting = self._upload(self.clients[0])

    def _upload(self, client: Client) -> tuple[str, str]:
        self.count += 1
        rows = "".join(f"{self.reference}/{100 + n};In progress;Workbook {self.count}, action {n}\r\n" for n in range(ACTIONS))
        answer = client.upload(f"/contexts/{self.school}/updates/upload", "back.csv", f"Action ref;Status;Update\r\n{rows}{self.reference}/07;Sort of;\r\n".encode(), agency_id=self.agency)
        if answer.status != 303:
            raise AssertionError(f"a workbook was answered {answer.status}: {_error(answer.text)}")
        return answer.location, self._seen(client, answer.location)

    def _seen(self, client: Client, url: str) -> str:
        seen = re.search(r'name="seen" value="(\w+)"', client.get(url).text)
        return seen[1] if seen else ""

    def once(self, client: Client) -> None:
        """Applies the workbook that waits."""
        url, seen = self.waiting or self._upload(client)
        self.waiting = None
        self.ledger.write("sent", url)
        answer = client.post(url, seen=seen, rest="y")  # a CSV says nothing of what stood there: all of it is asked about, and taken
        if answer.status != 303:
            raise AssertionError(f"applying was answered {answer.status}: {_error(answer.text)}")
        self.ledger.write("kept", url)

    def again(self, client: Client, key: str) -> str:
        """Applied now, or refused because it was."""
        answer = client.post(key, seen=self._seen(client, key), rest="y")
        if answer.status == 303 or answer.status == 422 and "applied already" in answer.text:
            self.ledger.write("kept", key)
            return ""
        return f"sent again after the crash, an import was answered {answer.status}: {_error(answer.text)}"

    def faults(self) -> list[str]:
        """Every applied workbook changed twenty actions, holds its bad cell and has its events; every other did none of it."""
        updates = dict(self.books.rows("SELECT batch_id, count(*) FROM updates WHERE batch_id IS NOT NULL GROUP BY batch_id"))
        events = {verb: dict(self.books.rows(f"SELECT subject, count(*) FROM events WHERE verb = '{verb}' GROUP BY subject"))
                  for verb in ("applied_updates", "uploaded_updates")}
        states = dict(self.books.rows("SELECT id, state FROM batches"))
        held = dict(self.books.rows("SELECT batch_id, count(*) FROM held GROUP BY batch_id"))
        found = []
        for batch, state in states.items():
            there = (updates.get(batch, 0), events["applied_updates"].get(batch, 0), events["uploaded_updates"].get(batch, 0), held.get(batch, 0))
            if there != ((ACTIONS, 1, 1, 1) if state == "applied" else (0, 0, 1, 0)):
                found.append(f"half an import: {batch} is {state} with {there[0]} updates, {there[1]} and {there[2]} events, {there[3]} held")
        kept = {key.rpartition("/")[2].replace("-", "") for key in self.ledger.keys("kept")}
        found += [f"an acknowledged import is lost: {batch}" for batch in kept if states.get(batch) != "applied"]
        said = {row[0].partition(",")[0] for row in self.books.rows("SELECT \"update\" FROM actions WHERE number >= 100")}
        found += [f"the twenty actions say different things: {sorted(said)}"] if len(said) > 1 else []
        told = self.books.rows("SELECT (SELECT count(*) FROM events WHERE verb = 'updated_action') - (SELECT count(*) FROM updates)")[0][0]
        self.told = getattr(self, "told", told)
        return found + ([f"events and updates differ by {told - self.told}"] if told != self.told else [])


def _docx(number: int) -> bytes:
    import io
    import zipfile

    file = io.BytesIO(GOOD["minutes.docx"])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(f"word/note{number}.xml", f"<a>{number}</a>")
    return file.getvalue()


def _error(page: str) -> str:
    found = re.search(r'class="govuk-error-message">(.*?)</p>', page, re.S) or re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def crashes(stage: Stage, kinds: tuple[type[Work], ...]) -> Outcome:
    """Kills for each kind of work, on SQLite and on PostgreSQL, 50 each in long form."""
    found, told, times = Outcome(), [], stage.times(2, 50)
    for base in ("SQLite", "PostgreSQL") if stage.long else sorted({base for kind in kinds for base in kind.short}, reverse=True):
        data = stage.folder("crash") / "data"
        hub, env = prepared(stage, base, data)
        books = Books(env["CSC_DATABASE_URL"], data)
        with server(data, data, **env) as running:
            for kind in (kind for kind in kinds if stage.long or base in kind.short):
                ledger = Ledger(stage.folder("ledger") / "ledger.jsonl")
                work = kind(hub, running, books, ledger)
                before, inside = len(found.failed), _rounds(work, times, found, f"{kind.__name__} on {base}")
                told.append(f"{kind.__name__.lower()} on {base}: {inside} of {times} kills inside a request, "
                            f"{len(set(ledger.keys('kept')))} kept, {len(found.failed) - before} faults")
        books.engine.dispose()
    found.figure = "; ".join(told)
    return found


def prepared(stage: Stage, base: str, data: Path) -> tuple[Hub, dict[str, str]]:
    """A hub with twenty more issued actions of one agency, and the settings to serve it with."""
    if base == "SQLite":
        hub, url = copy(stage.built, data), f"sqlite:///{data / 'csc.sqlite3'}"
    else:
        url = stage.on_postgres(data)
        hub = Hub(create_app(settings(data, database_url=url)))
    with hub.inside():
        with writing():
            school = db.session.scalar(db.select(Context).where(Context.name == NAMES["school"]))
            plan = db.session.scalar(db.select(Plan).where(Plan.context_id == school.id))
            worry = db.session.scalars(db.select(Worry).where(Worry.plan_id == plan.id)).first()
            agency = db.session.scalar(db.select(Agency.id).where(Agency.name == "Housing"))
            for n in range(ACTIONS):
                said = f"Walk round number {n}"
                facts = {"intervention": said, "goal": worry.goal, "owner": "", "when": "", "timescale": ""}
                db.session.add(Action(context_id=school.id, worry_id=worry.id, number=100 + n, intervention=said, agency_id=agency, issued_in=1,
                                      issued_agency_id=agency, issued_facts=facts, touched_at=kernel.now()))
        db.engine.dispose()
    return hub, {"CSC_DATABASE_URL": url}


def _rounds(work: Work, times: int, found: Outcome, what: str) -> int:
    """Works, kills, starts and looks, so many times; how many kills fell inside a request."""
    chance, inside = random.Random(what), 0
    for _ in range(WARM):
        work.ready()
        work.timed(work.clients[0])
    typical = sorted(work.seconds)[len(work.seconds) // 2]
    for number in range(times):
        work.ready()
        inside += _until_killed(work, chance.uniform(0, 1.2 * typical), found, what)
        work.books.settle()
        faults = work.books.faults() + work.faults()
        work.running.start()
        faults += [fault for key in work.unanswered() if (fault := work.again(work.clients[0], key))]
        faults += work.faults()
        found.expect(not faults, f"{what}, kill {number + 1}: {'; '.join(faults[:3])}")
        if len(found.failed) > 20:
            break
    return inside


def _until_killed(work: Work, delay: float, found: Outcome, what: str) -> bool:
    """Everybody works until the server is killed under them; whether a request was under way."""
    begun, broke = threading.Barrier(len(work.clients) + 1), []

    def go(client: Client) -> None:
        begun.wait()
        try:
            while True:
                work.once(client)
        except Faults as fault:
            broke.append(type(fault).__name__)
        except AssertionError as fault:
            found.failed.append(f"{what}: {fault}")

    threads = [threading.Thread(target=go, args=(client,)) for client in work.clients]
    for thread in threads:
        thread.start()
    begun.wait()
    time.sleep(delay)
    work.running.kill()
    for thread in threads:
        thread.join()
    return any(name != "ConnectionRefusedError" for name in broke)
