"""Rows printed from one rendered template are what the template itself would print."""

from __future__ import annotations

import pytest
from flask import Flask
from jinja2 import DictLoader
from markupsafe import Markup

from csc_hub.web.lines import APART, printed

ROW = "<li id=\"{{ key }}\">{{ name }} {% if late %}<b>late {{ days }}</b>{% endif %}{{ tag }}{{ key }} 100% {curly} {{ '{0}' }}</li>"
NAMES = "key name late? days tag!"


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__)
    made.jinja_loader = DictLoader({"row.html": ROW})  # type: ignore[assignment]
    return made


def rows() -> list[tuple[object, ...]]:
    tag = Markup("<i>&amp;</i>")
    return [("k1", "<script>alert('x')</script> & {0} %s {{ 1 }}", True, "3", tag), ("k2", "Ann “O’Neil”\nsecond line", False, "", tag), ("\x02\x03", "\x021\x03", True, "1", tag)]


def test_rows_are_what_their_template_prints(app: Flask) -> None:
    with app.app_context():
        template, names = app.jinja_env.get_template("row.html"), [name.rstrip("!?") for name in NAMES.split()]
        assert printed("row.html", NAMES, rows()) == "".join(template.render(dict(zip(names, row))) for row in rows())


def test_a_word_that_holds_the_mark_between_words_moves_no_other(app: Flask) -> None:
    with app.app_context():
        text = printed("row.html", NAMES, [("k", f"<a>{APART}<b>", False, "", Markup("")), ("l", "<c>", False, "", Markup(""))])
    assert f"&lt;a&gt;{APART}&lt;b&gt;" in text and text.count("<li") == 2 and text.index("&lt;c&gt;") > text.index('id="l"')


def test_no_rows_are_nothing(app: Flask) -> None:
    with app.app_context():
        assert printed("row.html", NAMES, []) == ""
