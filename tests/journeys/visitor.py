"""Somebody at a browser without scripts: reads pages, fills in forms by the words on them, presses buttons."""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from lxml import html

from tests.browser import Server

File = tuple[str, bytes]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    url: str
    headers: Any
    body: bytes

    @property
    def page(self) -> Any:
        """The page as a tree."""
        return html.fromstring(self.body)

    @property
    def words(self) -> str:
        """What a person reads of it, in one line."""
        tree = self.page
        for hidden in tree.xpath("//script|//style|//head"):
            hidden.drop_tree()
        return " ".join(" ".join(tree.itertext()).split())


class Visitor:
    """Cookies of their own, and the page they are looking at."""

    def __init__(self, server: Server):
        self.server = server
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.at: Answer | None = None

    def _ask(self, url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        try:
            with self.opener.open(urllib.request.Request(url, data, headers or {}), timeout=60) as answer:
                found = Answer(answer.status, answer.url, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            found = Answer(answer.code, answer.url, answer.headers, answer.read())
        assert found.status < 500, f"{found.status} {url}: {found.words}"
        return found

    def go(self, where: str) -> Answer:
        """Types an address."""
        self.at = self._ask(urllib.parse.urljoin(self.server.url, where))
        return self.at

    def link(self, words: str, within: str = "") -> str:
        """Where the link with these words leads; `within` is something else in the same list or table row."""
        assert self.at
        found = [a for a in self.at.page.xpath("//a[@href]") if words in " ".join(a.text_content().split())
                 and (not within or any(within in up.text_content() for up in a.iterancestors("tr", "li")))]
        assert found, f"no link “{words}” at {self.at.url}: {self.at.words}"
        found.sort(key=lambda a: a.get("href").startswith("#"))  # elsewhere first: a list of what is left links within the page
        return str(urllib.parse.urljoin(self.at.url, found[0].get("href")))

    def follow(self, words: str, within: str = "") -> Answer:
        """Follows a link."""
        return self.go(self.link(words, within))

    def download(self, words: str, within: str = "") -> Answer:
        """Follows a link to a file, and stays where they are."""
        answer = self._ask(self.link(words, within))
        assert answer.headers["Content-Disposition"].startswith("attachment"), answer.headers
        return answer

    def press(self, button: str, fields: dict[str, Any] | None = None) -> Answer:
        """Fills in the form which has this button, by the labels on it, and presses the button."""
        assert self.at
        page = self.at.page
        buttons = [b for b in page.xpath("//button") if button in " ".join(b.text_content().split())]
        assert buttons, f"no button “{button}” at {self.at.url}: {self.at.words}"
        assert buttons[0].get("disabled") is None, f"“{button}” cannot be pressed: {self.at.words}"
        form = next(buttons[0].iterancestors("form"))
        files: dict[str, File] = {}
        for label, value in (fields or {}).items():
            _fill(page, form, label, value, files)
        pairs: list[tuple[str, Any]] = [(k, v) for k, v in form.form_values() if k not in files] + list(files.items())
        url = urllib.parse.urljoin(self.at.url, form.get("action") or self.at.url)
        if form.get("method", "get").lower() == "get":
            return self.go(f"{url.partition('?')[0]}?{urllib.parse.urlencode(pairs)}")
        if form.get("enctype") == "multipart/form-data":
            body, kind = _multipart(pairs)
        else:
            assert not files, "this form sends no files"
            body, kind = urllib.parse.urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        self.at = self._ask(url, body, {"Content-Type": kind})
        return self.at

    def be(self, name: str) -> Visitor:
        """Signs in as somebody of the cast."""
        self.go("/sign-in")
        self.press(f"Sign in as {name},")
        assert name in self.at.words and "Sign out" in self.at.words
        return self


def _fill(page: Any, form: Any, label: str, value: Any, files: dict[str, File]) -> None:
    for legend in form.xpath(".//fieldset/legend"):
        if _words(legend) == label:
            return _choose(page, legend.getparent(), label, value)
    for found in form.xpath(".//label"):
        if _words(found) == label:
            field = page.get_element_by_id(found.get("for"))
            if field.get("type") == "file":
                files[field.get("name")] = value
            elif field.get("type") in ("checkbox", "radio"):
                field.checked = bool(value)
            elif field.tag == "select":
                field.value = next(o.get("value") for o in field.iter("option") if value in _words(o))
            else:
                field.value = value
            return None
    raise AssertionError(f"no field “{label}” among {[_words(x) for x in form.xpath('.//label|.//legend')]}")


def _choose(page: Any, group: Any, label: str, value: Any) -> None:
    """A date in three boxes, or one or several of a list."""
    if hasattr(value, "year"):
        for box in group.xpath(".//input"):
            box.value = str(getattr(value, box.get("name").rpartition("-")[2]))
        return
    wanted = [value] if isinstance(value, str) else value
    boxes = {_words(x): page.get_element_by_id(x.get("for")) for x in group.xpath(".//label")}
    for words, box in boxes.items():
        box.checked = words in wanted
    assert set(wanted) <= set(boxes), f"“{label}” has {list(boxes)}"


def _words(element: Any) -> str:
    return " ".join(element.text_content().split()).removesuffix(" (optional)")


def _multipart(pairs: list[tuple[str, Any]]) -> tuple[bytes, str]:
    mark, parts = uuid.uuid4().hex, b""
    for name, value in pairs:
        if isinstance(value, tuple):
            head, body = f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream', value[1]
        else:
            head, body = "", value.encode()
        parts += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{head}\r\n\r\n'.encode() + body + b"\r\n"
    return parts + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
