"""Whatever a workbook changes: applied twice is applied once, and applied then undone is as if nothing had been."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csc_hub import kernel
from csc_hub.audit.service import Named
from csc_hub.db import db, next_number, writing
from csc_hub.exchange import exports, incoming, merging, records
from csc_hub.exchange.incoming import Choices
from csc_hub.exchange.records import Export
from csc_hub.exchange.service import Read
from csc_hub.exchange.updates import ReadUpdates, UpdateDraft
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import many, rules
from csc_hub.process.plans import records as plans
from csc_hub.process.plans.records import Action
from csc_hub.process.plans.rules import UPDATE_FIELDS
from csc_hub.process.plans.statuses import Status
from tests.exchange.test_merging import COLUMNS, LETTERS
from tests.hub import Hub

TEXTS = st.sampled_from(["", "Done", "One\ntwo", "=1", "Café"])
KEPT = (*UPDATE_FIELDS, "due_on")
WAYS = st.lists(st.sampled_from(["theirs", "ours", "later"]), min_size=14, max_size=14)
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


def test_what_is_held_and_settled_is_undone_with_the_rest_and_the_same_file_finishes_only_what_was_left(hub: Hub) -> None:
    """Both sides work on a plan that was sent out; whatever is chosen, held and settled, undoing brings back the plan as it was."""
    with hub.inside():
        context, agency = db.session.get_one(Context, uuid.UUID(hub.context("school"))), db.session.scalar(db.select(Agency).where(Agency.name == "Housing"))
        by, on = Named(None, "somebody at the command line"), kernel.today(kernel.now())

        def actions() -> list[Any]:
            return plans.issued_actions(context.id, agency.id)

        def facts() -> list[Any]:
            return [(a.number, a.facts, a.due_on) for a in actions()]

        def upload(rows: list[dict[str, Any]], number: int) -> Any:
            drafts = tuple(UpdateDraft(n, f"/{a.number:02d}", (f"/{a.number:02d}",), exports.locked(context, a), {name: f"{letter}{n}" for name, letter in LETTERS.items()}, **said)
                           for n, (a, said) in enumerate(zip(actions(), rows), 2))
            read = Read("x.xlsx", "xlsx", 1, uuid.uuid4().hex, uuid.uuid4().hex, ReadUpdates("Actions", "A1", COLUMNS, drafts, (), len(drafts), number=f"{number} of {context.reference}"))
            with writing():
                return incoming.keep(read, context, agency, by, kernel.now())[0]

        first = {a.id: dict(db.session.execute(db.select(*[getattr(Action, name) for name in KEPT]).where(Action.id == a.id)).one()._mapping) for a in actions()}

        def begin() -> None:
            """Every example finds the plan as it was in the beginning."""
            with writing():
                for key, kept in first.items():
                    db.session.execute(db.update(Action).where(Action.id == key).values(**kept))
            db.session.expire_all()

        def phone(rows: list[dict[str, Any]]) -> None:
            with writing():
                many.take(context.id, {a.id: {name: row[name] for name in row if row[name] not in (None, "")} for a, row in zip(actions(), rows)}, actions(), by, kernel.now(), on, None)

        @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(ROWS, ROWS, WAYS)
        def always(theirs: list[dict[str, Any]], ours: list[dict[str, Any]], ways: list[str]) -> None:
            begin()
            with writing():
                number = next_number(f"exports {context.id}")
                db.session.add(Export(context_id=context.id, agency_id=agency.id, number=number, issue=1, at=kernel.now(), by="", said={str(a.number): exports.said(context, a) for a in actions()}))
            phone(ours)
            before = facts()
            batch = upload(theirs, number)
            if batch.state != "waiting":
                return
            seen = incoming.preview(batch, context, on)
            asked = [incoming.key_of(line, cell) for line, cell in seen.cells(merging.Verdict.BOTH, merging.Verdict.ASK)]
            chosen = {key: way for key, way in zip(asked, ways) if way != "later"}
            with writing():
                incoming.apply(batch, context, Choices(merging.digest(seen.lines), checked=True, cells=chosen), by, kernel.now(), on)
            held = [one for one in records.held_of(batch.id) if one.kind != "refused" and one.settled_at is None]
            assert len(held) == len(asked) - len(chosen)
            for one, way in zip(held, ways):
                if way != "later":
                    action = next(a for a in actions() if a.id == one.action_id)
                    with writing():
                        incoming.settle(one, batch, context, way, rules.as_text(action.facts)[one.field], by, kernel.now(), on)
            open_ = {(one.row, one.field) for one in held if one.settled_at is None}
            kept = {(line.row, cell.field) for line, cell in seen.cells(merging.Verdict.BOTH) if chosen.get(incoming.key_of(line, cell)) == "ours"}
            kept |= {(one.row, one.field) for one in held if one.outcome == "left"}
            again = upload(theirs, number)
            left = {(line.row, cell.field) for line, cell in incoming.preview(again, context, on).cells(*merging.Verdict)}
            assert open_ <= left <= open_ | kept, (open_, left, kept, asked, chosen, [(o.row, o.field, o.outcome) for o in held])  # what was taken says nothing new, and what was decided is not asked again
            if again.state == "waiting":
                with writing():
                    incoming.set_aside(again, by, kernel.now())
            with writing():
                told = incoming.undo(batch, context, by, kernel.now())
            assert not any(reversal.kept for reversal in told) and facts() == before
            assert not [one for one in records.held_of(batch.id) if one.settled_at is None]

        always()
