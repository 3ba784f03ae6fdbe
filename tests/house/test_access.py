"""Who may open what: every route, every method, every role, by real requests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from csc_hub import kernel
from csc_hub.db import db, writing
from csc_hub.people import service as people
from csc_hub.people.records import Person
from csc_hub.people.rules import Role
from csc_hub.process.contexts import service as contexts
from csc_hub.process.contexts.records import Context
from tests.house.ground import GUESTS, SEATS, Ground, seat, verdict
from tests.hub import CAST

TABLE = Path(__file__).with_name("access.txt")
HEAD = """Who may open what. One line for each method of each URL, in a context (school, peers) or in none (-).
yes: the door opens (what is done inside may still be refused). sign-in: sign in first. 403: yours, but not your role. 404: not yours.
chair chairs the school's context, other chair the peer group's; lead leads both, other lead neither; agency contact is of the
agency that owns the action and the workbook; reader is named for no peer group; ended signed in before their access was ended.
"""


def table_of(probes: list[Any]) -> str:
    """The table that these probes would make."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for probe in probes:
        if probe.method != "HEAD":
            rows.setdefault((probe.method, probe.route.rule, probe.place), {})[probe.role] = probe.said
    wide = max(len(rule) for _, rule, _ in rows)
    lines = [f"{'':6}{'':{wide}}  {'':8}" + "  ".join(f"{role:7}" for role in SEATS)]
    lines += [f"{method:6}{rule:{wide}}  {place:8}" + "  ".join(f"{said[role]:{max(7, len(role))}}" for role in SEATS)
              for (method, rule, place), said in rows.items()]
    return HEAD + "\n".join(line.rstrip() for line in lines) + "\n"


def test_every_door_opens_for_whom_the_table_says(probes: list[Any]) -> None:
    text = table_of(probes)
    if os.environ.get("CSC_UPDATE") == "1":
        TABLE.write_text(text)
    held = TABLE.read_text()
    differs = [f"{'now ' if line in text.splitlines() else 'was '}{line}" for line in sorted(set(text.splitlines()) ^ set(held.splitlines()))]
    assert text == held, "Access changes only on purpose: run again with CSC_UPDATE=1 and review the diff\n" + "\n".join(differs)
    print(f"{len(probes)} probes", end=" ")


def test_no_answer_is_an_accident(probes: list[Any]) -> None:
    assert not [(p.method, p.route.rule, p.role, p.said) for p in probes if p.said.startswith("!")]


def test_looking_with_head_is_looking(probes: list[Any]) -> None:
    said = {(p.route, p.place, p.role): p.said for p in probes if p.method == "GET"}
    assert not [p for p in probes if p.method == "HEAD" and p.said != said[p.route, p.place, p.role]]


def test_whoever_is_nobody_or_was_stopped_gets_in_nowhere(probes: list[Any]) -> None:
    for probe in probes:
        if probe.role in ("nobody", "ended") and probe.route.guard != "anyone":
            assert probe.said == ("404" if probe.route.guard in ("invited", "signing", "reporting", "at update door") else "sign-in"), probe


def test_a_door_that_was_refused_changed_nothing(probes: list[Any]) -> None:
    assert not [p for p in probes if p.said in ("403", "404", "sign-in") and p.changed]


def test_whoever_may_do_nothing_gets_in_nowhere(probes: list[Any]) -> None:
    opened = {p.route.endpoint for p in probes if p.role == "no role" and p.said == "yes" and p.route.guard != "anyone"}
    texts = {"agreements.texts", "agreements.text", "agreements.download"}  # published texts are for everybody who is signed in
    assert opened == {"overview.home", "signing_in.sign_out"} | texts


def test_administrators_and_officers_open_no_context(probes: list[Any]) -> None:
    for probe in probes:
        if probe.role in ("administrator", "ig officer", "agency contact", "other agency", "partner") and probe.place != "-":
            assert probe.said == "404", probe


def test_a_reader_changes_nothing(probes: list[Any]) -> None:
    opened = {p.route.endpoint for p in probes if p.role == "reader" and p.method == "POST" and p.said == "yes" and p.route.guard != "anyone"}
    assert opened == {"signing_in.sign_out"}


@pytest.fixture
def stage(ground: Ground) -> Any:
    """The ground, put back afterwards."""
    yield ground
    ground.watch.restore()


def _named(name: str) -> Person:
    return db.session.scalar(db.select(Person).where(Person.name == name))


def _context(ground: Ground, which: str) -> Context:
    return db.session.get_one(Context, ground.ids[which]["context_id"])


def _says(ground: Ground, role: str, which: str) -> str:
    return verdict(ground.seats[role].ask("GET", f"/contexts/{ground.ids[which]['context_id']}"))


def test_a_reader_named_for_a_peer_group_gets_in_and_loses_the_door_at_once(stage: Ground) -> None:
    assert _says(stage, "reader", "peers") == "404"
    for readers, said in (([CAST["reader"]], "yes"), ([], "404")):
        with stage.hub.inside(), writing():
            group = _context(stage, "peers")
            contexts.name_team(group, group.lead_id, group.chair_id, [_named(r).id for r in readers], _named(CAST["coordinator"]), kernel.now())
        assert _says(stage, "reader", "peers") == said


def test_whoever_no_longer_leads_or_chairs_is_out_at_the_next_request(stage: Ground) -> None:
    assert (_says(stage, "lead", "school"), _says(stage, "chair", "school"), _says(stage, "other lead", "school")) == ("yes", "yes", "404")
    with stage.hub.inside(), writing():
        contexts.name_team(_context(stage, "school"), _named(GUESTS["other lead"]).id, None, None, _named(CAST["coordinator"]), kernel.now())
    assert (_says(stage, "lead", "school"), _says(stage, "chair", "school"), _says(stage, "other lead", "school")) == ("404", "404", "yes")


@pytest.mark.parametrize("role", ["coordinator", "lead", "chair", "reader"])
def test_a_role_taken_away_is_gone_at_the_next_request(stage: Ground, role: str) -> None:
    assert _says(stage, role, "school") == "yes"
    with stage.hub.inside(), writing():
        _named(CAST[role]).role_rows = []
        people.audit.record("changed_person", None, kernel.now())
    assert _says(stage, role, "school") == "404"


def test_a_role_without_its_grant_and_a_grant_without_its_role_open_nothing(stage: Ground) -> None:
    with stage.hub.inside(), writing():
        context = _context(stage, "school")
        people.open_door(_named(CAST["agency contact"]).id, context.id, Role.CHAIR, "contexts", kernel.now())
        people.open_door(_named(CAST["administrator"]).id, context.id, Role.ADMINISTRATOR, "contexts", kernel.now())
        people.open_door(_named(CAST["ig officer"]).id, context.id, Role.LEAD, "contexts", kernel.now())
    assert {_says(stage, role, "school") for role in ("agency contact", "administrator", "ig officer", "other lead", "other chair")} == {"404"}


def test_ending_access_ends_every_session_and_restoring_it_revives_none(stage: Ground) -> None:
    again = seat(stage.app, CAST["coordinator"])
    for deed in (people.end_access, people.restore_access):
        with stage.hub.inside(), writing():
            deed(_named(CAST["coordinator"]), _named(CAST["administrator"]), kernel.now())
        assert verdict(again.ask("GET", "/contexts")) == _says(stage, "coordinator", "school") == "sign-in"
