"""First pages: what each person sees first, and all contexts in one list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask_login import current_user

from csc_hub.exchange import records as exchange
from csc_hub.overview import countdown, next_step, officer, rows, signed, standing
from csc_hub.overview import unsigned as unsigned_
from csc_hub.people.rules import May, Role, capabilities
from csc_hub.process.contexts import records as contexts_records
from csc_hub.process.contexts import rules
from csc_hub.process.contexts import service as contexts_service
from csc_hub.web import forms, guards
from csc_hub.web.pages import page, see

bp = Blueprint("overview", __name__)
ROWS = 50
SHOWN = {"open": ("Open", [s.value for s in rules.OPEN]), "ended": ("Ended", [s.value for s in rules.State if s not in rules.OPEN]), "all": ("All", [])}


@bp.get("/")
@guards.signed_in
def home() -> Any:
    """Sends each person to the page they work from."""
    can = capabilities(current_user.roles)
    if current_user.roles & {Role.COORDINATOR, Role.LEAD, Role.CHAIR, Role.READER}:
        return contexts.__wrapped__()
    if May.UPDATE_OWN_ACTIONS in can:
        return see(url_for("our_actions.show"))
    if May.KEEP_AGREEMENTS in can:
        return page("overview/officer.html", waiting=officer.waiting(g.today, g.now), pace=signed.pace())
    if May.KEEP_PEOPLE in can:
        return see(url_for("people.people"))
    if May.READ_AUDIT in can:
        return see(url_for("audit.events"))
    return page("overview/nothing.html")


@bp.get("/contexts")
@guards.may(May.READ_CASE)
def contexts() -> Any:
    """Contexts this person may see, newest first, each with how far it has come."""
    words, shown_, below = forms.asked("q"), forms.asked("show") or "open", forms.asked("below", 12)
    states = SHOWN.get(shown_, SHOWN["open"])[1]
    found = contexts_records.page_of(
        **contexts_service.within(current_user, g.now), words=words, states=states,
        below=int(below) if below.isascii() and below.isdecimal() else None, limit=ROWS + 1)
    shown = found[:ROWS]
    where = standing.of([c.id for c in shown], g.today)
    counted = countdown.of(shown, where, g.today)
    waiting = countdown.waiting_for(current_user, shown, where, counted) if not words and not below else []
    held = exchange.waiting_for(current_user.id) if not words and not below else []
    unsigned = unsigned_.soon([c.id for c in shown], g.now) if Role.COORDINATOR in current_user.roles and not words and not below else []
    countdowns, edits = {c.context.id: c for c in counted}, _edits()
    steps = {c.id: next_step.of(c, where[c.id], countdowns.get(c.id), edits) for c in shown}
    return page(
        "overview/contexts.html", waiting=waiting, held=held, unsigned=unsigned, names={c.id: c.name for c in shown} if unsigned else {}, fragment="found", rows=rows.rows(shown, where, countdowns, steps, g.today), more=len(found) > ROWS,
        last=shown[-1].order if shown else None, words=words, which=shown_, shown_as=SHOWN, can_refer=May.REFER in capabilities(current_user.roles))


def _edits() -> bool:
    """Whether this person changes what they see: a reader, whatever else they are, finds pages to read."""
    return Role.READER not in current_user.roles
