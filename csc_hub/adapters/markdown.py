"""Markdown as accessible HTML: real headings that never skip a level, no raw HTML, no pictures, links that lead outwards only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CLASSES = {
    "paragraph_open": "govuk-body", "bullet_list_open": "govuk-list govuk-list--bullet", "ordered_list_open": "govuk-list govuk-list--number",
    "table_open": "govuk-table", "thead_open": "govuk-table__head", "tbody_open": "govuk-table__body", "tr_open": "govuk-table__row",
    "th_open": "govuk-table__header", "td_open": "govuk-table__cell", "blockquote_open": "govuk-inset-text",
}
SIZES = {1: "govuk-heading-l", 2: "govuk-heading-m", 3: "govuk-heading-s"}


@cache
def _reader() -> MarkdownIt:
    """What reads Markdown, made when somebody first needs it."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable(["image", "html_block", "html_inline"])
    made.options["maxNesting"] = 20
    return made


def html(text: str, top: int = 2) -> Markup:
    """The text as HTML whose highest heading is an h`top`."""
    reader = _reader()
    tokens = reader.parse(text)
    _level(tokens, top)
    for token in _all(tokens):
        if token.type in CLASSES:
            token.attrJoin("class", CLASSES[token.type])
        if token.type == "heading_open":
            token.attrJoin("class", SIZES.get(int(token.tag[1]), "govuk-heading-s"))
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in ("th_open", "td_open"):
            token.attrs.pop("style", None)  # the policy of the page forbids it
        if token.type == "link_open":
            _outwards(token)
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # nosec: raw HTML is off


def _all(tokens: Sequence[Token]) -> list[Token]:
    return [found for token in tokens for found in (token, *(token.children or ()))]


def _outwards(token: Token) -> None:
    """A link goes to another site or opens a mail; what does not is only text."""
    token.attrJoin("class", "govuk-link")
    if not str(token.attrGet("href") or "").lower().startswith(("https://", "http://", "mailto:")):
        token.attrs.pop("href", None)
    token.attrSet("rel", "noopener noreferrer")


def _level(tokens: Sequence[Token], top: int) -> None:
    """Headings keep their order, begin at the level the page leaves free, and go down one step at a time."""
    above: list[int] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            was = int(token.tag[1])
            while above and above[-1] >= was:
                above.pop()
            above.append(was)
            token.tag = f"h{min(6, top + len(above) - 1)}"
            tokens[place + 2].tag = token.tag
