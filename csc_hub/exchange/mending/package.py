"""An Excel file as a package of parts, of which some are changed and all others leave byte for byte as they came."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass
from typing import Any

from lxml import etree

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.container import unpack
from csc_hub.exchange.reading.markup import DECLARED

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CONTENT = "[Content_Types].xml"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
PART_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"


@dataclass(frozen=True)
class Relation:
    """One arrow from a part to another, or to a place outside the file."""

    id: str
    kind: str  # the end of its type: 'worksheet', 'comments'
    target: str  # the part it points to, made whole; outside the file, as it stands
    outside: bool


class Package:
    """The parts by name. `tree` gives a part to look at, `edit` gives it to change."""

    def __init__(self, data: bytes) -> None:
        unpack(data)
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._entries = {_plain(entry.filename): entry for entry in self._archive.infolist() if not entry.is_dir()}
        self._trees: dict[str, Any] = {}
        self._changed: set[str] = set()
        self._new: dict[str, bytes] = {}
        self._spelt: dict[str, str] = {}  # how the names of new parts are written
        self._dropped: set[str] = set()

    def __contains__(self, part: str) -> bool:
        name = _plain(part)
        return name in self._new or (name in self._entries and name not in self._dropped)

    def names(self) -> list[str]:
        """Every part that there is now."""
        return sorted((self._entries.keys() - self._dropped) | self._new.keys())

    def bytes_of(self, part: str) -> bytes:
        """A part as it came, or as it was put. Raises `Unreadable` when there is none."""
        name = _plain(part)
        if name in self._new:
            return self._new[name]
        if name not in self:
            raise Unreadable(BROKEN)
        return self._archive.read(self._entries[name])

    def tree(self, part: str) -> Any:
        """A part as XML, to look at. Raises `Unreadable` for damaged XML and for any declaration."""
        name = _plain(part)
        if name not in self._trees:
            self._trees[name] = parsed(self.bytes_of(part))
        return self._trees[name]

    def edit(self, part: str) -> Any:
        """A part as XML, to change: it will be written anew."""
        root = self.tree(part)
        self._changed.add(_plain(part))
        return root

    def put(self, part: str, content: bytes, content_type: str = "") -> None:
        """A part of our own, or another content for one; with what it is, if the package does not say so yet."""
        name = _plain(part)
        self._new[name] = content
        self._spelt[name] = part
        self._trees.pop(name, None)
        self._changed.discard(name)
        if content_type:
            self._override(part, content_type)

    def drop(self, part: str) -> None:
        """Takes out a part, what it is, and its own arrows."""
        for name in (_plain(part), _plain(relations_of(part))):
            self._new.pop(name, None)
            self._changed.discard(name)
            self._dropped.add(name)
        for element in list(self.edit(_CONTENT)):
            if _plain(element.get("PartName", "")) == _plain(part):
                element.getparent().remove(element)

    def relations(self, part: str) -> list[Relation]:
        """The arrows that leave a part, in their order; '' is the package itself."""
        place = relations_of(part)
        if place not in self:
            return []
        return [Relation(
            e.get("Id", ""), e.get("Type", "").rpartition("/")[2],
            e.get("Target", "") if e.get("TargetMode") == "External" else _whole(part, e.get("Target", "")), e.get("TargetMode") == "External",
        ) for e in self.tree(place) if isinstance(e.tag, str)]

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind to which another points, if it is there."""
        return next((r.target for r in self.relations(part) if r.kind == kind and not r.outside and r.target in self), None)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Draws an arrow, and gives its id."""
        place = relations_of(part)
        if place not in self:
            self.put(place, f'<Relationships xmlns="{_RELATIONS}"/>'.encode())
        root = self.edit(place)
        taken = {e.get("Id") for e in root}
        name = next(f"csc{n}" for n in range(1, len(taken) + 2) if f"csc{n}" not in taken)
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", Id=name, Type=f"{RELATED}/{kind}", Target="/" + target)
        return name

    def unrelate(self, part: str, *kinds: str) -> list[Relation]:
        """Takes away the arrows of these kinds, and gives them."""
        gone = [relation for relation in self.relations(part) if relation.kind in kinds]
        if gone:
            root, ids = self.edit(relations_of(part)), {relation.id for relation in gone}
            for element in list(root):
                if element.get("Id") in ids:
                    root.remove(element)
        return gone

    def say_type(self, part: str, content_type: str) -> None:
        """Says anew what a part is."""
        self._override(part, content_type)

    def default_type(self, ending: str, content_type: str) -> None:
        """Says what parts with an ending are, unless that is said."""
        root = self.edit(_CONTENT)
        if not any(e.get("Extension", "").lower() == ending for e in root):
            root.insert(0, etree.Element(f"{{{_TYPES}}}Default", Extension=ending, ContentType=content_type))

    def free_name(self, pattern: str) -> str:
        """A part's name that nothing has yet: 'xl/comments{}.xml'."""
        return next(name for n in range(1, 10_000) if (name := pattern.format(n)) not in self)

    def _override(self, part: str, content_type: str) -> None:
        root = self.edit(_CONTENT)
        for element in root:
            if _plain(element.get("PartName", "")) == _plain(part):
                element.set("ContentType", content_type)
                return
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName="/" + part.lstrip("/"), ContentType=content_type)

    def saved(self) -> bytes:
        """The whole file: untouched parts with the bytes they came with, in their order, then the new ones."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
            for name, entry in self._entries.items():
                if name not in self._dropped:
                    out.writestr(_entry(entry.filename), self._content(name), zipfile.ZIP_DEFLATED)
            for name in self._new.keys() - (self._entries.keys() - self._dropped):
                out.writestr(_entry(self._spelt[name]), self._content(name), zipfile.ZIP_DEFLATED)
        return file.getvalue()

    def _content(self, name: str) -> bytes:
        if name in self._changed:
            return written(self._trees[name])
        return self._new.get(name) or self._archive.read(self._entries[name])


def _entry(name: str) -> zipfile.ZipInfo:
    """A place in the new file that tells nothing of when or where it was made."""
    return zipfile.ZipInfo(name.replace("\\", "/").lstrip("/"))


def parsed(content: bytes) -> Any:
    """XML as a tree, without following or expanding anything. Raises `Unreadable`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise Unreadable(BROKEN) from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable(DECLARED)
    return root


def written(root: Any) -> bytes:
    """A tree as the bytes of a part."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def relations_of(part: str) -> str:
    """Where the arrows of a part lie."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _plain(part: str) -> str:
    """A part's name to compare by: Excel does not tell capitals from small letters."""
    return part.replace("\\", "/").lstrip("/").lower()


def _whole(part: str, target: str) -> str:
    """The name of the part to which another points; one that climbs out of the file points to nothing."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target.replace("\\", "/"))).lstrip("/")
