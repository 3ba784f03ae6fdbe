"""Looks inside zip and OLE files and says what they are; runs in the sandbox's child and imports little.

Nothing a file says of itself is trusted: every part of a zip is really unpacked and counted, and parts that are
files of their own are noticed by their first bytes whatever they are called.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from csc_hub.adapters.sandbox import BROKEN, TOO_LARGE, Unreadable

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARTS = 2_000
PART_BYTES = 150_000_000
ALL_BYTES = 300_000_000
LIST_BYTES = 4_000_000
PIECE = 256 * 1024
TYPES, MIMETYPE, MANIFEST = "[content_types].xml", "mimetype", "meta-inf/manifest.xml"
INSIDE = (ZIP, OLE, b"MZ", b"\x7fELF", b"%PDF-", b"{\\rtf", b"Rar!\x1a", b"7z\xbc\xaf", b"MSCF", b"ITSF")
WEB_PAGE = re.compile(rb"\s*(<!doctype\s+html|<html|mime-version:)", re.I)
DTD = re.compile(rb"<!DOCTYPE|<\0!\0D\0O\0C\0T\0Y\0P\0E|<!ENTITY|<\0!\0E\0N\0T\0I\0T\0Y")
ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", re.I)
ENCODINGS = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}
OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {OFFICE + "wordprocessingml.document.main+xml": "docx", OFFICE + "spreadsheetml.sheet.main+xml": "xlsx"}
ODF = "application/vnd.oasis.opendocument."
ODF_KINDS = {ODF + "text": "odt", ODF + "spreadsheet": "ods", ODF + "presentation": "slides"}
ROOTS = (
    ("encryptedpackage", "locked"), ("worddocument", "doc"), ("workbook", "xls"), ("book", "xls"),
    ("powerpoint document", "slides"), ("__properties_version1.0", "msg"),
)


def look(file: BinaryIO) -> str:
    """An accepted ending ("docx", "msg") or the reason for a refusal ("macros", "zip"). Raises `Unreadable`."""
    start = file.read(8)
    if start == OLE:
        names = {name.lower() for name in _ole_names(file)}
        return next((kind for name, kind in ROOTS if name in names), "unknown")
    if not start.startswith(ZIP):
        raise Unreadable(BROKEN)
    with zipfile.ZipFile(file) as archive:
        return _look_in_zip(file, archive.infolist())


def _look_in_zip(file: BinaryIO, parts: list[zipfile.ZipInfo]) -> str:
    if len(parts) > PARTS:
        raise Unreadable(TOO_LARGE)
    names = {part.orig_filename.lower(): part for part in parts}
    if kind := _kind_by_names(names):
        return kind
    if len(names) < len(parts) or (TYPES in names) == (MIMETYPE in names):
        raise Unreadable(BROKEN)
    kept, inside = _unpack(file, parts)
    if TYPES in names:
        kind = _office_kind(kept[TYPES], set(names))
    else:
        kind = _odf_kind(kept)
    if kind == "macros" or not inside:
        return kind
    return "inside" if kind in ("docx", "xlsx", "odt", "ods") else kind


def _kind_by_names(names: dict[str, zipfile.ZipInfo]) -> str:
    """What the list of parts alone gives away, or nothing."""
    if any(_leads_outside(name) for name in names):
        return "outside"
    if TYPES not in names and MIMETYPE not in names:
        return "program" if "meta-inf/manifest.mf" in names else "zip"
    if any(part.flag_bits & 1 for part in names.values()) or "encrypted-package" in names:
        return "locked"
    if any(name.rpartition("/")[2] == "vbaproject.bin" or name.startswith(("basic/", "scripts/")) for name in names):
        return "macros"
    if any("/embeddings/" in name or "/activex/" in name for name in names):
        return "inside"
    return ""


def _leads_outside(name: str) -> bool:
    return name.startswith("/") or "\\" in name or "\0" in name or name[1:2] == ":" or ".." in name.split("/")


def _unpack(file: BinaryIO, parts: list[zipfile.ZipInfo]) -> tuple[dict[str, bytes], bool]:
    """Unpacks every part, counting; gives the parts that list the others, and whether one is a file of its own."""
    kept: dict[str, bytes] = {}
    total, inside = 0, False
    for part in parts:
        name, size, last, crc, first = part.orig_filename.lower(), 0, b"", 0, b""
        xml = name.endswith((".xml", ".rels", ".vml", ".rdf"))
        for piece in _inflated(file, part):
            if not size:
                first = piece[:1024]
                xml = xml or first.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")
            size += len(piece)
            total += len(piece)
            crc = zlib.crc32(piece, crc)
            if size > PART_BYTES or total > ALL_BYTES or (name in (TYPES, MIMETYPE, MANIFEST) and size > LIST_BYTES):
                raise Unreadable(TOO_LARGE)
            if xml:
                _refuse_dtd(last + piece)
                last = piece[-32:]
            if name in (TYPES, MIMETYPE, MANIFEST):
                kept[name] = kept.get(name, b"") + piece
        if size != part.file_size or crc != part.CRC:
            raise Unreadable(BROKEN)
        if xml:
            _refuse_odd_encoding(first)
        inside = inside or first.startswith(INSIDE) or WEB_PAGE.match(first) is not None
    return kept, inside


def _inflated(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes as they unpack, whatever size it claims."""
    file.seek(part.header_offset)
    head = file.read(30)
    if len(head) < 30 or head[:4] != ZIP or struct.unpack("<H", head[8:10])[0] != part.compress_type:
        raise Unreadable(BROKEN)
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    name = file.read(name_length).decode("utf-8" if part.flag_bits & 0x800 else "cp437")
    if name != part.orig_filename or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable(BROKEN)
    file.seek(extra_length, 1)
    engine = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    left = part.compress_size
    while left:
        packed = file.read(min(PIECE, left))
        if not packed:
            raise Unreadable(BROKEN)
        left -= len(packed)
        if engine is None:
            yield packed
            continue
        while packed and not engine.eof:
            yield engine.decompress(packed, PIECE)
            packed = engine.unconsumed_tail
    if engine is not None:
        if rest := engine.flush():
            yield rest
        if not engine.eof:
            raise Unreadable(BROKEN)


def _refuse_dtd(text: bytes) -> None:
    """Document type definitions have no place in an office file; readers have been tricked with them."""
    if DTD.search(text):
        raise Unreadable(BROKEN)


def _refuse_odd_encoding(first: bytes) -> None:
    """Text must be in an encoding in which a document type definition can be seen."""
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    first = first.removeprefix(b"\xef\xbb\xbf")
    named = ENCODING.match(first)
    if first.strip()[:1] not in (b"<", b"") or (named and named[1].lower() not in ENCODINGS):
        raise Unreadable(BROKEN)


def _office_kind(types: bytes, names: set[str]) -> str:
    """What the list of content types makes of an Office file."""
    listed = [(e.get("ContentType", ""), e.get("PartName")) for e in ElementTree.fromstring(types)]
    said = " ".join(kind for kind, _ in listed).lower()
    for word, kind in (
        ("sheet.binary", "xlsb"), ("macroenabled", "macros"), ("vbaproject", "macros"), ("macrosheet", "macros"),
        ("activex", "inside"), ("presentationml.", "slides"), (".template.main", "template"),
    ):
        if word in said and not (kind == "slides" and any(main in said for main in MAIN)):
            return kind
    found = {MAIN[kind] for kind, part in listed if kind in MAIN and (not part or part.lstrip("/").lower() in names)}
    if len(found) != 1:
        return "zip" if not found else "unknown"
    return found.pop()


def _odf_kind(kept: dict[str, bytes]) -> str:
    """What an OpenDocument file's own list says it is, and what lies in it."""
    kind = ODF_KINDS.get(kept.get(MIMETYPE, b"").decode("ascii", "replace").strip(), "zip")
    if kind == "zip" or MANIFEST not in kept:
        return "zip"
    manifest = ElementTree.fromstring(kept[MANIFEST])
    for entry in manifest.iter():
        values = {name.rpartition("}")[2]: value for name, value in entry.attrib.items()}
        if entry.tag.endswith("}encryption-data"):
            return "locked"
        path, media = values.get("full-path", "/"), values.get("media-type", "")
        if path != "/" and media.startswith(ODF) and not media.startswith((ODF + "chart", ODF + "formula")):
            return "inside"
    return kind


def _ole_names(file: BinaryIO) -> list[str]:
    """The names that lie directly under the root of an OLE file."""
    file.seek(0)
    head = file.read(512)
    if len(head) < 512:
        raise Unreadable(BROKEN)
    size = {9: 512, 12: 4096}.get(struct.unpack("<H", head[30:32])[0])
    if size is None:
        raise Unreadable(BROKEN)
    table = _ole_table(file, head, size)
    entries = b"".join(_chain(file, table, struct.unpack("<I", head[48:52])[0], size))
    names, seen, todo = [], set(), [struct.unpack("<I", entries[76:80])[0]]
    while todo:
        number = todo.pop()
        entry = entries[number * 128:number * 128 + 128]
        if number in seen or len(entry) < 128:
            continue
        seen.add(number)
        length, left, right = struct.unpack("<H", entry[64:66])[0], *struct.unpack("<II", entry[68:76])
        names.append(entry[:min(max(length - 2, 0), 64)].decode("utf-16-le", "replace"))
        todo += [left, right]
    return names


def _ole_table(file: BinaryIO, head: bytes, size: int) -> list[int]:
    """Which sector follows which."""
    where = list(struct.unpack("<109I", head[76:512]))
    following, seen = struct.unpack("<I", head[68:72])[0], set()
    while following < 0xFFFFFFFA and following not in seen:
        seen.add(following)
        *more, following = struct.unpack(f"<{size // 4}I", _sector(file, following, size))
        where += more
    table: list[int] = []
    for number in where:
        if number < 0xFFFFFFFA:
            table += struct.unpack(f"<{size // 4}I", _sector(file, number, size))
    return table


def _chain(file: BinaryIO, table: list[int], number: int, size: int) -> Iterator[bytes]:
    seen: set[int] = set()
    while number < 0xFFFFFFFA:
        if number in seen or number >= len(table):
            raise Unreadable(BROKEN)
        seen.add(number)
        yield _sector(file, number, size)
        number = table[number]


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    data = file.read(size)
    if len(data) < size:
        raise Unreadable(BROKEN)
    return data
