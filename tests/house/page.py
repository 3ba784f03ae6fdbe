"""Reads pages the way a browser and a screen reader would, and walks all links of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.house.ground import SEATS, Ground

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
OFTEN = 6
"""How many pages of one kind each role looks at: more findings or actions show nothing new."""
Attributes = dict[str, str]


@dataclass
class Field:
    """One control of a form."""

    tag: str
    at: Attributes
    options: list[tuple[str, bool]] = field(default_factory=list)
    text: str = ""

    @property
    def name(self) -> str:
        """What it is called when it is sent."""
        return self.at.get("name", "")

    @property
    def kind(self) -> str:
        """text, email, password, hidden, radio, checkbox, file, submit, textarea or select."""
        return self.tag if self.tag in ("textarea", "select") else self.at.get("type", "text" if self.tag == "input" else "submit")


@dataclass
class Form:
    """A form of a page."""

    at: Attributes
    fields: list[Field] = field(default_factory=list)

    @property
    def method(self) -> str:
        """How it is sent."""
        return self.at.get("method", "get").lower()


class Page(HTMLParser):
    """One page: its elements, forms, ids, links and headings."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.forms: list[Form] = []
        self.loose: list[Field] = []
        self.open: list[str] = []
        self.title = self.words = self.lang = ""
        self.inline: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element and what it belongs to."""
        at = {name: value or "" for name, value in attrs}
        self.tags.append((tag, at))
        if tag == "html":
            self.lang = at.get("lang", "")
        if tag == "form":
            self.forms.append(Form(at))
        if tag in ("input", "textarea", "select", "button"):
            (self.forms[-1].fields if self.forms and "form" in self.open else self.loose).append(Field(tag, at))
        if tag == "option" and self._control("select"):
            self._control("select").options.append((at.get("value", ""), "selected" in at))  # type: ignore[union-attr]
        if tag not in VOID:
            self.open.append(tag)

    def _control(self, tag: str) -> Field | None:
        fields = self.forms[-1].fields if self.forms and "form" in self.open else self.loose
        return fields[-1] if fields and fields[-1].tag == tag else None

    def handle_endtag(self, tag: str) -> None:
        """Leaves an element."""
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Notes words, and the code of scripts and styles in the page."""
        inside = self.open[-1] if self.open else ""
        if inside == "title":
            self.title += data
        elif inside in ("script", "style"):
            self.inline += [data] if data.strip() else []
        else:
            self.words += data
        if inside == "textarea" and self._control("textarea"):
            self._control("textarea").text += data  # type: ignore[union-attr]

    @property
    def ids(self) -> list[str]:
        """All ids, in order."""
        return [at["id"] for _, at in self.tags if "id" in at]

    def all(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [at[name] for _, at in self.tags if name in at]

    def links(self) -> list[str]:
        """Where links, and what loads by itself, lead to."""
        return [at[name] for tag, at in self.tags for name in ("href", "hx-get") if name in at and tag != "link"]


def injected(page: Page) -> list[str]:
    """Elements and attributes that no template of ours writes."""
    bad = [tag for tag, _ in page.tags if tag.startswith("csc-x") or tag in ("iframe", "object", "embed", "base", "math")]
    bad += [tag for tag, at in page.tags if tag == "svg" and not at.get("class", "").startswith("govuk-")]
    bad += [f"{tag} {name}" for tag, at in page.tags for name in at if name.startswith("on") or name.startswith("csc-x")]
    bad += [value for name in ("href", "src", "action", "formaction", "hx-get", "hx-post") for value in page.all(name)
            if value.strip().lower().startswith(("javascript:", "data:", "vbscript:"))]
    return bad + [f"code: {code[:60]}" for code in page.inline]


@dataclass
class Step:
    """One answer on a walk."""

    role: str
    url: str
    answer: TestResponse
    text: str
    page: Page | None
    came_from: str


class Walk:
    """Follows the links from the first page on, once for each role."""

    def __init__(self, ground: Ground):
        self.ground = ground
        self.steps: list[Step] = []
        for role in SEATS:
            start = ["/sign-in", f"/choose-password/{ground.token}"] if role == "nobody" else ["/report"] if role == "reporting" else ["/"]
            self._go(role, start)

    def _go(self, role: str, todo: list[Any]) -> None:
        todo, seen, often = [(url, "") for url in todo], set(), Counter[str]()
        while todo:
            url, came_from = todo.pop(0)
            endpoint = self._endpoint(url)
            if url in seen or often[endpoint] >= OFTEN:
                continue
            seen.add(url)
            often[endpoint] += 1
            answer = self.ground.seats[role].ask("GET", url)
            is_page = answer.mimetype == "text/html" and answer.status_code < 300
            text = answer.text if is_page else ""
            if not is_page:
                answer.close()
            page = Page(text) if is_page else None
            self.steps.append(Step(role, url, answer, text, page, came_from))
            found = page.links() if page else [answer.headers["Location"]] if "Location" in answer.headers else []
            for link in found:
                parts = urlsplit(urljoin(f"http://localhost{url}", link))
                if parts.netloc == "localhost" and parts.scheme == "http":
                    plain = urldefrag(parts._replace(scheme="", netloc="").geturl())[0]
                    todo.append((plain, url))

    def _endpoint(self, url: str) -> str:
        try:
            return str(self.ground.app.url_map.bind("localhost").match(urlsplit(url).path)[0])
        except HTTPException:
            return url

    @property
    def pages(self) -> list[Step]:
        """The whole pages."""
        return [step for step in self.steps if step.page]
