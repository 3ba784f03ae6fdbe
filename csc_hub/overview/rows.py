"""Contexts as rows of a list: every word of a row is put together here, once, so that the template only prints it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from markupsafe import Markup

from csc_hub.kernel import count, day_short
from csc_hub.overview.countdown import Countdown
from csc_hub.overview.next_step import Step
from csc_hub.overview.standing import Standing
from csc_hub.process.conferences import rules as conference_rules
from csc_hub.process.contexts.records import Listed
from csc_hub.process.contexts.rules import OPEN, STAGES, State, stage
from csc_hub.web import quick
from csc_hub.web.lines import printed


def _beat(number: int) -> Markup:
    words = STAGES[number]
    return Markup('<span class="csc-dots" aria-hidden="true">{}{}</span> {}<span class="govuk-visually-hidden">, step {} of {}</span>').format(
        "●" * (number + 1), "○" * (len(STAGES) - number - 1), words, number + 1, len(STAGES))


BEATS = [_beat(number) for number in range(len(STAGES))]
"""How far a case has come, in dots and words."""


def place_url(place: tuple[str, str], context_id: uuid.UUID) -> str:
    """The address of a page of a context, or of a part of it."""
    url = quick.url_for(place[0], context_id=context_id)
    return f"{url}#{place[1]}" if place[1] else url


def row(context: Listed, stands: Standing, counted: Countdown | None, step: Step | None, today: dt.date) -> Markup:
    """What the list says of a context."""
    return printed("overview/_context_row.html", "reference url name kind beat! going? next_url next whose said", [_words(context, stands, counted, step, today)])


def _words(context: Listed, stands: Standing, counted: Countdown | None, step: Step | None, today: dt.date) -> tuple[Any, ...]:
    state = context.state_
    held = stands.met_on is not None and stands.met_on < today
    beat = BEATS[stage(state, held)] if state in OPEN else quick.tag(state.label)
    url, label = quick.url_for("contexts.show", context_id=context.id), context.type_.label
    kind = f"{label}, {context.place}" if context.place else label
    said = _counted(counted) if counted else _going(stands, today) if state in OPEN and state is not State.REFERRED else ""
    if not step or not (step.whose or counted):
        return context.reference, url, context.name, kind, beat, False, "", "", "", said
    whose = (f" – {step.whose}" if step.whose else "") + (f", by {day_short(step.by)}" if step.by else "")
    return context.reference, url, context.name, kind, beat, True, place_url(step.place, context.id), step.words, whose, said


def _counted(counted: Countdown) -> str:
    """How far the countdown has come."""
    ready = "" if counted.next else "Ready for the conference. "
    if counted.before_sign_off:
        done, of = counted.before_sign_off
        far = f"{done} of {of} done before sign-off"
    else:
        far = f"{counted.done} of {len(counted.lines)} done"
    return f"{ready}{far}{f', conference on {day_short(counted.day)}' if counted.day else ''}."


def _going(stands: Standing, today: dt.date) -> str:
    """How far the plan has come, and how much of the 20 weeks is gone."""
    clock = conference_rules.clock(stands.met_on, today)
    return f"{clock.capitalize() + '. ' if clock else ''}{count(stands.actions, 'action')}, {stands.late or 'none'} late."
