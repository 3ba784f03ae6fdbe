"""What a person needs to choose between two words for one cell: what was sent out, what stands here now and whose it is, what the workbook says."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from csc_hub.db import db
from csc_hub.exchange import origins, records
from csc_hub.exchange.merging import Base, Line, Verdict
from csc_hub.exchange.records import Batch, Export, Held
from csc_hub.exchange.updates import unpacked
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import many
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import rules

Changed = dict[tuple[uuid.UUID, str], tuple[str, object]]
"""(action, field) -> who changed it last, and when."""


class HeldCell(NamedTuple):
    """A held cell beside what stands in the plan now."""

    held: Held
    action: plans.Action | None
    now: object
    seen: str
    says: object
    owner: str
    was: object  # what was sent out; None beside `known` being false
    known: bool  # whether what was sent out is known
    by: tuple[str, object] | None  # who changed what stands here last, and when


def of_lines(lines: list[Line]) -> Changed:
    """Who changed last what stands beside the questions of these rows."""
    return _changed({uuid.UUID(line.action.id) for line in lines if line.action and line.having(Verdict.BOTH, Verdict.ASK)})


def of_held(batch: Batch, context: Context, most: int) -> list[HeldCell]:
    """What was held of a workbook, each beside what was sent out and what stands in the plan now, as long as the action is this agency's."""
    found = records.held_of(batch.id)[:most]
    actions = {key: action for key, action in plans.by_id({held.action_id for held in found if held.action_id}).items() if action.issued_agency_id == batch.agency_id}
    owners = records.names({held.owner_id for held in found if held.owner_id})
    changed, base = _changed({key for key in actions}), _base(batch) if found else Base()
    lead = context.lead.name if context.lead else ""
    cells = []
    for held in found:
        action = actions.get(held.action_id) if held.action_id else None
        owner = lead or (owners.get(held.owner_id, "") if held.owner_id else "")
        if action is None or held.field not in rules.UPDATE_FIELDS:
            cells.append(HeldCell(held, action, None, "", None, owner, None, False, None))
            continue
        was = base.words(action.number, held.field)
        cells.append(HeldCell(
            held, action, action.facts[held.field], rules.as_text(action.facts)[held.field], many.typed(held.field, held.says) if held.kind != "refused" else None,
            owner, many.typed(held.field, was) if was is not None else None, was is not None, changed.get((action.id, held.field))))
    return cells


def _base(batch: Batch) -> Base:
    export = db.session.get(Export, batch.export_id) if batch.export_id else None
    return origins.base_of(export, unpacked(batch.read), False) or Base()


def _changed(actions: set[uuid.UUID]) -> Changed:
    return dict(plans.last_changes(actions)) if actions else {}
