"""Decides by its content what an uploaded paper is, and refuses what the hub does not keep.

Neither the file's name nor the browser's word decides; the name must merely agree. Zip and OLE files are opened in
the sandbox only. Every refusal is a `Refused` that says what was found and what to do.
"""

from __future__ import annotations

import codecs
import os
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from csc_hub.adapters import sandbox
from csc_hub.kernel import Refused, tidy

HEAD, PIECE = 4096, 64 * 1024
SIDE, PIXELS = 12_000, 100_000_000
CHUNKS = 100_000


@dataclass(frozen=True)
class FileType:
    """A kind of paper the hub keeps: its ending, the one content type it is served with, and what people call it."""

    extension: str
    content_type: str
    label: str


_OFFICE, _ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
TYPES = {kind.extension: kind for kind in (
    FileType("docx", _OFFICE + "wordprocessingml.document", "Word document"),
    FileType("pdf", "application/pdf", "PDF"),
    FileType("xlsx", _OFFICE + "spreadsheetml.sheet", "Excel workbook"),
    FileType("odt", _ODF + "text", "OpenDocument text"),
    FileType("ods", _ODF + "spreadsheet", "OpenDocument spreadsheet"),
    FileType("png", "image/png", "PNG picture"),
    FileType("jpg", "image/jpeg", "JPEG picture"),
    FileType("txt", "text/plain", "plain text file"),
    FileType("eml", "message/rfc822", "e-mail message"),
    FileType("msg", "application/vnd.ms-outlook", "Outlook message"),
)}
ALSO_CALLED = {"jpeg": "jpg"}
KEPT = ("The hub keeps Word (.docx), Excel (.xlsx), PDF, OpenDocument (.odt, .ods), picture (.png, .jpg), "
        "text (.txt) and e-mail (.eml, .msg) files.")
BROKEN = sandbox.BROKEN
REFUSALS = {
    "empty": "This file is empty. Check that it was saved, and send it again.",
    "macros": "This file contains macros, which are small programs. Save it as an ordinary .docx, .xlsx, .odt or "
              ".ods file without macros and send that.",
    "locked": "This file is protected with a password. Take the password off and send it again.",
    "locked pdf": "This PDF is protected with a password or against changes. Save it without protection and send it again.",
    "inside": "This file contains another file inside it. Take it out, or paste charts in as pictures, and send each "
              "file by itself.",
    "outside": "This file is a zip archive made to write outside its own folder. Do not open it; tell your IT team.",
    "doc": "This is a Word document in the old .doc format. Open it, save it as .docx and send that.",
    "xls": "This is an Excel workbook in the old .xls format. Open it, save it as .xlsx and send that.",
    "xlsb": "This is a binary Excel workbook (.xlsb). Open it, save it as .xlsx and send that.",
    "template": "This is a template. Open it, save it as an ordinary .docx or .xlsx file and send that.",
    "slides": "This is a presentation. Save it as a PDF and send that.",
    "zip": "This is a zip archive. Unpack it and send each paper by itself.",
    "archive": "This is an archive. Unpack it and send each paper by itself.",
    "program": "This is a program. The hub never keeps programs; if you did not expect one, do not open it and tell your IT team.",
    "script": "This is a script, which is a program as text. The hub never keeps programs; send the paper itself.",
    "shortcut": "This is a shortcut, which only points to a file. Find the file itself and send that.",
    "html": "This is a web page. Print it as a PDF and send that.",
    "svg": "This is an SVG drawing. Save it as PNG or PDF and send that.",
    "xml": "This is an XML file. Open it in the program it came from, save it as a PDF and send that.",
    "rtf": "This is a rich text (.rtf) file. Open it, save it as .docx and send that.",
    "gif": "This is a GIF picture. Save it as PNG and send that.",
    "webp": "This is a WebP picture. Save it as PNG or JPEG and send that.",
    "heic": "This is a HEIC or AVIF picture, as phones take them. Save it as JPEG and send that.",
    "tiff": "This is a TIFF picture. Save it as PNG, JPEG or PDF and send that.",
    "bmp": "This is a bitmap (BMP) picture. Save it as PNG and send that.",
    "media": "This is an audio or video file, which the hub does not keep. Write down what matters and send that.",
    "two": "This file is two kinds of file in one: it is also a zip archive. Open it, save it again and send the new file.",
    "flood": "This picture is too large: at most 12,000 by 12,000 and 100 million pixels. Make it smaller and send it again.",
    "hidden": "This picture carries more than can be seen, perhaps parts that were cropped away. Open it, save it as a "
              "new file and send that.",
    "wide text": "This text is saved as UTF-16. Save it with the encoding UTF-8 and send it again.",
    "unknown": "The hub does not know this kind of file. " + KEPT,
}
# Where, what, which kind, and whether plain text could begin so too and a zero byte must follow.
MAGIC = (
    (0, b"%PDF-", "pdf", False), (0, b"\x89PNG\r\n\x1a\n", "png", False), (0, b"\xff\xd8\xff", "jpg", False),
    (0, b"PK\x03\x04", "zipped", False), (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "zipped", False),
    (0, b"PK\x05\x06", "zip", True), (0, b"MZ", "program", True), (0, b"\x7fELF", "program", False),
    (0, b"\xca\xfe\xba\xbe", "program", False), (0, b"\xcf\xfa\xed\xfe", "program", False),
    (0, b"7z\xbc\xaf\x27\x1c", "archive", False), (0, b"Rar!\x1a\x07", "archive", False),
    (0, b"\x1f\x8b\x08", "archive", False), (0, b"BZh", "archive", True), (0, b"\xfd7zXZ\0", "archive", False),
    (0, b"\x28\xb5\x2f\xfd", "archive", False), (0, b"MSCF\0", "archive", False), (257, b"ustar", "archive", True),
    (0, b"L\0\0\0\x01\x14\x02\0", "shortcut", False), (0, b"{\\rtf", "rtf", False),
    (0, b"GIF87a", "gif", False), (0, b"GIF89a", "gif", False), (8, b"WEBP", "webp", True),
    (0, b"II*\0", "tiff", False), (0, b"MM\0*", "tiff", False), (0, b"BM", "bmp", True),
    (8, b"WAVE", "media", True), (8, b"AVI ", "media", True), (0, b"ID3", "media", True), (0, b"OggS", "media", True),
    (0, b"fLaC", "media", True), (0, b"#!AMR", "media", False), (0, b"\x1a\x45\xdf\xa3", "media", False),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "media", False), (0, b"\0\0\x01\xba", "media", False),
    (0, b"\0\0\x01\xb3", "media", False), (0, b"\xff\xfb", "media", True), (0, b"\xff\xf3", "media", True),
    (0, b"\xff\xf2", "media", True), (0, b"\xff\xfe", "wide text", False), (0, b"\xfe\xff", "wide text", False),
)
STILL = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
MARKUP = ((rb"\A#!|<\?php|\A@echo off|\AWindows Registry Editor", "script"), (rb"<svg[\s>]", "svg"),
          (rb"<!doctype\s+html|<html|<head[\s>]|<body|<script|<iframe", "html"),
          (rb"\A<\?xml|\A<!doctype|\A<!--", "xml"), (rb"\A\[(InternetShortcut|Desktop Entry)\]", "shortcut"))
SCRIPTS = set("js jse vbs vbe wsf ps1 bat cmd sh py pl php rb hta reg".split())
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
HEADER = re.compile(rb"[!-9;-~]+:")


def type_of(file: BinaryIO, name: str) -> FileType:
    """The type of an open regular file, whose name must agree with it. Raises `Refused`."""
    ending = name.rpartition(".")[2].strip().lower() if "." in name else ""
    kind = _kind(file, ending)
    if kind in REFUSALS:
        raise Refused(REFUSALS[kind])
    found = TYPES[kind]
    if kind == "txt" and ending in SCRIPTS:
        raise Refused(REFUSALS["script"])
    if ALSO_CALLED.get(ending, ending) != kind:
        article = "an" if found.label[0] in "AEIOUaeiou" else "a"
        raise Refused(f"This file is called {_short(name)} but it is {article} {found.label}. "
                      "Save it with its own ending and send it again.")
    return found


def _kind(file: BinaryIO, ending: str) -> str:
    """A key of `TYPES` or of `REFUSALS`."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return "empty"
    kind = _by_magic(head)
    if kind == "zipped":
        return _looked_into(file)
    if not kind:
        kind = _text(file, head, ending)
    check = {"pdf": _pdf, "png": _png, "jpg": _jpg}.get(kind)
    kind = check(file) if check else kind
    # An Outlook message may hold a zip, these may not.
    return "two" if kind in ("pdf", "png", "jpg", "txt") and zipfile.is_zipfile(file) else kind


def _by_magic(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in STILL else "media"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if start.startswith(b"%PDF-"):
        return "pdf"
    for where, sign, kind, textlike in MAGIC:
        if head.startswith(sign, where) and (not textlike or b"\0" in head):
            return kind
    return ""


def _looked_into(file: BinaryIO) -> str:
    """What the sandbox's child finds in a zip or OLE file."""
    file.flush()
    position = os.lseek(file.fileno(), 0, os.SEEK_CUR)
    try:
        return sandbox.read("csc_hub.papers.look:look", file)
    except sandbox.Unreadable as fault:
        raise Refused(fault.sentence) from None
    finally:
        # The child shares this file's position; left moved, our own buffered reading would go astray.
        os.lseek(file.fileno(), position, os.SEEK_SET)


def _text(file: BinaryIO, head: bytes, ending: str) -> str:
    """E-mail, plain text, a kind of text that is refused, or "unknown"."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if ending != "txt" and _is_mail(head):
        return "eml"
    for piece in _pieces(file):
        if CONTROLS.search(piece):
            return "unknown"
    for pattern, kind in MARKUP:
        if re.search(pattern, start, re.I):
            return kind
    return "txt" if _decodes(file, "utf-8") or _decodes(file, "cp1252") else "unknown"


def _is_mail(head: bytes) -> bool:
    """Whether a file begins as an e-mail does: header lines, one of them "From"."""
    lines = head.replace(b"\r\n", b"\n").partition(b"\n\n")[0].split(b"\n")[: None if b"\n\n" in head else -1]
    named = {line.partition(b":")[0].lower() for line in lines if HEADER.match(line)}
    proper = all(HEADER.match(line) or (i and line[:1] in b" \t") for i, line in enumerate(lines))
    usual = {b"date", b"to", b"subject", b"message-id", b"received", b"mime-version"}
    return proper and b"from" in named and bool(named & usual) and not CONTROLS.search(b"\n".join(lines))


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in _pieces(file):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _pdf(file: BinaryIO) -> str:
    """Looks for encryption where a PDF says so: near its start, its end and its last cross-reference."""
    length = file.seek(0, os.SEEK_END)
    tail = _at(file, max(0, length - 4 * HEAD), 4 * HEAD)
    found = re.findall(rb"startxref\s+(\d{1,15})", tail)
    if not found:
        raise Refused(BROKEN)
    places = tail, _at(file, 0, 2 * HEAD), _at(file, min(int(found[-1]), length), HEAD)
    return "locked pdf" if any(re.search(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)", place) for place in places) else "pdf"


def _png(file: BinaryIO) -> str:
    """Walks a PNG's chunks from its size to its end, where the file must end too."""
    head = _at(file, 8, 16)
    if len(head) < 16 or head[4:8] != b"IHDR":
        raise Refused(BROKEN)
    place, kind = 8, _size(*struct.unpack(">II", head[8:16]), "png")
    for _ in range(CHUNKS):
        chunk = _at(file, place, 8)
        place += 12 + struct.unpack(">I", chunk[:4])[0] if len(chunk) == 8 else 0
        if place > file.seek(0, os.SEEK_END) or len(chunk) < 8:
            break
        if chunk[4:] == b"IEND":
            return kind if kind != "png" or not _at(file, place, PIECE).strip(b"\0\r\n") else "hidden"
    raise Refused(BROKEN)


def _jpg(file: BinaryIO) -> str:
    """Walks a JPEG's segments to its size, and makes sure that the picture has an end."""
    place, kind = 2, ""
    for _ in range(CHUNKS):
        mark = _at(file, place, 9)
        if len(mark) < 9 or mark[0] != 0xFF:
            break
        if mark[1] == 0xDA:
            if not kind or not any(b"\xff\xd9" in piece for piece in _pieces(file, place, 1)):
                break
            return kind
        if 0xC0 <= mark[1] <= 0xCF and mark[1] not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", mark[5:9])
            kind = _size(width, height, "jpg")
        place += 1 if mark[1] == 0xFF else 2 + struct.unpack(">H", mark[2:4])[0]
    raise Refused(BROKEN)


def _size(width: int, height: int, kind: str) -> str:
    if not width or not height:
        raise Refused(BROKEN)
    return "flood" if max(width, height) > SIDE or width * height > PIXELS else kind


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _pieces(file: BinaryIO, place: int = 0, overlap: int = 0) -> Iterator[bytes]:
    """A file in pieces; each may begin with the last bytes of the one before."""
    last = b""
    file.seek(place)
    while piece := file.read(PIECE):
        yield last + piece
        last = piece[-overlap:] if overlap else b""


def _short(name: str) -> str:
    """A file's name as it can be shown: one line, no folders, not too long."""
    shown = re.split(r"[/\\]", tidy(name).replace("\n", " "))[-1]
    shown = re.sub(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", shown)
    return shown if len(shown) <= 80 else f"{shown[:60]}…{shown[-15:]}"
