"""Who did what: for the information governance officer, without case content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, url_for

from csc_hub.audit import records
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


def shown(found: list[records.Entry], onward: str, references: Mapping[Any, str] | None = None, **kept: Any) -> dict[str, Any]:
    """What a page of events shows: a row for each, with the reference of its context where that is given, and where earlier ones are."""
    events, known = found[:ROWS], references or {}
    said = current_app.extensions["csc_said"](events)
    rows = [(moment_in_words(event.at), event.actor, f"{said[event.id]}, {known[event.context_id]}" if event.context_id in known else said[event.id]) for event in events]
    more = url_for(onward, before=events[-1].id, **kept) if len(found) > ROWS else None
    return {"rows": printed("audit/_event_row.html", "at actor said", rows), "more": more}


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
    found = [] if fault else records.events(None, below(), ROWS + 1, who, since, until)
    references = current_app.extensions["csc_references"]({event.context_id for event in found if event.context_id})
    kept = {name: forms.asked(name) for name in ("who", "first", "last") if forms.asked(name)}
    return page("audit/events.html", who=who, first=forms.asked("first", 12), last=forms.asked("last", 12), fault=fault,
                status=422 if fault else 200, asked=bool(kept), **shown(found, "audit.events", references, **kept))
