"""Who did what: for the information governance officer, without case content."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, current_app, url_for
from markupsafe import Markup

from csc_hub.audit import records
from csc_hub.db import PAGES, known
from csc_hub.kernel import in_london, moment_in_words
from csc_hub.people.rules import May
from csc_hub.web import forms, guards
from csc_hub.web.lines import printed
from csc_hub.web.pages import page

bp = Blueprint("audit", __name__)
ROWS = 50


def below() -> int | None:
    """The event to go on from, from the address bar."""
    text = forms.asked("before", 18)
    return int(text) if text.isascii() and text.isdecimal() else None


def shown(onward: str, context_id: uuid.UUID | None = None, asked: dict[str, str] | None = None, **searched: Any) -> dict[str, Any]:
    """What a page of events shows, of one context or of all: a row for each, and where earlier ones are; of those searched for, where something is asked."""
    before = below()
    rows, last = _page(context_id, before, searched) if searched else known("events", (context_id, before), lambda: _page(context_id, before, {}), PAGES)
    of = {} if context_id is None else {"context_id": context_id}
    return {"rows": rows, "asked": bool(asked), "more": url_for(onward, before=last, **of, **(asked or {})) if last else None}


def _page(context_id: uuid.UUID | None, before: int | None, searched: dict[str, Any]) -> tuple[Markup, int | None]:
    """Its rows, each with the reference of its context where events of several are shown, and the last event where earlier ones follow."""
    found = records.events(context_id, before, ROWS + 1, **searched)
    events, said = found[:ROWS], current_app.extensions["csc_said"](found[:ROWS])
    references = current_app.extensions["csc_references"]({event.context_id for event in events if event.context_id}) if context_id is None else {}
    rows = [(moment_in_words(event.at), event.actor, f"{said[event.id]}, {references[event.context_id]}" if event.context_id in references else said[event.id]) for event in events]
    return printed("audit/_event_row.html", "at actor said", rows), events[-1].id if len(found) > ROWS else None


def _day(name: str) -> tuple[dt.date | None, str]:
    text = forms.asked(name, 12)
    try:
        return (dt.date.fromisoformat(text) if text else None), ""
    except ValueError:
        return None, "Enter each date as year, month and day, like 2026-11-18"


@bp.get("/audit")
@guards.may(May.READ_AUDIT)
def events() -> Any:
    """The newest events of the whole hub; of one person and of some days, where that is asked."""
    who, (first, fault), (last, other) = forms.asked("who"), _day("first"), _day("last")
    fault = fault or other
    if first and last and last < first:
        fault = "The last day must be the first day or later"
    since = in_london(first, dt.time()) if first else None
    until = in_london(last + dt.timedelta(days=1), dt.time()) if last and last < dt.date.max else None
    kept = {name: forms.asked(name) for name in ("who", "first", "last") if forms.asked(name)}
    found = {"rows": "", "more": None, "asked": True} if fault else shown("audit.events", None, kept, **({"who": who, "since": since, "until": until} if kept else {}))
    return page("audit/events.html", who=who, first=forms.asked("first", 12), last=forms.asked("last", 12), fault=fault, status=422 if fault else 200, **found)
