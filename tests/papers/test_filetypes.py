"""A paper's type is what it is made of; whatever the hub does not keep is refused in words that help."""

from __future__ import annotations

import io
import os
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pytest

from csc_hub.kernel import Refused
from csc_hub.papers.filetypes import TYPES, FileType, type_of

DAMAGED = "damaged or is not what its name says"
TOO_MUCH = "unpacks to more than the hub will read"


def _type(data: bytes, name: str) -> FileType:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return type_of(file, name)


def _refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        _type(data, name)
    sentence = refused.value.sentence
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 300
    return sentence


def _zip(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def _parts(data: bytes) -> dict[str, bytes | str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _docx(**more: bytes) -> bytes:
    file = io.BytesIO()
    document = docx.Document()
    document.add_heading("Minutes")
    document.add_paragraph("The shop agreed to move its bins. " * 20)
    document.save(file)
    return _zip(_parts(file.getvalue()) | more) if more else file.getvalue()


def _xlsx() -> bytes:
    file = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["Action", "By whom"])
    book.save(file)
    return file.getvalue()


def _odf(kind: str, more: dict[str, bytes | str] | None = None, entry: str = "") -> bytes:
    media = f"application/vnd.oasis.opendocument.{kind}"
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    manifest = (f'<?xml version="1.0" encoding="UTF-8"?><m:manifest xmlns:m="{space}manifest:1.0">'
                f'<m:file-entry m:full-path="/" m:media-type="{media}"/>{entry}</m:manifest>')
    content = f'<?xml version="1.0" encoding="UTF-8"?><o:document-content xmlns:o="{space}office:1.0"/>'
    return _zip({"mimetype": media, "content.xml": content, "META-INF/manifest.xml": manifest} | (more or {}))


def _png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress(b"\0\xff\xff\xff\0\0\0" * 2)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _jpg(width: int = 640, height: int = 480) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"
    return (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
            + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + bytes(range(200)) + b"\xff\xd9")


def _pdf(trailer: str = "") -> bytes:
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    rows = "".join(f"{body.find(b'%d 0 obj' % number):010d} 00000 n \n" for number in (1, 2))
    return body + (f"xref\n0 3\n0000000000 65535 f \n{rows}trailer\n<< /Size 3 /Root 1 0 R {trailer} >>\n"
                   f"startxref\n{len(body)}\n%%EOF\n").encode()


def _ole(*names: str) -> bytes:
    """The smallest OLE file whose root holds empty streams of these names."""
    def entry(name: str, kind: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return (raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, right, child)).ljust(128, b"\0")
    entries = [entry("Root Entry", 5, child=1)]
    entries += [entry(name, 2, right=i + 1 if i < len(names) else 0xFFFFFFFF) for i, name in enumerate(names, 1)]
    listing = b"".join(entries).ljust(512 * (len(entries) // 4 + 1), b"\0")
    sectors = len(listing) // 512
    table = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return head + struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table))) + listing


def _eml() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "chair@example.gov.uk", "team@example.gov.uk", "Conference"
    message.set_content("Déjà vu at the bus stop.")
    message.add_attachment(_png(), maintype="image", subtype="png", filename="map.png")
    return message.as_bytes()


GOOD = {
    "minutes.docx": _docx(), "MINUTES.DOCX": _docx(), "register.xlsx": _xlsx(), "notes.odt": _odf("text"),
    "sheet.ods": _odf("spreadsheet"), "letter.pdf": _pdf(), "map.png": _png(), "photo.jpg": _jpg(), "photo.JPEG": _jpg(),
    "notes.txt": "Café – bins moved\r\n".encode(), "old.txt": "Café – bins moved".encode("cp1252"),
    "bom.txt": "\ufeffCafé".encode(), "mail.eml": _eml(), "mail.msg": _ole("__properties_version1.0", "__nameid"),
    "pasted mail.txt": b"From: a\nTo: b\nSubject: c\n\nhello", "MZ Road and BM House.txt": b"MZ Road, BM House",
    "report.exe.pdf": _pdf(), "chart.ods": _odf("spreadsheet", {"Object 1/content.xml": "<x/>"},
        '<m:file-entry m:full-path="Object 1/" m:media-type="application/vnd.oasis.opendocument.chart"/>'),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_taken_as_what_it_is(name: str) -> None:
    ending = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    assert _type(GOOD[name], name) is TYPES[ending]


def test_a_written_file_can_be_read_on_from_its_start_afterwards() -> None:
    data = _docx(**{"word/media/noise.bin": b"\x01" + os.urandom(400_000)})
    with tempfile.TemporaryFile() as file:
        file.write(data)
        type_of(file, "a.docx")
        file.seek(0)
        assert b"".join(iter(lambda: file.read(1000), b"")) == data


@pytest.mark.parametrize("data, name, label", [
    (_pdf(), "report.docx", "a PDF"), (_docx(), "report.pdf", "a Word document"), (_xlsx(), "report.docx", "an Excel workbook"),
    (_docx(), "report.xlsx", "a Word document"), (_docx(), "report.docm", "a Word document"), (_png(), "p.jpg", "a PNG picture"),
    (_jpg(), "p.png", "a JPEG picture"), (b"a,b\r\n1,2\r\n", "r.csv", "a plain text file"), (b"hello", "mail.eml", "a plain text file"),
    (_eml(), "mail.msg", "an e-mail message"), (_odf("text"), "a.ods", "an OpenDocument text"), (_pdf(), "report", "a PDF"),
    (_pdf(), "report.pdf.exe", "a PDF"), (_jpg(), "photo.html", "a JPEG picture"), (_pdf(), "report.pdf.", "a PDF"),
])
def test_a_name_that_says_otherwise_is_refused_naming_both(data: bytes, name: str, label: str) -> None:
    assert _refusal(data, name) == (f"This file is called {name} but it is {label}. "
                                    "Save it with its own ending and send it again.")


def test_a_name_is_shown_without_tricks() -> None:
    assert "called evilfdp.exe but" in _refusal(_pdf(), "C:\\folder\\evil\u202efdp\n.exe").replace(" .exe", ".exe")
    assert len(_refusal(_pdf(), "x" * 5000 + ".exe")) < 200


def _macro_docx() -> bytes:
    parts = _parts(_docx())
    kinds = bytes(parts["[Content_Types].xml"]).replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml")
    return _zip(parts | {"[Content_Types].xml": kinds})


def _typed(old: bytes, new: bytes, data: bytes) -> bytes:
    parts = _parts(data)
    return _zip(parts | {"[Content_Types].xml": bytes(parts["[Content_Types].xml"]).replace(old, new)})


BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "a.docx", "This file is empty"),
    "docm": (_macro_docx(), "a.docm", "contains macros"),
    "docm as docx": (_macro_docx(), "a.docx", "contains macros"),
    "macro part": (_docx(**{"word/vbaProject.bin": _ole("VBA")}), "a.docx", "contains macros"),
    "macro part as PDF": (_docx(**{"word/vbaProject.bin": b"x"}), "a.pdf", "contains macros"),
    "macro part by another name": (_docx(**{"word/media/photo.png": _ole("VBA")}), "a.docx", "contains another file inside it"),
    "ODF macros": (_odf("text", {"Basic/Standard/Module1.xml": "<x/>"}), "a.odt", "contains macros"),
    "embedded OLE": (_docx(**{"word/embeddings/oleObject1.bin": b"x"}), "a.docx", "contains another file inside it"),
    "activeX": (_docx(**{"word/activeX/activeX1.xml": b"<x/>"}), "a.docx", "contains another file inside it"),
    "embedded program": (_docx(**{"word/media/image1.png": b"MZ\x90\0"}), "a.docx", "contains another file inside it"),
    "embedded web page": (_docx(**{"word/afchunk.htm": b" <HTML><script>"}), "a.docx", "contains another file inside it"),
    "embedded ODF": (_odf("text", entry='<m:file-entry m:full-path="Object 1/" m:media-type="application/vnd.oasis'
                          '.opendocument.spreadsheet"/>'), "a.odt", "contains another file inside it"),
    "locked Office": (_ole("EncryptionInfo", "EncryptedPackage"), "a.docx", "protected with a password"),
    "locked ODF": (_odf("text", entry='<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>'),
                   "a.odt", "protected with a password"),
    "locked PDF": (_pdf("/Encrypt 5 0 R"), "a.pdf", "PDF is protected with a password"),
    "locked PDF, written out": (_pdf("/Encrypt << /V 4 >>"), "a.pdf", "PDF is protected with a password"),
    "cut PDF": (_pdf()[:60], "a.pdf", DAMAGED),
    "doc": (_ole("WordDocument", "1Table"), "a.doc", "old .doc format"),
    "doc as docx": (_ole("1Table", "WordDocument"), "a.docx", "old .doc format"),
    "xls": (_ole("Workbook"), "a.xls", "old .xls format"),
    "ppt": (_ole("PowerPoint Document"), "a.ppt", "This is a presentation"),
    "other OLE": (_ole("Something"), "a.msg", "does not know this kind of file"),
    "cut OLE": (_ole("WordDocument")[:700], "a.msg", DAMAGED),
    "xlsb": (_typed(b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"ms-excel.sheet.binary.macroEnabled.main",
                    _xlsx()), "a.xlsx", "binary Excel workbook"),
    "template": (_typed(b"document.main", b"template.main", _docx()), "a.docx", "This is a template"),
    "plain zip": (_zip({"a.txt": "hello"}), "a.zip", "This is a zip archive"),
    "plain zip as docx": (_zip({"a.txt": "hello"}), "a.docx", "This is a zip archive"),
    "empty zip": (_zip({}), "a.zip", "This is a zip archive"),
    "Java program": (_zip({"META-INF/MANIFEST.MF": "x", "A.class": "x"}), "a.docx", "This is a program"),
    "epub": (_zip({"mimetype": "application/epub+zip"}), "a.odt", "This is a zip archive"),
    "two kinds in one zip": (_docx(mimetype=b"application/vnd.oasis.opendocument.text"), "a.docx", DAMAGED),
    "climbing name": (_docx(**{"../../etc/cron.d/x": b"x"}), "a.docx", "outside its own folder"),
    "absolute name": (_docx(**{"/etc/x": b"x"}), "a.docx", "outside its own folder"),
    "cut zip": (_docx()[:-200], "a.docx", DAMAGED),
    "cut in the middle": (_docx()[:2000], "a.docx", DAMAGED),
    "DTD": (_docx(**{"word/x.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "a.docx", DAMAGED),
    "DTD in UTF-16": (_docx(**{"word/x.xml": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16")}),
                      "a.docx", DAMAGED),
    "DTD in UTF-7": (_docx(**{"word/x.xml": b'<?xml version="1.0" encoding="utf-7"?>+ADw-a/>'}), "a.docx", DAMAGED),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), "a.docx", "This is an archive"),
    "rar": (b"Rar!\x1a\x07\x01\0" + bytes(40), "a.rar", "This is an archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(40), "a.txt", "This is an archive"),
    "exe": (b"MZ\x90\0" + bytes(400), "a.pdf", "This is a program"),
    "ELF": (b"\x7fELF\x02" + bytes(60), "a.png", "This is a program"),
    "html": (b"<!DOCTYPE html><p>hello", "a.html", "This is a web page"),
    "html as txt": (b"\xef\xbb\xbf\n hello <ScRiPt>alert(1)</script>", "a.txt", "This is a web page"),
    "svg": (b"<?xml version='1.0'?><svg onload='x'/>", "a.svg", "This is an SVG drawing"),
    "xml": (b"<?xml version='1.0'?><a/>", "a.xml", "This is an XML file"),
    "shell": (b"#!/bin/sh\nrm -rf x", "a.txt", "This is a script"),
    "javascript": (b"alert(1)", "a.js", "This is a script"),
    "shortcut text": (b"[InternetShortcut]\r\nURL=file://x", "a.url", "This is a shortcut"),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0" + bytes(60), "a.pdf", "This is a shortcut"),
    "rtf": (b"{\\rtf1 hello}", "a.docx", "rich text"),
    "gif": (b"GIF89a" + bytes(20), "a.gif", "This is a GIF picture"),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 ", "a.jpg", "This is a WebP picture"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(20), "a.jpg", "This is a HEIC or AVIF picture"),
    "tiff": (b"II*\0" + bytes(20), "a.jpg", "This is a TIFF picture"),
    "mp4": (b"\0\0\0\x18ftypisom" + bytes(20), "a.mp4", "audio or video"),
    "mp3": (b"ID3\x04\0" + bytes(20), "a.mp3", "audio or video"),
    "voice memo": (b"#!AMR\n\x0c", "a.amr", "audio or video"),
    "UTF-16": ("hello".encode("utf-16"), "a.txt", "Save it with the encoding UTF-8"),
    "control characters": (b"hello\x07\x1b[0m", "a.txt", "does not know this kind of file"),
    "zero byte far in": (b"hello " * 50_000 + b"\0", "a.txt", "does not know this kind of file"),
    "no encoding": (b"caf\xe9 \x81\x8d", "a.txt", "does not know this kind of file"),
    "wide picture": (_png(12_001, 1), "a.png", "This picture is too large"),
    "pixel flood": (_png(11_000, 11_000), "a.png", "This picture is too large"),
    "JPEG flood": (_jpg(65_535, 65_535), "a.jpg", "This picture is too large"),
    "PNG of no size": (_png(0, 1), "a.png", DAMAGED),
    "cut PNG": (_png()[:-6], "a.png", DAMAGED),
    "cut JPEG": (_jpg()[:-2], "a.jpg", DAMAGED),
    "cropped PNG with its old rest": (_png() + b"\0\0IDAT rest" + _png()[-12:], "a.png", "carries more than can be seen"),
    "JPEG and zip": (_jpg() + _zip({"a": "b"}), "a.jpg", "two kinds of file in one"),
    "PDF and zip": (_pdf() + _zip({"a": "b"}), "a.pdf", "two kinds of file in one"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_hub_does_not_keep_is_refused_by_name(case: str) -> None:
    data, name, words = BAD[case]
    assert words in _refusal(data, name)


def _bomb(number: int, size: int) -> bytes:
    return _docx(**{f"word/media/{i}.emf": bytes(size) for i in range(number)})


def _lying_bomb() -> bytes:
    """One part of 200 MB that says it is 10 bytes long."""
    data = bytearray(_bomb(1, 200_000_000))
    real, said = struct.pack("<I", 200_000_000), struct.pack("<I", 10)
    return bytes(data).replace(real, said)


@pytest.mark.parametrize("build", [
    lambda: _bomb(1, 151_000_000), lambda: _bomb(4, 80_000_000), _lying_bomb,
    lambda: _docx(**{f"word/media/{i}.emf": b"x" for i in range(2_001)}),
], ids=["one part", "all parts", "lying size", "entries"])
def test_a_zip_bomb_is_refused_soon(build: Callable[[], bytes]) -> None:
    data = build()
    began = time.monotonic()
    assert TOO_MUCH in _refusal(data, "a.docx")
    assert time.monotonic() - began < 15


def test_a_part_that_unpacks_to_another_size_than_it_says_is_refused() -> None:
    data = _docx(**{"word/media/a.emf": bytes(123_457)}).replace(struct.pack("<I", 123_457), struct.pack("<I", 123_450))
    assert DAMAGED in _refusal(data, "a.docx")


def test_a_part_listed_twice_is_refused() -> None:
    file = io.BytesIO(_docx())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("word/document.xml", "<other/>")
    assert DAMAGED in _refusal(file.getvalue(), "a.docx")


def _resident(which: str) -> int:
    """The bytes of memory this process holds now ("VmRSS") or held at most ("VmHWM")."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{which}:")[2].split()[0]) * 1024


def test_a_large_honest_file_is_taken_in_little_memory() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(_docx(**{"word/media/photo.jpeg": b"\xff\xd8\xff" + os.urandom(60_000_000)}))
        Path("/proc/self/clear_refs").write_text("5")
        before = _resident("VmRSS")
        assert type_of(file, "a.docx").extension == "docx"
        assert _resident("VmHWM") - before < 20_000_000


@pytest.mark.parametrize("name", [name for name in GOOD if name != "MINUTES.DOCX"])
def test_a_damaged_copy_never_ends_in_an_error(name: str) -> None:
    data = GOOD[name]
    for step in range(6):
        place = len(data) * step // 6
        for broken in (data[:place], data[:place] + b"\xff\0" + data[place + 2:]):
            try:
                _type(broken, name)
            except Refused as refused:
                assert refused.sentence
