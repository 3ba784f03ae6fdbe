"""What every page shows beside its own content: the menu, and the frame of the context it belongs to."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from flask import current_app, g, request
from flask_login import current_user
from markupsafe import Markup

from csc_hub.db import PAGES, known
from csc_hub.kernel import count, day_short
from csc_hub.overview import next_step, remembered
from csc_hub.overview.rows import place_url
from csc_hub.overview.standing import Standing
from csc_hub.people.rules import May, Role, capabilities
from csc_hub.process.conferences import countdown as conference_lines
from csc_hub.process.conferences import rules as conference_rules
from csc_hub.process.conferences.rules import State as ConferenceState
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import OPEN, State
from csc_hub.web.quick import url_for


class Entry(NamedTuple):
    """One link of a menu or step bar."""

    words: str
    url: str
    here: bool
    left: str = ""


def facts() -> dict[str, Any]:
    """For every template: `navigation`, and `frame` where the page is about one context."""
    if not current_user.is_authenticated:
        return {"navigation": (), "frame": None}
    return {**COUNTDOWN, "navigation": _menu(), "frame": _frame(g.context) if "context" in g else None}


def _frame(context: Context) -> dict[str, Any]:
    """The frame of a page, which is the same for all who may change the case, and for all who may not."""
    key = context.id, request.endpoint, May.EDIT_CASE in g.get("may", ()), request.script_root
    return known(("frames", g.today), key, lambda: frame_of(context), PAGES)


COUNTDOWN = {
    "to_do": conference_lines.TO_DO, "line_url": lambda key, context_id: place_url(next_step.place_of(key), context_id), "place_url": place_url,
    "twenty_weeks": dt.timedelta(days=conference_rules.REVIEW_DAYS),
}
"""What the conference's page asks for: composed here, since it looks into later steps."""


def _menu() -> list[Entry]:
    can, room = capabilities(current_user.roles), (request.endpoint or "").split(".")[0]
    case_rooms = {"overview", "contexts", "assessments", "conferences", "invitations", "sending", "cover", "register", "at_door", "plans", "whole_plans", "exchange", "papers"}
    entries = []
    if current_user.roles & {Role.COORDINATOR, Role.LEAD, Role.CHAIR, Role.READER}:
        entries.append(Entry("Contexts", url_for("overview.contexts"), room in case_rooms))
        entries.append(Entry("Attendance", url_for("attendance.show"), room == "attendance"))
    elif May.KEEP_AGREEMENTS in can:
        entries.append(Entry("Today", url_for("overview.home"), room == "overview"))
    if May.UPDATE_OWN_ACTIONS in can:
        entries.append(Entry("Our actions", url_for("our_actions.show"), room == "our_actions"))
    if May.KEEP_PEOPLE in can:
        place = (request.endpoint or "").endswith(("agencies", "agency", "kind"))
        entries.append(Entry("People", url_for("people.people"), room == "people" and not place))
        entries.append(Entry("Agencies", url_for("people.agencies"), room == "merging" or (room == "people" and place)))
        entries.append(Entry("Settings", url_for("council.settings"), room == "council"))
    if May.READ_AGREEMENTS in can:
        entries.append(Entry("Agreements", url_for("signatures.show"), room in ("agreements", "signatures")))
    if May.READ_AUDIT in can:
        entries.append(Entry("Who did what", url_for("audit.events"), room == "audit"))
    return entries


def _conference(stands: Standing) -> str:
    if stands.conference_state is None:
        return "Not planned yet"
    if stands.conference_state != ConferenceState.PLANNED:
        return ConferenceState(stands.conference_state).label.split(":")[0]
    return day_short(stands.day) if stands.day else "No date yet"


def frame_of(context: Context) -> dict[str, Any]:
    """The frame: who, how far, what is next, and each step with what is left to do."""
    stands, counted = remembered.framed(context, g.today)
    room = (request.endpoint or "").split(".")[0]
    own = {"context_id": context.id}
    begun = context.state_ in OPEN - {State.REFERRED}
    if stands.issue:
        plan = f"Issue {stands.issue}" + (", changed since" if stands.changed else "")
    else:
        plan = f"Draft, {count(stands.actions, 'action')}" if stands.worries else "Not begun"
    assessment = "Signed off" if context.state_ in (State.ASSESSED, State.PLAN_IN_PROGRESS) else (
        f"{count(len(stands.reports), 'report')}, {count(stands.findings or 0, 'finding')}" if begun else "Not begun")
    steps = [
        Entry("Context", url_for("contexts.show", **own), room == "contexts" and request.endpoint != "contexts.history", context.state_.label),
        Entry("Assessment", url_for("assessments.show", **own), room in ("assessments", "papers"), assessment),
        Entry("Conference", url_for("conferences.show", **own), room == "conferences", _conference(stands)),
        Entry("Invitations", url_for("invitations.show", **own), room in ("invitations", "sending", "cover"), f"{stands.asked} on the list" if stands.asked else "Nobody yet"),
        *([Entry("Register", url_for("register.latest", **own), room in ("register", "at_door"), "Today" if stands.day == g.today else "Who came")]
          if stands.day and stands.day <= g.today else []),
        Entry("Plan", url_for("plans.show", **own), room in ("plans", "whole_plans"), plan),
        Entry("Updates", url_for("exchange.show", **own), room == "exchange", f"{stands.late} late" if stands.late else "None late" if stands.issue else "Not yet"),
        Entry("History", url_for("contexts.history", **own), request.endpoint == "contexts.history", "Who did what"),
    ]
    frame = {"clock": conference_rules.clock(stands.day, g.today), "standing": stands, "countdown": counted, "context": context,
            "next": next_step.of(context, stands, counted, May.EDIT_CASE in g.get("may", ())), "steps": steps, "open": context.state_ in OPEN}
    return frame | {"shown": Markup(current_app.jinja_env.get_template("overview/_frame.html").render(frame=frame, place_url=place_url))}
