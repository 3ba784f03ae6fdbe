"""Signing at the door: a code on the screen for somebody's own phone, or this device handed over to them."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, current_app, g, session, url_for
from flask_login import current_user, logout_user

from csc_hub.people.links import Key
from csc_hub.people.rules import May
from csc_hub.process.agreements import signing, undertaking, witnessed
from csc_hub.process.agreements.rules import Way
from csc_hub.process.conferences import service as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import at_door
from csc_hub.process.invitations.register import Line
from csc_hub.web import guards
from csc_hub.web.pages import page, see

bp = Blueprint("at_door", __name__, url_prefix="/contexts/<uuid:context_id>/register/<uuid:conference_id>/sign")


def _register(conference: Conference, anchor: str = "") -> str:
    return url_for("register.show", context_id=g.context.id, conference_id=conference.id) + anchor


def _page(conference: Conference, line_id: uuid.UUID, qr: str = "") -> Response:
    line, person = at_door.signer(g.context, conference, line_id)
    asked = witnessed.last(person, conference.id)
    stands = at_door.standings(conference, [line], g.today)[line.key]
    return page(
        "register/sign.html", fragment="state", context=g.context, person=person, stands=stands, asked=asked, qr=qr, back=_register(conference, f"#line-{line.key}"),
        signed=signing.signature_of(asked) if asked else None, undertaking=undertaking.undertaking_of(asked) if asked else None,
        own={"context_id": g.context.id, "conference_id": conference.id, "line_id": line_id})


def _let_sign(conference_id: uuid.UUID, line_id: uuid.UUID, way: Way) -> tuple[Conference, Line, Key]:
    conference = conferences.found(conference_id, g.context)
    line, person = at_door.signer(g.context, conference, line_id)
    _, key = witnessed.ask(person, conference.id, way, current_user, g.now, g.context.id)
    return conference, line, key


@bp.get("/<uuid:line_id>")
@guards.on_context(May.EDIT_CASE)
def choose(context_id: uuid.UUID, conference_id: uuid.UUID, line_id: uuid.UUID) -> Any:
    """How somebody may sign here, and how far they have come."""
    return _page(conferences.found(conference_id, g.context), line_id)


@bp.post("/<uuid:line_id>/code")
@guards.on_context(May.EDIT_CASE)
def code(context_id: uuid.UUID, conference_id: uuid.UUID, line_id: uuid.UUID) -> Any:
    """Shows a code that one phone can scan. It stands in this answer alone."""
    import segno

    conference, _, key = _let_sign(conference_id, line_id, Way.DOOR)
    picture = BytesIO()
    segno.make(f"{current_app.config['CSC'].url}/s/{key.token}", error="m", micro=False).save(picture, kind="svg", scale=4, xmldecl=False, svgns=True, omitsize=True)
    return _page(conference, line_id, picture.getvalue().decode())


@bp.post("/<uuid:line_id>/hand-over")
@guards.on_context(May.EDIT_CASE)
def hand_over(context_id: uuid.UUID, conference_id: uuid.UUID, line_id: uuid.UUID) -> Any:
    """Hands this device over: whoever is signed in is signed out on it, and it opens the three steps of signing and nothing else."""
    conference, line, key = _let_sign(conference_id, line_id, Way.DEVICE)
    came = signing.come_in(witnessed.own_link(key, g.now), g.now)
    handed = {"by": current_user.name, "back": _register(conference, f"#line-{line.key}")}
    logout_user()
    session.clear()
    session["signing"], session["handed"] = str(came.link.id), handed
    answer = see(url_for("signing.read"))
    guards.hand_over(answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
