"""Agencies' workbooks out: each download is recorded with what every cell said, so that it can be compared when it comes back."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import current_app

from csc_hub.adapters import aside
from csc_hub.audit import service as audit
from csc_hub.db import db, next_number, writing
from csc_hub.exchange import manifest, records
from csc_hub.exchange.matching import Known
from csc_hub.exchange.outgoing import PrintedPlan, SheetAction, UpdateSheet
from csc_hub.exchange.records import Export
from csc_hub.exchange.service import MARKING, reference_of
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import AGENCY_STATUSES


AT_ONCE = 200
"""Actions up to which a workbook is made on the spot; a longer one is made in a process of its own."""


def key() -> bytes:
    """The key by which this hub knows its own workbooks."""
    return manifest.key_of(current_app.config["CSC"].secret)


def locked(context: Context, action: plans.Issued) -> dict[str, str]:
    """The grey cells of an action as a workbook shows them."""
    told = action.issued
    return {
        "context": context.name, "goal": told["goal"], "action": told["intervention"], "agency": action.agency, "owner": told["owner"],
        "due": action.due_on.isoformat() if action.due_on else told["timescale"]}


def said(context: Context, action: plans.Issued) -> list[str]:
    """What all cells of an action say, in the order of the manifest."""
    facts = rules.as_text(action.facts) | locked(context, action)
    return [facts[name] for name in manifest.COLUMNS]


def known(context: Context, action: plans.Issued) -> Known:
    """An action as merging knows it."""
    return Known(str(action.id), action.version, reference_of(context, action.number), action.number, str(action.agency_id), action.agency,
                 action.issued["intervention"], action.facts, locked(context, action))


def sheet(context: Context, agency: Agency, on: dt.date, actions: list[plans.Issued], number: int = 0, lines: tuple[str, ...] = ()) -> UpdateSheet:
    """An agency's own actions in one plan, to fill in and send back."""
    lead = context.lead
    return UpdateSheet(
        reference=context.reference, context=context.name, council=current_app.config["CSC"].council, agency=agency.name,
        marking=MARKING, made_on=on, statuses=tuple(status.label for status in AGENCY_STATUSES), number=number, manifest=lines,
        reply_to=f"{lead.name}, lead practitioner, {lead.email}" if lead else "the lead practitioner",
        actions=tuple(SheetAction(
            reference=reference_of(context, a.number), context=context.name, goal=a.issued["goal"], action=a.issued["intervention"],
            agency=agency.name, owner=a.issued["owner"], due=a.due_on, due_words=a.issued["timescale"], status=a.facts["status"].label,  # type: ignore[attr-defined]
            update=a.update, updated_on=a.updated_on, evidence=a.evidence, barrier=a.barrier, proposed_date=a.proposed_date,
            completed_on=a.completed_on) for a in actions))


def peek(context: Context, agency: Agency, on: dt.date) -> UpdateSheet:
    """The workbook that nobody takes away: without a number, and without a record."""
    return sheet(context, agency, on, plans.issued_actions(context.id, agency.id))


def plan_file(plan: PrintedPlan, ending: str) -> bytes:
    """The plan in Excel or Word; where it is long, in a process of its own, so that nobody waits for it."""
    if sum(len(worry.actions) for worry in plan.worries) > AT_ONCE:
        return aside.made({"xlsx": "csc_hub.exchange.plan_workbook:plan_workbook", "docx": "csc_hub.exchange.plan_document:plan_document"}[ending], plan)
    if ending == "xlsx":
        from csc_hub.exchange.plan_workbook import plan_workbook

        return plan_workbook(plan)
    from csc_hub.exchange.plan_document import plan_document

    return plan_document(plan)


def hand_out(context: Context, agency: Agency, by: audit.Named, now: dt.datetime, on: dt.date) -> bytes:
    """Records a download with what its cells say, commits, and makes the file: nobody waits for the database meanwhile, and
    where it is long, nobody waits for the file either."""
    from csc_hub.exchange.update_workbook import numbered

    actions = plans.issued_actions(context.id, agency.id)
    plan, hub, export_id = plans.of_context(context.id), records.hub_id(), uuid.uuid4()
    plain, context_id, agency_id, issue = sheet(context, agency, on, actions), context.id, agency.id, plan.issue if plan else 0
    texts = {action.number: said(context, action) for action in actions}
    with writing():
        number = next_number(f"exports {context_id}")
        db.session.add(Export(
            id=export_id, context_id=context_id, agency_id=agency_id, number=number, issue=issue, at=now, by=by.name,
            said={str(action): words for action, words in texts.items()}))
        audit.record("exported_updates", by, now, subject=agency_id, context_id=context_id, number=number)
    named = manifest.Named(hub, context_id.hex, agency_id.hex, export_id.hex, number)
    if len(actions) > AT_ONCE:
        return aside.made("csc_hub.exchange.update_workbook:numbered", plain, named, texts, key())
    return numbered(plain, named, texts, key())
