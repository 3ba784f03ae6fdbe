"""The council's name and colour, fingerprints of static files, and words for templates."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask_login import current_user
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined

import csc_hub
from csc_hub import kernel
from csc_hub.people.rules import May
from csc_hub.web import forms, kept, quick

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}


@lru_cache(maxsize=200)
def _fingerprint(name: str) -> str:
    return hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file, which changes when the file does."""
    return quick.fixed("static", filename=name, v=_fingerprint(name))


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if g.get("https"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if _never_changes() else "no-cache"
    elif request.endpoint != "theme":
        response.headers["Cache-Control"] = "no-store"
    return response


def _never_changes() -> bool:
    """Whether another static file would have another address: a fingerprint, or the version in a vendor's path."""
    return bool(request.args.get("v")) or request.path.startswith("/static/vendor/")


def components() -> Environment:
    """Where the macros of templates/components live. They lean on GOV.UK's, which read options nobody gave as empty: hence an
    environment of their own, while pages refuse whatever is undefined."""
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, auto_reload=False, bytecode_cache=kept.Kept("components"), loader=ChoiceLoader([
        FileSystemLoader(ROOT / "templates"), PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]))


def init(app: Flask) -> None:
    """Gives templates their words and every answer its headers."""
    settings = app.config["CSC"]
    theme = (f":root{{--govuk-brand-colour:{settings.colour};--csc-colour:{settings.colour}}}\n").encode()
    mark = hashlib.sha256(theme).hexdigest()[:12]
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.bytecode_cache = kept.Kept("pages")
    env.trim_blocks = env.lstrip_blocks = True
    env.filters.update(
        day=kernel.day_in_words, short_day=kernel.day_short, moment=kernel.moment_in_words, clock_time=kernel.time_in_words, listed=kernel.listed)
    env.globals.update(
        asset=asset, count=kernel.count, May=May, anchor=forms.anchor, shown=forms.shown, url_for=quick.url_for, hidden=quick.hidden, tag=quick.tag,
        hub_version=csc_hub.__version__, council=settings.council, demonstration=settings.demonstration,
        navigation=(), theme_url=lambda: quick.fixed("theme", v=mark))

    fields: Any = components().get_template("components/fields.html").module
    env.globals.update({name: getattr(fields, name) for name in ("field", "faults", "row", "onward", "tickbox", "in_pieces")})

    @app.before_request
    def _note() -> None:
        g.https = settings.https

    @app.context_processor
    def _facts() -> dict[str, Any]:
        return {"me": current_user._get_current_object(), "may": g.get("may") or frozenset(), "today": g.get("today"), "frame": None, "csrf_token": quick.csrf_token}

    def theme_css() -> Response:
        answer = Response(theme, mimetype="text/css")
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer

    theme_css.guard = "anyone"  # type: ignore[attr-defined]
    app.add_url_rule("/theme.css", "theme", theme_css)
    app.after_request(_headers)
