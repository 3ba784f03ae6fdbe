"""First pages: what each person sees first, and all contexts in one list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask_login import current_user

from csc_hub.exchange import records as exchange
from csc_hub.overview import officer, remembered, signed
from csc_hub.overview import unsigned as unsigned_
from csc_hub.people.rules import May, Role, capabilities
from csc_hub.process.contexts import records as contexts_records
from csc_hub.process.contexts import rules
from csc_hub.process.contexts import service as contexts_service
from csc_hub.web import forms, guards
from csc_hub.web.pages import page, see

bp = Blueprint("overview", __name__)
SHOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": ("Open", tuple(s.value for s in rules.OPEN)), "ended": ("Ended", tuple(s.value for s in rules.State if s not in rules.OPEN)), "all": ("All", ())}


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
    states, from_ = SHOWN.get(shown_, SHOWN["open"])[1], int(below) if below.isascii() and below.isdecimal() else None
    edits = _edits()
    if not words and from_ is None:
        found = remembered.first_page(current_user, states, edits, g.now, g.today)
    else:
        found = remembered.page(contexts_records.page_of(
            **contexts_service.within(current_user, g.now), words=words, states=states, below=from_, limit=remembered.ROWS + 1), edits, g.today)
    whole = not words and not below and not forms.wants_part()
    waiting = found.waiting(current_user, g.today) if whole else remembered.Waiting()
    held = exchange.waiting_for(current_user.id) if whole else []
    unsigned = unsigned_.soon(found.contexts, g.now) if whole and Role.COORDINATOR in current_user.roles else []
    return page(
        "overview/contexts.html", waiting=waiting, held=held, unsigned=unsigned,
        names={one.context.id: one.context.name for one in remembered.of([one.context_id for one in unsigned], g.today)}, fragment="found", rows=found.rows,
        last=found.below, words=words, which=shown_, shown_as=SHOWN, can_refer=May.REFER in capabilities(current_user.roles))


def _edits() -> bool:
    """Whether this person changes what they see: a reader, whatever else they are, finds pages to read."""
    return Role.READER not in current_user.roles
