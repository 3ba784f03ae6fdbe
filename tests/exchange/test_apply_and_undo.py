"""Whatever a workbook changes: applied twice is applied once, and applied then undone is as if nothing had been."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csc_hub import kernel
from csc_hub.audit.service import Named
from csc_hub.db import db, writing
from csc_hub.exchange import exports, incoming, merging
from csc_hub.exchange.incoming import Choices
from csc_hub.exchange.service import Read
from csc_hub.exchange.updates import ReadUpdates, UpdateDraft
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans.rules import UPDATE_FIELDS
from csc_hub.process.plans.statuses import Status
from tests.exchange.test_merging import COLUMNS, LETTERS
from tests.hub import Hub

TEXTS = st.sampled_from(["", "Done", "One\ntwo", "=1", "Café"])
DAYS = st.one_of(st.none(), st.dates(dt.date(2026, 1, 1), dt.date(2026, 11, 1)))
ROWS = st.lists(st.fixed_dictionaries({
    "status": st.sampled_from(list(Status)), "update": TEXTS, "updated_on": DAYS, "evidence": TEXTS, "barrier": TEXTS,
    "proposed_date": DAYS, "completed_on": DAYS}), min_size=2, max_size=2)


def test_any_workbook_applied_and_undone_leaves_the_plan_as_it_was_and_twice_is_once(hub: Hub) -> None:
    with hub.inside():
        context, agency = db.session.get_one(Context, uuid.UUID(hub.context("school"))), db.session.scalar(db.select(Agency).where(Agency.name == "Housing"))
        by = Named(None, "somebody at the command line")

        def facts() -> list[Any]:
            return [(a.number, a.facts, a.due_on) for a in plans.issued_actions(context.id, agency.id)]

        def send(rows: list[dict[str, Any]]) -> tuple[Any, int]:
            drafts = tuple(UpdateDraft(n, f"/{a.number:02d}", (f"/{a.number:02d}",), exports.locked(context, a), {name: f"{letter}{n}" for name, letter in LETTERS.items()}, **said)
                           for n, (a, said) in enumerate(zip(plans.issued_actions(context.id, agency.id), rows), 2))
            read = Read("x.xlsx", "xlsx", 1, uuid.uuid4().hex, uuid.uuid4().hex, ReadUpdates("Actions", "A1", COLUMNS, drafts, (), len(drafts)))
            with writing():
                batch, _ = incoming.keep(read, context, agency, by, kernel.now())
                seen = incoming.preview(batch, context, kernel.today(kernel.now()))
                if batch.state == "waiting":
                    incoming.apply(batch, context, Choices(merging.digest(seen.lines), checked=True, rest=True), by, kernel.now(), kernel.today(kernel.now()))
            return batch, len(seen.cells(*merging.Verdict))

        @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(ROWS)
        def always(rows: list[dict[str, Any]]) -> None:
            before = facts()
            batch, _ = send(rows)
            after = facts()
            said = [{name: row[name] for name in UPDATE_FIELDS if row[name] not in (None, "")} for row in rows]
            assert all(dict(found[1], **told) == found[1] for found, told in zip(after, said))
            assert send(rows)[1] == 0 and facts() == after  # the same again says nothing new
            if batch.state == "applied":
                with writing():
                    told = incoming.undo(batch, context, by, kernel.now())
                assert not any(reversal.kept for reversal in told)
            assert facts() == before

        always()
