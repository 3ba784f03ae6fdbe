"""A thousand bad files at every door that takes files (F1)."""

from __future__ import annotations

import io
import multiprocessing
import os
import re
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csc_hub import create_app
from tests.house.ground import SEATS, Ground, Route, Seat, address
from tests.house.page import Form, Page
from tests.house.test_strings import plain_form
from tests.hub import Hub, copy, settings
from tests.trust.canary import canary
from tests.trust.mutants import ESCAPED, Bad, seeds, stream
from tests.trust.stage import Outcome, Stage

LONGEST, MEMORY = 10.0, 300_000_000
ERROR = re.compile(r'id="file-error" class="govuk-error-message">(.*?)</p>', re.S)
ALLOWED = {"papers": {"papers", "reports", "report_versions", "events"}, "batches": {"batches", "events", "held"}, "plan_files": {"plan_files", "events"}}
"""What a file that is taken may change, by the table in which it gets its row."""
GUESTS = {"replies.add_file": {"papers", "invitations", "events", "sign_in_failures"},
          "doors.upload": {"batches", "held", "events", "sign_in_failures", "update_doors", "outgoing"}}
"""The same at a door that somebody without an account may use."""
COUNTED = {endpoint: {"events", "sign_in_failures"} for endpoint in ("replies.add_file", "doors.upload")}
"""What a refused file may change at a door that counts the tries."""
HANDS = 2


@dataclass(frozen=True)
class Door:
    """A route that takes a file, somebody who may use it, and its form."""

    route: Route
    url: str
    seat: Seat
    form: Form


@dataclass
class Told:
    """What one process found."""

    tried: int = 0
    taken: int = 0
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    grown: int = 0
    child: int = 0


def doors(ground: Ground) -> list[Door]:
    """Every route that takes large forms or shows a field for a file, found in the map of URLs."""
    found = []
    for route in ground.routes:
        if route.method != "POST" or not getattr(ground.app.view_functions[route.endpoint], "large", False):
            continue
        url = address(route, ground.ids["school"])
        for seat in (ground.seats[role] for role in ("lead", "agency contact", *SEATS)):
            page = seat.ask("GET", url)
            forms = [form for form in Page(page.text).forms if any(c.kind == "file" for c in form.fields)] if page.status_code == 200 else []
            if forms:
                found.append(Door(route, url, seat, forms[0]))
                break
    return found


def bad_files(stage: Stage) -> Outcome:
    """F1: 0 × 5xx, 0 dead workers, nothing half written, nobody called, nothing outside the store, a reason each time."""
    count = stage.times(16, 1_000)
    with canary() as bird:
        good = seeds(stage.built / "samples", stage.folder("office"), office=stage.long)
        files = stream(good, bird.url, count)
        with ProcessPoolExecutor(HANDS, mp_context=multiprocessing.get_context("spawn")) as pool:
            hubs = [copy(stage.furnished, stage.folder("doors") / "hub") for _ in range(HANDS)]
            tasks = [pool.submit(_shard, Path(hub.app.config["CSC"].data), files[n::HANDS]) for n, hub in enumerate(hubs)]
            try:
                told = [task.result() for task in tasks]
            except BrokenProcessPool:
                return Outcome(0, ["a worker died of a file"], "a dead worker")
        found = _summed(told)
        found.expect(not bird.heard, f"{len(bird.heard)} calls to a foreign address: {bird.heard[:5]}")
    escaped = [str(path) for place in (Path("/"), Path("/tmp"), Path("/etc"), Path.cwd()) for path in place.glob(f"*{ESCAPED}*")]
    escaped += [str(path) for path in stage.root.rglob(f"*{ESCAPED}*")]
    found.expect(not escaped, f"files outside the store: {escaped}")
    found.figure = f"{count} files × {len(doors(stage.ground()))} doors, {found.figure}, {len(bird.heard)} canary hits, {len(found.failed)} failures"
    return found


def _summed(told: list[Told]) -> Outcome:
    seconds = sorted(second for one in told for second in one.seconds)
    p99, grown, child = seconds[int(len(seconds) * 0.99)], max(one.grown for one in told), max(one.child for one in told)
    found = Outcome(sum(one.tried for one in told), [sentence for one in told for sentence in one.failed])
    found.expect(p99 < LONGEST, f"99 of 100 files took up to {p99:.1f} s")
    found.expect(grown < MEMORY, f"the server grew by {grown / 1e6:.0f} MB")
    found.figure = (f"{sum(one.taken for one in told)} taken, p99 {p99:.2f} s, longest {seconds[-1]:.2f} s, server grew {grown / 1e6:.0f} MB, "
                    f"child at most {child / 1e6:.0f} MB")
    return found


def _memory(which: str) -> int:
    return int(Path("/proc/self/status").read_text().partition(f"{which}:")[2].split()[0]) * 1024


def _shard(folder: Path, files: list[Bad]) -> Told:
    """Sends these files to every door of one hub."""
    temporary = folder.parent / "tmp"
    temporary.mkdir()
    tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
    hub = Hub(create_app(settings(folder)))
    ground, told = Ground(hub), Told()
    ways_in = doors(ground)
    for door in ways_in:  # once, so that what is loaded only once is not counted as growth
        send(door, Bad("warm.txt", b"warm", ""))
    ground.watch.restore()
    Path("/proc/self/clear_refs").write_text("5")
    before, around = _memory("VmRSS"), _around(folder)
    papers = _papers(folder)
    for file in files:
        for door in ways_in:
            told.tried += 1
            began = time.monotonic()
            try:
                answer = send(door, file)
                faults = _faults(answer, ground, door, folder, papers, told)
            except Exception as fault:
                faults = [f"{type(fault).__name__}: {fault}"]
            told.seconds.append(time.monotonic() - began)
            told.failed += [f"{door.route.rule}, {file.name[:60]!r} ({file.how}): {sentence}" for sentence in faults]
            for left in _papers(folder) - papers:
                left.unlink()
    told.failed += [f"outside the store: {path}" for path in _around(folder) - around]
    told.failed += [f"left in the temporary folder: {path.name}" for path in temporary.iterdir()]
    told.grown, told.child = _memory("VmHWM") - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return told


def send(door: Door, file: Bad) -> Any:
    """Sends a file through a door, with all else in its form filled in."""
    fields = dict(plain_form(door.route.endpoint, door.form))
    fields |= {c.name: c.at.get("value", "y") for c in door.form.fields if c.kind == "checkbox"}
    fields["csrf_token"] = door.seat.token
    return door.seat.ask("POST", door.url, {**fields, "file": (io.BytesIO(file.content), file.name)}, content_type="multipart/form-data")


def _papers(folder: Path) -> set[Path]:
    return {path for path in (folder / "papers").rglob("*") if path.is_file()}


def _around(folder: Path) -> set[Path]:
    own = re.compile(r"csc\.sqlite3(-wal|-shm)?")
    return {path for path in folder.rglob("*") if path.is_file() and folder / "papers" not in path.parents and not own.fullmatch(path.name)}


def _faults(answer: Any, ground: Ground, door: Door, folder: Path, papers: set[Path], told: Told) -> list[str]:
    """What is wrong with an answer, and with what it left behind; the hub is put back as it was."""
    changed = set(ground.watch.differs()) if ground.watch.changed() else set()
    more = len(_papers(folder) - papers)
    try:
        if answer.status_code == 303:
            told.taken += 1
            table = next((name for name in ("papers", "plan_files") if name in changed), "batches")
            rows = ground.watch.line.execute(f"SELECT count(*) FROM {table}").fetchone()[0] - ground.watch.kept.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            faults = [] if (rows, more) == (1, 1) and changed <= GUESTS.get(door.route.endpoint, ALLOWED[table]) else [f"taken, with {rows} rows and {more} files, changing {sorted(changed)}"]
            after = door.seat.ask("GET", answer.headers["Location"])
            return faults + ([] if after.status_code == 200 else [f"the page after it answers {after.status_code}"])
        changed -= COUNTED.get(door.route.endpoint, set())
        faults = [f"refused, and yet it changed {sorted(changed)}"] if changed else []
        faults += [f"refused, and yet {more} files were kept"] if more else []
        if answer.status_code == 413:
            return faults
        if answer.status_code != 422:
            return [*faults, f"answered {answer.status_code}"]
        said = ERROR.search(answer.text)
        words = " ".join(re.sub(r"<[^>]+>", " ", said[1]).split()).removeprefix("Error:").strip() if said else ""
        return faults if len(words) >= 15 else [*faults, f"refused without a reason at the field: {words!r}"]
    finally:
        ground.watch.restore()
