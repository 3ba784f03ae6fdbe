"""What templates ask for hundreds of times a page, made without asking the same twice: addresses, tags, hidden fields."""

from __future__ import annotations

import time
import uuid
from functools import lru_cache
from typing import Any

from flask import g, request, session
from flask import url_for as flask_url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from werkzeug import routing

_PLACES = tuple(uuid.UUID(int=(1 << 127) + number) for number in range(4))
_patterns: dict[tuple[str, ...], str] = {}
_fixed: dict[tuple[str, ...], str] = {}
_tokens: dict[str, tuple[int, str]] = {}
SESSIONS = 1_000
"""Of so many sessions a worker keeps the signed token."""


class Rule(routing.Rule):
    """A route whose address is compiled when somebody first asks for it, and not at each start."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        compiled = super()._compile_builder
        made: list[Any] = []

        def build(rule: Rule, *args: Any, **values: Any) -> Any:
            if not made:
                made.append(compiled(append_unknown))
            return made[0](rule, *args, **values)

        return build


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's `url_for`; where all that varies are ids, by a pattern that Flask was asked for once."""
    for value in values.values():
        if type(value) is not uuid.UUID or len(values) > len(_PLACES):
            return flask_url_for(endpoint, **values)
    key = (request.script_root, endpoint, *values)
    pattern = _patterns.get(key)
    if pattern is None:
        pattern = flask_url_for(endpoint, **dict(zip(values, _PLACES)))
        if "%" in pattern or "{" in pattern or not all(str(place) in pattern for place in _PLACES[:len(values)]):
            return flask_url_for(endpoint, **values)
        for number, place in enumerate(_PLACES[:len(values)]):
            pattern = pattern.replace(str(place), f"{{{number}}}")
        _patterns[key] = pattern
    return pattern.format(*values.values()) if values else pattern


def around(endpoint: str, name: str, **values: Any) -> str:
    """An address with `{}` where the id of this name is, for lists that put one id after the other there."""
    return url_for(endpoint, **{name: _PLACES[0]}, **values).replace(str(_PLACES[0]), "{}")


def fixed(endpoint: str, **values: str) -> str:
    """An address made only of the hub's own words, such as that of a static file: there are few, and each is made once."""
    key = (request.script_root, endpoint, *values.values())
    if key not in _fixed:
        _fixed[key] = flask_url_for(endpoint, **values)
    return _fixed[key]


def csrf_token() -> str:
    """The CSRF token of this session. Flask-WTF has its own say in every template, so the context names this one.

    It is signed with the second it is made in (decision 12), so within that second a worker need not sign it again.
    """
    if "csrf" not in g:
        second = int(time.time())
        made, token = _tokens.get(session.get("csrf_token", ""), (0, ""))
        g.csrf = token if made == second else _signed(generate_csrf(), second)
    return str(g.csrf)


def _signed(token: str, second: int) -> str:
    if len(_tokens) >= SESSIONS:
        _tokens.clear()
    _tokens[session["csrf_token"]] = second, token
    return token


def hidden(token: str, version: int | None = None) -> Markup:
    """The hidden fields of a form: its CSRF token, and the version of the record that the page showed."""
    fields = Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)
    return fields if version is None else fields + Markup('<input type="hidden" name="version" value="{}">').format(version)


@lru_cache(maxsize=1_000)
def tag(words: str, colour: str = "grey") -> Markup:
    """GOV.UK's tag."""
    return Markup(f'<strong class="govuk-tag govuk-tag--{escape(colour)}">{escape(words)}</strong>')
