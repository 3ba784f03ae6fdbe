"""Rows of long lists, printed from a row's own template that is rendered once: see docs/decisions/0034-lines.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from flask import current_app
from jinja2 import Template
from markupsafe import Markup, escape

APART = "\x1f"
"""Between the words of a page while they are escaped in one go."""
_forms: WeakKeyDictionary[Template, dict[tuple[bool, ...], Callable[..., str]]] = WeakKeyDictionary()


def printed(template: str, names: str, rows: Sequence[tuple[Any, ...]]) -> Markup:
    """These rows, each as its template would print it.

    `names` says what the template calls the values of a row: `word` for words, which are escaped; `word!` for Markup; `word?`
    for what the template only asks whether it is so.
    """
    words, safe, asked = _columns(names)
    texts = _escaped([row[place] for row in rows for place in words])
    template_, number, lines = current_app.jinja_env.get_template(template), len(words), []
    forms = _forms.setdefault(template_, {})
    for at, row in enumerate(rows):
        kind = tuple([bool(row[place]) for place in asked])
        form = forms.get(kind) or forms.setdefault(kind, _form(template_, names, kind))
        lines.append(form(*texts[at * number:(at + 1) * number], *[row[place] for place in safe]))
    return Markup("".join(lines))


@lru_cache(maxsize=100)
def _columns(names: str) -> tuple[list[int], list[int], list[int]]:
    """The places of words, of Markup, and of what is only asked about."""
    every = list(enumerate(names.split()))
    return ([place for place, name in every if name[-1] not in "!?"], [place for place, name in every if name[-1] == "!"],
            [place for place, name in every if name[-1] == "?"])


def _escaped(words: list[str]) -> list[str]:
    """Each of these words as HTML. Calling `escape` a thousand times takes longer than all that it does."""
    found = str(escape(APART.join(words))).split(APART)
    return found if len(found) == len(words) else [str(escape(word)) for word in words]


def _form(template: Template, names: str, kind: tuple[bool, ...]) -> Callable[..., str]:
    """What a row looks like around its words, for rows of which these things are so."""
    words, safe, asked = _columns(names)
    every = names.split()
    places = {every[place].rstrip("!"): Markup(f"\x02{number}\x03") for number, place in enumerate([*words, *safe])}
    text = template.render(places | {every[place].rstrip("?"): so for place, so in zip(asked, kind)})
    return re.sub("\x02([0-9]+)\x03", r"{\1}", text.replace("{", "{{").replace("}", "}}")).format
