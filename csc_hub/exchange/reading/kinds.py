"""Tells from a file's first bytes and its parts what it is, whatever its name says."""

from __future__ import annotations

from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange.reading.container import PASSWORD, Parts
from csc_hub.exchange.reading.xlsx import is_workbook

SEND = "Send the workbook as .xlsx, .xls, .ods or .csv."
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_EXCEL = tuple(bytes([9, version]) for version in (0, 2, 4, 8))
_STARTS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"{\\rtf", "a Rich Text document"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a packed file (gzip)"),
    (b"7z\xbc\xaf", "a packed file (7z)"),
    (b"Rar!", "a packed file (RAR)"),
)
_OLD_STREAMS = (
    ("WordDocument", "a Word document (.doc)"),
    ("PowerPoint Document", "a PowerPoint presentation (.ppt)"),
    ("__substg1.0_", "an Outlook message (.msg)"),
    ("__properties_version1.0", "an Outlook message (.msg)"),
)


def wrong(found: str) -> Unreadable:
    """The refusal of a file that is something else."""
    return Unreadable(f"This file is {found}, not a spreadsheet. {SEND}")


def kind_of(data: bytes) -> str:
    """'zip', 'xls' or 'text', judged from the content. Raises `Unreadable` for everything else that is known."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("This file is empty. Open the workbook, save it again and send that file.")
    if data.startswith(b"PK"):
        return "zip"
    if data.startswith(_OLD_OFFICE):
        _look_into_old_office(data)
        return "xls"
    if data.startswith(_OLD_EXCEL) and data[3:4] == b"\x00":
        return "xls"
    for start, name in _STARTS:
        if data.startswith(start) and (start not in (b"BM", b"MZ") or b"\x00" in data[:64]):
            raise wrong(name)
    _look_into_markup(data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower())
    return "text"


def _look_into_old_office(data: bytes) -> None:
    """Says what an old Office container holds, unless it is a workbook."""
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise Unreadable(PASSWORD)
    if holds("Workbook") or holds("Book"):
        return
    for stream, name in _OLD_STREAMS:
        if holds(stream):
            raise wrong(name)


def _look_into_markup(head: bytes) -> None:
    """Refuses web pages and XML that carry a spreadsheet's name."""
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")) or b"<html" in head[:1024]:
        raise Unreadable(
            "This file is a web page (HTML) under a spreadsheet's name. "
            "Open it in Excel, choose Save As, Excel Workbook (.xlsx), and send that file."
        )
    if head.startswith((b"<?xml", b"<")):
        if b"office:spreadsheet" in head or b"excel.sheet" in head or b"opendocument" in head:
            raise Unreadable(
                "This file is a spreadsheet saved as plain XML, which the hub does not read. "
                "Open it, choose Save As, Excel Workbook (.xlsx), and send that file."
            )
        raise wrong("an XML file")
    if head.startswith((b"from ", b"return-path:", b"received:", b"mime-version:", b"delivered-to:")):
        raise wrong("an e-mail message")


def kind_of_container(parts: Parts) -> str:
    """'xlsx' or 'ods'. Raises `Unreadable` that names what else the container is."""
    mimetype = parts.read("mimetype", 200).decode("ascii", "replace").strip()
    if "opendocument.spreadsheet" in mimetype:
        return "ods"
    if is_workbook(parts):
        return "xlsx"
    if "opendocument" in mimetype:
        raise wrong("a LibreOffice or OpenOffice document of another kind")
    for part, name in (
        ("word/document.xml", "a Word document"), ("ppt/presentation.xml", "a PowerPoint presentation"),
        ("index/document.iwa", "an Apple Numbers or Pages file"), ("meta-inf/manifest.mf", "a program (JAR)"),
    ):
        if part in parts:
            raise wrong(name)
    if "xl/workbook.bin" in parts:
        raise Unreadable(
            "This file is a binary workbook (.xlsb), which the hub does not read. "
            "Open it in Excel, choose Save As, Excel Workbook (.xlsx), and send that file."
        )
    raise wrong("a packed file (zip)")
