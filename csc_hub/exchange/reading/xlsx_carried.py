"""Finds what an Excel workbook carries besides the cells of its sheets, by looking through its parts."""

from __future__ import annotations

from csc_hub.exchange import ours
from csc_hub.exchange.reading.carried import Carried
from csc_hub.exchange.reading.container import Parts
from csc_hub.exchange.reading.markup import Walker, walk

_ROLES = {"creator": "author", "lastModifiedBy": "last saved by", "Manager": "manager", "Company": "organisation"}
OPEN_DOCUMENT = {"meta:initial-creator": "author", "creator": "last saved by"}
_PROGRAMS = {"openpyxl", "xlsxwriter", "apache poi", "unknown", ours.AUTHOR.lower()}
_FOLDERS = {
    "xl/embeddings/": "embedded files", "xl/activex/": "controls", "xl/querytables/": "data connections", "xl/model/": "data connections",
    "xl/revisions/": "a history of changes", "xl/macrosheets/": "macro sheets", "xl/dialogsheets/": "macro sheets", "xl/media/": "pictures",
    "customxml/": "data of other programs",
}
_REMARKS = 2_000  # comments whose words are kept to be looked through


class Comments(Walker):
    """Counts the comments of one sheet that are not the hub's own, and keeps their words."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.remarks: list[tuple[str, str]] = []
        self._authors: list[str] = []
        self._author = self._place = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An author or a comment begins."""
        if name == "author" or name == "t":
            self.collect()
        elif name == "comment":
            number = attributes.get("authorId", "")
            self._author = self._authors[int(number)] if number.isdigit() and int(number) < len(self._authors) else ""
            self._place = attributes.get("ref", "")

    def end(self, name: str) -> None:
        """Counts a comment when it is whole."""
        if name == "t":
            self.pause()
        elif name == "author":
            self.pause()
            self._authors.append(self.collected())
        elif name == "comment":
            words = self.collected()
            if not ours.is_comment(self._author, words):
                self.count += 1
                if len(self.remarks) < _REMARKS:
                    self.remarks.append((self._place, words))


class Counter(Walker):
    """Counts the elements of one name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Counts."""
        self.count += name == self._name


class Properties(Walker):
    """The people and organisations that the properties of a document name."""

    def __init__(self, roles: dict[str, str] = _ROLES) -> None:
        super().__init__()
        self.found: list[str] = []
        self._roles = roles

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Listens to what names somebody."""
        if name in self._roles:
            self.collect()

    def end(self, name: str) -> None:
        """Keeps a name, unless it is that of a program."""
        if name in self._roles:
            self.pause()
            words = " ".join(self.collected().split())[:60]
            if words and words.lower() not in _PROGRAMS:
                self.found.append(f"{words} ({self._roles[name]})")


def carried(parts: Parts, hidden_names: int) -> tuple[Carried, list[tuple[str, str]]]:
    """Everything but the cells, and the comments as (cell, words). Raises `Unreadable` for damaged parts."""
    found, remarks = Carried(), []
    found.add("macros", int("xl/vbaproject.bin" in parts))
    found.add("hidden names", hidden_names)
    for folder, kind in _FOLDERS.items():
        files = [name for name in parts.under(folder) if "/_rels/" not in name and "props" not in name]
        found.add(kind, len([name for name in files if folder != "xl/activex/" or name.endswith(".xml")]))
    for part in parts.under("xl/comments"):
        comments = Comments()
        walk(parts.open(part), comments)
        found.add("comments", comments.count)
        remarks += comments.remarks
    for part in parts.under("xl/externallinks/"):
        if part.endswith(".xml"):
            copies = Counter("cell")
            walk(parts.open(part), copies)
            found.add("links to other files")
            found.add("copies of cells of other files", int(copies.count > 0))
    found.add("pivot tables", len([p for p in parts.under("xl/pivotcache/") if "definition" in p and p.endswith(".xml")]))
    if "xl/connections.xml" in parts:
        connections = Counter("connection")
        walk(parts.open("xl/connections.xml"), connections)
        found.add("data connections", connections.count)
    for part in ("docProps/core.xml", "docProps/app.xml"):
        if part in parts:
            properties = Properties()
            walk(parts.open(part), properties)
            found.named += [name for name in properties.found if name not in found.named]
    return found, remarks
