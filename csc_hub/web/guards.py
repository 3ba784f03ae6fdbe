"""Every route has exactly one guard: who may come in is settled before the body is read.

A guard then reads the form and its CSRF token, lets a writing request write, and commits once if the answer
is good. It refuses to commit a change that no event records.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, after_this_request, current_app, g, make_response, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from csc_hub import db as database
from csc_hub import kernel
from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.people import rules
from csc_hub.people.rules import May

csrf = CSRFProtect()
SAFE = ("GET", "HEAD", "OPTIONS")
AHEAD = 300
"""Seconds by which a session may have been seen later than now: one of a clock that was ahead would last too long."""
View = Callable[..., Any]


def anyone(view: View) -> View:
    """Open to everybody, signed in or not."""
    return _guarded(view, "anyone", None, lambda: None)


def anyone_with_file(most: int) -> Callable[[View], View]:
    """The same for a page that takes a small file of so many bytes from somebody unknown."""
    return lambda view: _guarded(view, "anyone", None, lambda: None, most)


def signed_in(view: View) -> View:
    """Open to everybody who has signed in."""
    return _guarded(view, "signed in", None, _somebody)


def may(capability: May, large: bool = False) -> Callable[[View], View]:
    """Open to people one of whose roles may do this anywhere in the hub; 404 for everybody else."""

    def check() -> None:
        _somebody()
        g.may = rules.capabilities(current_user.roles)
        if capability not in g.may:
            raise kernel.NotFound

    return lambda view: _guarded(view, f"may {capability}", large, check)


def on_context(capability: May, large: bool = False) -> Callable[[View], View]:
    """Open in one context: 404 for those who have no business there, 403 for those whose role may not do this."""

    def check() -> None:
        _somebody()
        find = current_app.extensions["csc_context_door"]
        g.context, g.may = find(current_user, request.view_args["context_id"], g.now)
        if capability not in g.may:
            abort(403)

    return lambda view: _guarded(view, f"in context {capability}", large, check)


def invited(view: View) -> View:
    """Open to whoever came in by the link or code of an invitation, for as long as that works; staff need it too."""
    return _guarded(view, "invited", None, _by_invitation)


def invited_with_file(most: int) -> Callable[[View], View]:
    """The same for a page that takes a file of so many bytes: who they are is known before any of it is read."""
    return lambda view: _guarded(view, "invited", True, _by_invitation, most)


def signing(view: View) -> View:
    """Open to whoever came in by the link or code of a request to sign, for as long as that works; staff need it too."""
    return _guarded(view, "signing", None, _by_request_to_sign)


def reporting(view: View) -> View:
    """Open to whoever came in by the link or code of a door for updates, while that works and their agency is covered by the agreement; staff need it too."""
    return _guarded(view, "reporting", None, _by_update_door)


def reporting_with_file(most: int) -> Callable[[View], View]:
    """The same for a page that takes a file of so many bytes: who they are is known before any of it is read."""
    return lambda view: _guarded(view, "reporting", True, _by_update_door, most)


def at_update_door(view: View) -> View:
    """Open to the same people before their agency is covered, or after the plan is over: nothing of the plan stands there."""
    return _guarded(view, "at update door", None, _at_update_door)


def _at_update_door() -> None:
    g.door = current_app.extensions["csc_reporting"](session.get("door"), g.now)
    if g.door is None:
        raise NotInvited


def _by_update_door() -> None:
    _at_update_door()
    if not g.door.may:
        raise NotYet


def _by_request_to_sign() -> None:
    g.signing = current_app.extensions["csc_signing"](session.get("signing"), g.now)
    if g.signing is None:
        raise NotInvited


def _by_invitation() -> None:
    g.invitation = current_app.extensions["csc_invited"](session.get("invited"), g.now)
    if g.invitation is None:
        raise NotInvited


def ceiling(most: int) -> int:
    """How many bytes a file may have: the council's ceiling, or a door's own where that is lower."""
    council = int(current_app.config["CSC"].upload_bytes)
    return min(most, council) if most else council


class NotInvited(Exception):
    """Nobody has come in by an invitation, a request to sign or a door for updates, or its link no longer works."""


class NotYet(Exception):
    """Somebody came in by a door for updates whose agency must sign first, or whose plan is over."""


def _somebody() -> None:
    if not current_user.is_authenticated:
        raise NotSignedIn


class NotSignedIn(Exception):
    """Nobody has signed in yet."""


def _guarded(view: View, name: str, large: bool | None, check: Callable[[], None], most: int = 0) -> View:
    @functools.wraps(view)
    def inside(**kwargs: Any) -> Any:
        g.now = kernel.now()
        g.today = kernel.today(g.now)
        check()
        if request.method in SAFE:
            return _read(view, kwargs)
        return _write(view, kwargs, bool(large), most)

    setattr(inside, "guard", name)
    setattr(inside, "large", bool(large))
    setattr(inside, "most", most)
    return inside


def _read(view: View, kwargs: dict[str, Any]) -> Response:
    """Answers a reading request; the only thing it may keep is that a paper was opened or something was downloaded."""
    try:
        answer = make_response(view(**kwargs))
        if database.wrote():
            database.finish(keep=answer.status_code < 400)
        return answer
    except BaseException:
        database.finish(keep=False)
        raise


def _write(view: View, kwargs: dict[str, Any], large: bool, most: int) -> Response:
    database.let_go()
    if large:
        request.max_content_length = ceiling(most) + 256 * 1024
    elif most or not current_user.is_authenticated:
        request.max_content_length = most + 64 * 1024
    request.form  # parsed here: ceilings are met while it streams
    csrf.protect()
    before = dict(session)
    try:
        database.start_writing()
        db.session.info["recorded"] = False
        answer = make_response(view(**kwargs))
        keep = answer.status_code < 400
        if keep and database.wrote() and not db.session.info["recorded"]:
            raise RuntimeError(f"{request.endpoint} wrote without recording an event")
        database.finish(keep)
        return answer
    except (StaleDataError, IntegrityError):
        _undo(before)
        abort(409)
    except BaseException:
        _undo(before)
        raise


def _undo(before: dict[str, Any]) -> None:
    """Nothing was kept: neither what was written, nor who was let in, nor the words that say it is done."""
    database.finish(keep=False)
    session.clear()
    session.update(before)


def record_alone(verb: str, **detail: Any) -> None:
    """Records something refused, in a short transaction of its own, whatever the answer will be."""
    database.finish(keep=False)
    person = current_user if current_user.is_authenticated else None
    with database.writing():
        audit.record(verb, person, g.get("now") or kernel.now(), **detail)


def load_person(key: str) -> Any:
    """Whose session this is: nobody's, once the person was stopped, changed password, or stayed away too long."""
    from csc_hub.people import records as people

    if is_handed():
        return None
    try:
        person_id, session_key = key.split(".")
        person = (people.reader if request.method in SAFE else people.signed_in)(uuid.UUID(person_id))
    except ValueError:
        return None
    if person is None or not person.active or str(person.session_key) != session_key:
        return None
    now = kernel.now()
    seen, since = session.get("seen", 0.0), session.get("since", 0.0)
    idle = dt.timedelta(hours=rules.IDLE_HOURS).total_seconds()
    if not -AHEAD <= now.timestamp() - seen <= idle or now.timestamp() - since > rules.LONGEST_HOURS * 3600:
        return None
    if now.timestamp() - seen > 60:
        session["seen"] = now.timestamp()
    return person


def _handed() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-handed"


def is_handed() -> bool:
    """Whether this device was handed over, whatever its session says: an answer under way could put back a cookie that was signed in."""
    return _handed() in request.cookies


class Sessions(SecureCookieSessionInterface):
    """A device that was handed over keeps its session under a name of its own, which no answer under way can write over."""

    @functools.lru_cache(maxsize=4)
    def get_signing_serializer(self, app: Flask) -> Any:
        """What signs sessions: the secret is the same as long as the hub runs."""
        return super().get_signing_serializer(app)

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie that holds the session of this request, or of its answer."""
        name = super().get_cookie_name(app)
        return f"{name}-device" if request.environ.get(_ON_DEVICE, is_handed()) else name


_ON_DEVICE = "csc_hub.on_device"


def hand_over(answer: Response) -> None:
    """Nobody's session counts on this device until somebody signs in or it is handed back. Longer than any session lasts."""
    request.environ[_ON_DEVICE] = True
    kept = {"secure": current_app.config["SESSION_COOKIE_SECURE"], "httponly": True, "samesite": "Lax"}
    answer.delete_cookie(current_app.config["SESSION_COOKIE_NAME"], **kept)
    answer.set_cookie(_handed(), "1", max_age=rules.LONGEST_HOURS * 3600, **kept)


def take_back() -> None:
    """Whatever session the device held before is over, and the next one counts."""
    session.clear()
    if is_handed():
        names = (_handed(), f"{current_app.config['SESSION_COOKIE_NAME']}-device")
        request.environ[_ON_DEVICE] = False

        @after_this_request
        def forget(answer: Response) -> Response:
            for name in names:
                answer.delete_cookie(name, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax")
            return answer


def ask_to_sign_in() -> Any:
    """What a request gets that needs somebody signed in."""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("signing_in.sign_in")})
    if request.method not in SAFE:
        return current_app.extensions["csc_error_page"](401)
    after = request.full_path.rstrip("?") if request.path != "/" else None
    return redirect(url_for("signing_in.sign_in", next=after))
