"""One handler for everything that goes wrong: a sentence a person can read, and what to do next."""

from __future__ import annotations

import time
import traceback
from typing import Any

from flask import Flask, Response, current_app, flash, g, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from csc_hub import db as database
from csc_hub.adapters.storage import Damaged, Missing, StoreDown
from csc_hub.kernel import NotFound, Refused
from csc_hub.web import guards
from csc_hub.web.guards import NotInvited, NotSignedIn, NotYet
from csc_hub.web.pages import see

PAGES = {
    400: ("This page has expired", "Go back, load the page again and send what you typed once more. Nothing was changed."),
    401: ("Sign in first", "You have been signed out, so nothing was changed. Sign in and try again."),
    403: ("Your role does not allow this", "You may see this, and somebody else in the team may change it. Ask the coordinator if that is wrong."),
    404: ("Page not found", "If you typed the address, check it. If you followed a link, the page may have moved or may not be yours to see."),
    405: ("That cannot be done from here", "Go back to the page you came from and use the button on it."),
    409: ("Somebody else saved this at the same moment", "Nothing of yours was saved. Go back, load the page again and check what changed."),
    413: ("The file is too large", "Nothing was changed. Go back and choose a smaller file."),
    422: ("That is not possible now", "Nothing was changed."),
    500: ("Sorry, something went wrong", "Nothing you sent was saved in part. Try again in a minute. If it happens again, tell the person who looks after the hub."),
    503: ("Papers cannot be reached just now", "The place where papers are kept does not answer. Nothing was changed. Try again in a few minutes."),
}


BROKEN = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{title} – CSC Hub</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1><p>{words}</p><p><a href="/">Go to the first page</a></p></main></body></html>"""
"""A page that needs nothing of what may just have failed."""


def error_page(status: int, sentence: str = "") -> Response:
    """The page for a status, or a fragment of it for htmx."""
    title, words = PAGES.get(status, PAGES[400 if status < 500 else 500])
    back = request.referrer if request.referrer and request.referrer.startswith(request.host_url) else None
    text = render_template("error.html", title=title, words=sentence or words, status=status, back=back)
    return Response(text, status)


def _too_large(_: RequestEntityTooLarge) -> Response:
    """Reads the rest of the body away first: a browser that is cut off shows no page at all."""
    view = current_app.view_functions.get(request.endpoint or "")
    large = getattr(view, "large", False) and (current_user.is_authenticated or "invitation" in g or "door" in g)
    body, until = request.environ["wsgi.input"], time.monotonic() + (60 if large else 2)
    left = min(request.content_length or 0, 1024 ** 3 if large and current_user.is_authenticated else 128 * 1024 ** 2 if large else 16 * 1024 ** 2)
    while left > 0 and time.monotonic() < until:
        piece = body.read(min(left, 65536))
        if not piece:
            break
        left -= len(piece)
    most = guards.ceiling(getattr(view, "most", 0)) // 1024 ** 2
    if large:
        return error_page(413, f"Files can have up to {most} MB. Nothing was changed. Go back and choose a smaller file.")
    if small := getattr(view, "most", 0):
        return error_page(413, f"Files can have up to {guards.ceiling(small) // 1024} kB here. Nothing was changed. Go back and choose a smaller file.")
    return error_page(413, "What you sent is longer than this form takes. Nothing was changed. Go back and shorten it.")


def init(app: Flask) -> None:
    """Registers the handlers."""
    app.extensions["csc_error_page"] = error_page
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(NotSignedIn, lambda _: guards.ask_to_sign_in())
    app.register_error_handler(NotInvited, lambda _: error_page(404, "This page opens by a link in a mail. Open the link in the mail that you got, or use the code in it."))
    app.register_error_handler(NotYet, lambda _: see(url_for("doors.before")))
    app.register_error_handler(NotFound, lambda _: _refused_door(404))
    app.register_error_handler(403, lambda _: _refused_door(403))
    app.register_error_handler(Refused, lambda refusal: error_page(422, refusal.sentence))
    app.register_error_handler(CSRFError, lambda _: error_page(400))
    for fault in (StoreDown, Missing, Damaged):
        app.register_error_handler(fault, lambda _: error_page(503))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def _refused_door(status: int) -> Response:
    if current_user.is_authenticated:
        guards.record_alone("refused_door", endpoint=request.endpoint or "", status=status)
    return error_page(status)


def _http(error: HTTPException) -> Any:
    if error.code and error.code < 400:
        return error
    if isinstance(error, SecurityError):  # another host's name: no page of ours can be made for it
        return Response("This is not the address of the hub.\n", 400, mimetype="text/plain")
    return error_page(error.code or 500)


def _broken(error: Exception) -> Response:
    if isinstance(error, SQLAlchemyError):  # its message may hold what somebody typed
        place = traceback.extract_tb(error.__traceback__)[-1]
        current_app.logger.error("%s %s: %s at %s:%s", request.method, request.url_rule, type(error).__name__, place.filename, place.lineno)
    else:
        current_app.logger.exception("%s %s", request.method, request.url_rule)
    try:
        database.finish(keep=False)
    except SQLAlchemyError:
        pass
    return Response(BROKEN.format(title=PAGES[500][0], words=PAGES[500][1]), 500)


def say(words: str) -> None:
    """What was done, shown once on the next page."""
    flash(words, "done")


