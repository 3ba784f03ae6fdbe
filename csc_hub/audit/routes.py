"""Who did what: for the information governance officer, without case content."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app

from csc_hub.audit import records
from csc_hub.audit.verbs import said
from csc_hub.people.rules import May
from csc_hub.web import forms, guards
from csc_hub.web.pages import page

bp = Blueprint("audit", __name__)
ROWS = 50


def below() -> int | None:
    """The event to go on from, from the address bar."""
    text = forms.asked("before", 18)
    return int(text) if text.isascii() and text.isdecimal() else None


@bp.get("/audit")
@guards.may(May.READ_AUDIT)
def events() -> Any:
    """The newest events of the whole hub."""
    found = records.events(None, below(), ROWS + 1)
    references = current_app.extensions["csc_references"]({event.context_id for event in found if event.context_id})
    return page("audit/events.html", events=found[:ROWS], more=len(found) > ROWS, said=said, references=references)
