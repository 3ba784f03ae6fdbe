"""Opens the zip container of an xlsx or ods file, believing nothing that it says about its own sizes."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

from csc_hub.adapters.sandbox import BROKEN, TOO_LARGE, Unreadable
from csc_hub.exchange.reading.markup import CHUNK, DECLARED

PARTS = 400
UNPACKED = 120 * 1024 * 1024  # all parts together
RATIO = 200  # times the packed size; asked only of parts above SMALL
SMALL = 16 * 1024 * 1024
SEARCHED = b"PK\x01\x02"  # begins each entry of the list of contents

PASSWORD = (
    "This file is protected with a password, so the hub cannot read it. "
    "Open it, remove the password (File, Info, Protect Workbook), save it and send it again."
)
BOMB = (
    "This file unpacks to far more than its size, as files made to do harm are. It was not read. "
    "Copy the table into a new workbook, save that and send it."
)


class Parts:
    """The parts of a container that has been unpacked once, under limits, and found fit to read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in archive.infolist():
            name = entry.filename.replace("\\", "/").lstrip("/").lower()
            if name in self._entries:
                raise Unreadable(BROKEN)
            self._entries[name] = entry

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def under(self, folder: str) -> list[str]:
        """The files in a folder, in order."""
        return sorted(n for n in self._entries if n.startswith(folder.lower()) and not n.endswith("/"))

    def open(self, name: str) -> BinaryIO:
        """A part as a stream. Raises `Unreadable` when it is missing."""
        if name.lower() not in self._entries:
            raise Unreadable(BROKEN)
        return self._archive.open(self._entries[name.lower()])  # type: ignore[return-value]

    def read(self, name: str, limit: int = 1024 * 1024) -> bytes:
        """The first bytes of a part, or none when it is missing."""
        if name not in self:
            return b""
        with self.open(name) as stream:
            return stream.read(limit)


def unpack(data: bytes) -> Parts:
    """Checks a container by really unpacking every part of it. Raises `Unreadable`."""
    if data.count(SEARCHED) > 5 * PARTS:
        raise Unreadable(_too_many(data.count(SEARCHED)))
    archive = zipfile.ZipFile(io.BytesIO(data))
    entries = archive.infolist()
    if len(entries) > PARTS:
        raise Unreadable(_too_many(len(entries)))
    parts = Parts(archive)
    total = 0
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Unreadable(PASSWORD)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(BROKEN)
        total += _inflate(archive, entry, UNPACKED - total)
    return parts


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """The real size of a part. Raises `Unreadable` when it is a bomb or declares entities."""
    size, before = 0, b""
    watched = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > SMALL and size > RATIO * max(entry.compress_size, 1):
                raise Unreadable(BOMB)
            if size > left:
                raise Unreadable(TOO_LARGE)
            if watched and (b"<!DOCTYPE" in before + chunk or b"<!ENTITY" in before + chunk):
                raise Unreadable(DECLARED)
            before = chunk[-10:]
    return size


def _too_many(parts: int) -> str:
    return (
        f"This file is made of {parts:,} parts; the hub opens workbooks of up to {PARTS}. "
        "Copy the table, without pictures, into a new workbook, save that and send it."
    )
