"""The goals that are measured so far: what each promises, how it is measured, and how much must be tried at least."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.trust import access, badfiles, clocks, downloads, durable, evidence, exchanged, guessing, maillinks, postroom, revoked, rush, signings, store, strings
from tests.trust.stage import Outcome, Stage, shortened


@dataclass(frozen=True)
class Goal:
    """One promise, and how it is measured."""

    id: str
    goal: str
    measure: Callable[[Stage], Outcome]
    least: int
    in_laws: bool = False
    """Whether the laws in tests/house measure it wholly already whenever the tests run."""


GOALS = (
    Goal("A1", "every route and method × every role: 0 mismatches with the table", access.roles, 2_000, True),
    Goal("A2", "at least 5,000 foreign ids, reads and writes: 0 leaks", access.foreign_ids, 5_000, True),
    Goal("A3", "access that was ended, in every way it can end: the next request is refused; links and signatures end to the second", revoked.revocation, 1_000),
    Goal("A4", "20 kinds of scanner × 50 links of each kind: 0 changes, all usable; pressed 50 times at once; hashed, in no log", maillinks.mail_links, 8_000),
    Goal("A5", "every forged form is refused; looking changes nothing", access.forgery, 2_000, True),
    Goal("A6", "known and unknown addresses: same bytes, medians within 10 %, n = 200; ten tries and a wait; nobody else shut out", guessing.guessing, 800),
    Goal("A7", "every answer to every role carries every header", access.headers, 2_000, True),
    Goal("A8", "600 hostile strings × every field: 0 broken pages, 0 injections, kept as typed", strings.words, 10_000, True),
    Goal("F1", "1,000 bad files × every door: 0 × 5xx, 0 half written, 0 calls out, p99 < 10 s, growth < 300 MB, a reason each", badfiles.bad_files, 3_000),
    Goal("F2", "the same workbook from every program and format: the same cells, and another reader agrees", exchanged.good_files, 500),
    Goal("F3", "24 wrong endings and polyglots: 0 served as what they are not", downloads.true_types, 500),
    Goal("F4", "every download safe and byte for byte; the test virus in 5 containers opened by nobody", downloads.downloads, 200),
    Goal("F5", "31 hostile strings and more exported: 0 formulas, text equal, 0 calls out from LibreOffice", exchanged.exports, 300),
    Goal("R1", "50 kills × upload, import, reply, sending, signing × SQLite, PostgreSQL: 0 lost, 0 half done, 0 doubled", signings.crashes, 500),
    Goal("R2", "100 of 100 writes on each database: synced to the disk before the answer", durable.durable, 200),
    Goal("R3", "1,000 replies from 50 browsers × SQLite, PostgreSQL: all stored, 0 × 5xx, 0 × locked, p95 < 1 s", rush.rush, 2_000),
    Goal("R4", "200 double edits: 0 silent overwrites; 100 double signatures: 1 each; a text changed before signing: refused; × SQLite, PostgreSQL", signings.races, 1_000),
    Goal("R5", "the object store refuses, fails, hangs, breaks off, lies, is silent × 100: 0 rows without object, 0 orphans, others p95 < 1 s", store.outages, 600),
    Goal("R6", "the mail server refuses, says later, says never, hangs, trickles, breaks off × 200 invitations: each sent once or shown as failed", postroom.outages, 9_000),
    Goal("R8", "12 instants, clocks an hour back and two years ahead: one reminder each, no link revived, no letter waits; khal and calcurse show London’s time", clocks.clocks, 190),
    Goal("R11", "10,000 changes of one byte, over all columns of signatures and what was done with them: each found", evidence.evidence, 10_000),
)


def measure(goal: Goal, stage: Stage) -> dict[str, Any]:
    """One goal's line for build/trust.json."""
    began = time.monotonic()
    try:
        outcome = shortened(goal.measure(stage))
    except pytest.skip.Exception as missing:
        outcome = Outcome(0, [f"not tried: {missing}"], "not tried")
    met = not outcome.failed and (outcome.tried >= goal.least or not stage.long)
    if not met and not outcome.failed:
        outcome.failed.append(f"only {outcome.tried} tried, at least {goal.least} are asked for")
    return {"id": goal.id, "tried": outcome.tried, "failed": len(outcome.failed), "figure": outcome.figure, "goal": goal.goal, "met": met,
            "seconds": round(time.monotonic() - began, 1), "failures": outcome.failed}
