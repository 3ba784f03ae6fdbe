"""What was acknowledged is on the disk, not only in memory: the system calls of the hub and of PostgreSQL, in order (R2)."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import parts
from tests.trust.client import Client
from tests.trust.crash import Uploads, prepared
from tests.trust.books import Books, Ledger
from tests.trust.server import server
from tests.trust.stage import Outcome, Stage

CALLS = "fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg,recvfrom,read"
LINE = re.compile(r"^(?P<pid>\d+)\s+(?P<at>\d+\.\d+) (?P<rest>.*)$")


@dataclass(frozen=True)
class Call:
    """One finished system call: when it ended, its name and what strace shows of it."""

    at: float
    name: str
    text: str


@contextmanager
def _watched(pid: int, out: Path) -> Iterator[None]:
    """strace of a process and all its children and threads, until the end."""
    program = shutil.which("strace")
    if not program:
        parts.missing("strace", "apt-get install strace")
    command = [program, "-f", "-q", "-y", "-ttt", "-T", "-s", "40", "-e", f"trace={CALLS}", "-o", str(out)]
    process = subprocess.Popen(command + [word for task in (pid, *_children(pid)) for word in ("-p", str(task))], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(1)
    if process.poll() is not None:
        said = process.stderr.read().decode()[:300] if process.stderr else ""
        if "Operation not permitted" in said:
            parts.missing("strace that may watch other processes", "run as root, or sysctl kernel.yama.ptrace_scope=0")
        raise RuntimeError(f"strace did not start: {said}")
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            if folder.name.isdigit() and int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found += [int(folder.name), *_children(int(folder.name))]
    return found


def calls(out: Path) -> list[Call]:
    """All finished calls of a trace, in the order in which they ended."""
    found, begun = [], {}
    for line in out.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if not match:
            continue
        pid, at, rest = match["pid"], float(match["at"]), match["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[pid] = rest.removesuffix(" <unfinished ...>")
            continue
        if resumed := re.match(r"<\.\.\. (\w+) resumed>(.*)", rest):
            rest, taken = begun.pop(pid, resumed[1] + "(") + resumed[2], 0.0
        else:
            taken = float(spent[1]) if (spent := re.search(r"<(\d+\.\d+)>$", rest)) else 0.0
        found.append(Call(at + taken, rest.partition("(")[0], rest))
    return sorted(found, key=lambda call: call.at)


def durable(stage: Stage) -> Outcome:
    """R2: between the request and its answer, all that was written to the journal was also synced."""
    found, told = Outcome(), []
    for base, times in (("SQLite", stage.times(8, 100)), ("PostgreSQL", stage.times(8, 100))):
        data = stage.folder("durable") / "data"
        hub, env = prepared(stage, base, data)
        with server(data, data, **env) as running:
            work = Uploads(hub, running, Books(env["CSC_DATABASE_URL"], data), Ledger(stage.folder("ledger") / "ledger.jsonl"))
            client = work.clients[0]
            out = stage.folder("strace")
            pids = [running.pid] + ([_postmaster(env["CSC_DATABASE_URL"])] if base == "PostgreSQL" else [])
            with _traced(pids, out):
                for number in range(times):
                    _write(work, client, number)
            heard = sorted((call for file in out.iterdir() for call in calls(file)), key=lambda call: call.at)
        good = _judge(heard, times, base, data, found)
        told.append(f"{base}: {good} of {times} writes synced before the answer")
    found.figure = "; ".join(told)
    return found


@contextmanager
def _traced(pids: list[int], out: Path) -> Iterator[None]:
    if not pids:
        yield
        return
    with _watched(pids[0], out / str(pids[0])), _traced(pids[1:], out):
        yield


def _write(work: Uploads, client: Client, number: int) -> None:
    """An upload, every second time; else a referral."""
    if number % 2:
        work.once(client)
    else:
        answer = client.post("/contexts/refer", name=f"Bus shelter {number}, Mill Road", not_a_person="y", type="neighbourhood", trigger="Since May")
        assert answer.status == 303, (answer.status, answer.text[-1500:])


def _postmaster(url: str) -> int:
    """The process of which every PostgreSQL process is a child."""
    with psycopg.connect(url.replace("+psycopg", "")) as line:
        backend = line.execute("SELECT pg_backend_pid()").fetchone()[0]  # type: ignore[index]
        return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def _judge(heard: list[Call], times: int, base: str, data: Path, found: Outcome) -> int:
    """Looks at each pair of POST and its answer; how many were good."""
    asked, good, seen = None, 0, 0
    for number, call in enumerate(heard):
        if call.name in ("recvfrom", "read") and '"POST /' in call.text:
            asked = number
        elif asked is not None and call.name in ("sendto", "sendmsg", "write", "writev") and '"HTTP/1.1 303' in call.text:
            fault = _fault(heard[asked:number], base, f"{data}/papers/")
            seen += 1
            good += found.expect(not fault, f"{base}, write {seen}: {fault}")
            asked = None
    found.expect(seen == times, f"{base}: {times} writes were sent, and the trace shows {seen}")
    return good


def _fault(between: list[Call], base: str, papers: str) -> str:
    """What was written to a journal or a file and not synced before the answer, or nothing."""
    journal = "-wal>" if base == "SQLite" else "/pg_wal/"
    waiting, synced, stored, named = set[str](), False, list[str](), False
    for call in between:
        path = name[1] if (name := re.match(r"\w+\(\d+<([^>]*)>", call.text)) else ""
        if (journal in f"{path}>" or path.startswith(papers)) and call.name in ("pwrite64", "write", "writev"):
            waiting.add(path)
            stored += [call.text] if path.startswith(papers) else []
        elif call.name in ("fsync", "fdatasync") and call.text.split("=")[-1].strip().startswith("0"):
            synced = synced or journal in f"{path}>"
            named = named or bool(re.fullmatch(rf"{re.escape(papers)}\w\w", path))
            waiting.discard(path)
    if stored and not named:
        return f"the folder in which the file got its name was not synced before the answer: {stored[0]}"
    if not synced:
        return "the journal was not synced before the answer"
    return f"written and not synced before the answer: {sorted(os.path.basename(path) for path in waiting)}" if waiting else ""
