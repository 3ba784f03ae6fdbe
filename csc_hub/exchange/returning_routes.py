"""An agency's own workbook back with its faults marked, for the team of a context and for the agency itself."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, g, request

from csc_hub.audit import service as audit
from csc_hub.db import start_writing
from csc_hub.exchange import incoming, merging, records, returning
from csc_hub.exchange.incoming_routes import Door, ours, team
from csc_hub.exchange.routes import XLSX, bp, download, file_name
from csc_hub.people.rules import May
from csc_hub.web import guards


@bp.get("/contexts/<uuid:context_id>/updates/<uuid:batch_id>/faults")
@guards.on_context(May.BRING_IN_UPDATES)
def with_faults(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """An agency's own workbook with its faults marked, to be put right and sent again."""
    return with_faults_of(team(batch_id))


@bp.get("/our-actions/updates/<uuid:batch_id>/faults")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_with_faults(batch_id: uuid.UUID) -> Any:
    """Our own workbook with its faults marked, to be put right and sent again."""
    return with_faults_of(ours(batch_id))


def with_faults_of(door: Door) -> Response:
    """The workbook back with everything marked that somebody must still look at; the download is on record."""
    batch, context_id, by = door.batch, door.context.id, door.by
    batch_id, stem = batch.id, batch.name.rpartition(".")[0] or batch.name
    settled = {(held.row, held.field) for held in records.held_of(batch_id) if held.settled_at}
    faults = merging.faults_of(batch, incoming.preview(batch, door.context, g.today, door.ours).lines, settled)
    returned = returning.with_faults(batch, faults)
    if request.method == "GET":
        start_writing()
        audit.record("returned_updates", by, g.now, subject=batch_id, context_id=context_id, faults=len(faults))
    return download(returned.content, f"{file_name(stem, 'to mend')}.xlsx", XLSX)
