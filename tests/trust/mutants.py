"""A seeded stream of files nobody should trust: good ones of every writer at hand, spoilt in every way we know."""

from __future__ import annotations

import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.exchange.awkward import MAIN, SHORT, TITLES, filled, inline, raw_ods, raw_xlsx, row_of, table, worksheet
from tests.exchange.awkward_cases import ALL
from tests.exchange.test_reading import mutated
from tests.papers.test_filetypes import BAD, GOOD
from tests.parts import soffice_convert

ESCAPED = "csc-escaped"
"""What a file is called that a zip entry tries to write outside."""


@dataclass(frozen=True)
class Bad:
    """One file, and how it came to be."""

    name: str
    content: bytes
    how: str


def seeds(samples: Path, folder: Path, office: bool) -> dict[str, bytes]:
    """Good files by name: openpyxl's, python-docx's, our own exports and samples, csv, and LibreOffice's."""
    made = {f"good-{name}": content for name, content in GOOD.items()}
    made |= {path.name: path.read_bytes() for path in sorted(samples.iterdir())}
    text = "Action ref,Action,Status,Update\r\nCSC-2026-001/07,Light 7,Done,“Café”\r\n"
    made |= {"filled.xlsx": filled(), "utf8.csv": text.encode("utf-8-sig"), "old.csv": text.encode("cp1252"), "wide.csv": text.encode("utf-16"),
             "wide-table.xlsx": table([TITLES, *(row_of(n) for n in range(1, 300))])}
    if office:
        (folder / "office.xlsx").write_bytes(made["filled.xlsx"])
        (folder / "office.docx").write_bytes(GOOD["minutes.docx"])
        for source, to in (("office.xlsx", "xls"), ("office.xlsx", "ods"), ("office.docx", "odt"), ("office.docx", "pdf")):
            made[f"office.{to}"] = soffice_convert(folder / source, to, folder).read_bytes()
    return made


def by_hand(canary: str) -> Iterator[Bad]:
    """The awkward and the hostile ones, each once."""
    for case in ALL:
        yield Bad(case.name, case.build(), f"awkward: {case.what}")
    for what, (content, name, _) in BAD.items():
        yield Bad(name, content, f"not kept: {what}")
    dtd = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{canary}/dtd"> %p; <!ENTITY e SYSTEM "{canary}/entity">]>'
    out = f'<!DOCTYPE x SYSTEM "{canary}/system">'
    rel = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="x" TargetMode="External" Target="{canary}/rel" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    hyper = f'<hyperlinks xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><hyperlink ref="A1" r:id="x"/></hyperlinks>'
    sheet = worksheet(SHORT)
    yield Bad("entity.xlsx", raw_xlsx(worksheet(SHORT.replace("Done", "&e;"), dtd=dtd)), "calls out by an entity")
    yield Bad("system.xlsx", raw_xlsx(worksheet(SHORT, dtd=out)), "calls out by a DOCTYPE")
    yield Bad("include.xlsx", raw_xlsx(sheet.replace("<sheetData>", f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{canary}/xi"/><sheetData>')), "calls out by XInclude")
    yield Bad("schema.xlsx", raw_xlsx(sheet.replace(f'xmlns="{MAIN}"', f'xmlns="{MAIN}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="x {canary}/xsd"')), "calls out by a schema")
    yield Bad("link.xlsx", raw_xlsx(sheet.replace("</worksheet>", hyper + "</worksheet>"), xl__worksheets___rels__sheet1_dot_xml_dot_rels=(rel + 'hyperlink"/></Relationships>').encode()), "a link out")
    yield Bad("linked.xlsx", raw_xlsx(sheet, xl__externalLinks___rels__externalLink1_dot_xml_dot_rels=(rel + 'externalLinkPath"/></Relationships>').encode(), xl__externalLinks__externalLink1_dot_xml=b"<externalLink/>"), "a workbook elsewhere")
    yield Bad("web.xlsx", filled(update=f'=WEBSERVICE("{canary}/formula")'), "a formula that calls out")
    yield Bad("style.ods", raw_ods(f'<?xml-stylesheet href="{canary}/style"?><table:table-row><table:table-cell table:formula="of:=WEBSERVICE(&quot;{canary}/ods&quot;)"/></table:table-row>'), "ods that calls out")
    yield Bad("template.docx", _with(GOOD["minutes.docx"], {"word/_rels/settings.xml.rels": (rel + 'attachedTemplate"/></Relationships>').encode()}), "a template elsewhere")
    yield Bad("entity.docx", _with(GOOD["minutes.docx"], {"word/extra.xml": f'<?xml version="1.0"?>{dtd}<a>&e;</a>'.encode()}), "calls out from Word")
    yield Bad("page.pdf", GOOD["letter.pdf"].replace(b"/Type /Catalog", f"/Type /Catalog /OpenAction << /S /URI /URI ({canary}/pdf) >>".encode()), "a PDF that calls out")
    for place in ("../../../../tmp/", "/tmp/", "..\\..\\", "xl/../../../", "C:\\Windows\\", "xl/worksheets/../../../../"):
        yield Bad("slip.xlsx", _with(filled(), {f"{place}{ESCAPED}": b"x"}), f"an entry named {place}")
        yield Bad("slip.docx", _with(GOOD["minutes.docx"], {f"{place}{ESCAPED}": b"x"}), f"an entry named {place}")
    for name in NAMES:
        yield Bad(name, filled() if len(name) % 2 else GOOD["notes.txt"], "an unusual name")
    deep = GOOD["minutes.docx"]
    for _ in range(6):
        deep = _with(GOOD["minutes.docx"], {"word/media/image1.png": deep})
    yield Bad("nested.docx", deep, "a file in a file, six deep")
    yield Bad("deep.xlsx", raw_xlsx(worksheet("<row>" * 40_000)), "XML 40,000 deep")
    yield Bad("attributes.xlsx", raw_xlsx(worksheet("<row " + " ".join(f'a{n}="1"' for n in range(60_000)) + "/>")), "60,000 attributes")
    yield Bad("wide.csv", b"Ref,Status," + b"," * 400_000 + b"\n", "400,000 columns")
    yield Bad("tall.csv", b"Ref,Status,Update\n" + b"/1,Done,x\n" * 300_000, "300,000 rows")
    yield Bad("ones.xlsx", raw_xlsx(worksheet(inline(1, ["Ref", "Status"]) + inline(2, ["/1", "x" * 30_000]) * 600)), "long words, over and over")


NAMES = ("", ".", "..", "...xlsx", f"../../../../tmp/{ESCAPED}.xlsx", f"/etc/{ESCAPED}.txt", "C:\\fakepath\\a.xlsx", "a\x00.xlsx", "a\r\nSet-Cookie: x.xlsx", "con.txt",
         "x" * 5_000 + ".xlsx", "\u202exslx.exe", "é" * 300 + ".txt", "notes.txt;.xlsx", "<csc-x>.txt", "%2e%2e%2fa.txt", "a.xlsx ", "-rf.txt", "~root.txt", "💥.xlsx")


def _with(data: bytes, more: dict[str, bytes]) -> bytes:
    """A zip file with further parts, or others in the place of its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (n for n in old.namelist() if n not in more):
            new.writestr(name, old.read(name))
        for name, content in more.items():
            new.writestr(name, content)
    return file.getvalue()


def _lies_about_size(data: bytes, chance: random.Random) -> bytes:
    """A zip file whose directory says another size, checksum or place of one part."""
    places = [found.start() for found in re.finditer(rb"PK\x01\x02", data)] or [0]
    place, changed = chance.choice(places), bytearray(data)
    field = chance.choice((16, 20, 24, 42)) + place
    changed[field:field + 4] = struct.pack("<I", chance.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, chance.randrange(1 << 20))))
    return bytes(changed)


def _renames_a_part(data: bytes, chance: random.Random) -> bytes:
    """Two parts of a zip file take each other's names, or one takes another."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    one, two = chance.choice(list(parts)), chance.choice([*parts, f"../{ESCAPED}", "xl/vbaProject.bin", "word/embeddings/a.bin", "META-INF/MANIFEST.MF"])
    parts[one], parts[two] = parts.get(two, b"") or b"x", parts[one]
    return _with(_empty(), parts)


def _empty() -> bytes:
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


def _takes_a_part_of_another(data: bytes, chance: random.Random) -> bytes:
    return _with(data, {chance.choice(zipfile.ZipFile(io.BytesIO(data)).namelist()): chance.choice(list(GOOD.values()))})


WAYS: tuple[tuple[str, bool, Callable[[bytes, random.Random], bytes]], ...] = (
    ("cut", False, lambda data, chance: data[:chance.randrange(len(data) + 1)]), ("changed", False, mutated), ("changed again", False, mutated),
    ("one bit turned", False, lambda data, chance: _bit(data, chance)), ("its size told wrong", True, _lies_about_size),
    ("a part renamed", True, _renames_a_part), ("a part of another file", True, _takes_a_part_of_another),
    ("something after its end", False, lambda data, chance: data + chance.choice([*GOOD.values(), bytes(1_000)])),
    ("something before its beginning", False, lambda data, chance: chance.choice((b"<html>", b"\n", b"%PDF-1.4\n", b"MZ")) + data),
)


def _bit(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def stream(good: dict[str, bytes], canary: str, count: int, seed: int = 20261123) -> list[Bad]:
    """So many files, always the same: by hand first (a few of them where few are asked for), then spoilt ones."""
    chance = random.Random(seed)
    made = list(by_hand(canary))
    if count < 2 * len(made):
        made = chance.sample(made, count // 2)
    names = sorted(good)
    while len(made) < count:
        name = chance.choice(names)
        how, zipped, spoil = chance.choice(WAYS)
        if zipped and not good[name].startswith(b"PK"):
            continue
        content = spoil(good[name], chance)
        if content == good[name]:  # spoilt by chance into itself: a good file, and perhaps one that the hub knows
            continue
        other = chance.random() < 0.1
        made.append(Bad(chance.choice(names) if other else name, content, f"{name}, {how}{', under another name' if other else ''}"))
    return made


