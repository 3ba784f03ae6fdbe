"""Good workbooks read right whoever saved them (F2), and nothing that we write comes alive (F5)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import openpyxl

from csc_hub.exchange.reading.workbook import read
from csc_hub.kernel import tidy
from tests import parts
from tests.exchange.awkward import TITLES, row_of, table
from tests.exchange.test_safe_text import HOSTILE, as_kept, formulas
from tests.house.ground import Ground
from tests.trust.canary import Canary, canary
from tests.trust.stage import Outcome, Stage

CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop><prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
"""LibreOffice works out every formula when it opens a file, whatever the file says."""


def converted(files: list[Path], to: str, folder: Path) -> list[Path]:
    """LibreOffice's own versions of these files, worked out anew."""
    program = shutil.which("soffice")
    if not program:
        parts.missing("LibreOffice", "apt-get install libreoffice-calc libreoffice-writer")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="csc-office-", ignore_cleanup_errors=True) as profile:
        (Path(profile) / "user").mkdir()
        (Path(profile) / "user" / "registrymodifications.xcu").write_text(RECALCULATE)
        subprocess.run([program, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--convert-to", to, "--outdir", str(folder),
                        *map(str, files)], check=True, timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [folder / f"{file.stem}.{to.partition(':')[0]}" for file in files]


def good_files(stage: Stage) -> Outcome:
    """F2: the same cells from every program and format, and the same as another reader finds."""
    found, folder, compared = Outcome(), stage.folder("good"), 0
    books = _books(stage, folder)[:stage.times(1, 99)]
    first = {book.stem: _ours(book) for book in books}
    for book in books:
        compared += _compare(first[book.stem], _theirs(book), f"{book.name}, beside openpyxl", found)
    for to in ("xlsx", "ods", "xls") if stage.long else ("ods",):
        saved = converted(books, to, folder / to)
        again = saved if to == "xlsx" else converted(saved, "xlsx", folder / f"{to}-read")
        for book, file, other in zip(books, saved, again, strict=True):
            compared += _compare(_ours(file), first[book.stem], f"{book.name} saved as {to}", found)
            compared += _compare(_ours(file), _theirs(other), f"{book.name} saved as {to}, beside LibreOffice and openpyxl", found)
    for file in converted(books, CSV, folder / "csv"):
        theirs = {(row, column): value for row, line in enumerate(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")), 1)
                  for column, value in enumerate(line, 1) if value.strip()}
        compared += _compare({place: cell for place, cell in _ours(file)[0].items()}, theirs, f"{file.name}, beside Python's csv", found, sheets=False)
    found.figure = f"{len(books)} workbooks × {5 if stage.long else 3} files, {compared} cells compared with another reader, {len(found.failed)} differ"
    return found


def _books(stage: Stage, folder: Path) -> list[Path]:
    """Workbooks of every kind that people send."""
    made = {"typed": table([TITLES, *(row_of(n, update=f"Café 😀 שלום £{n}\nline two", proposed_date=dt.date(2027, 1, n)) for n in range(1, 21))]),
            "numbers": table([["Ref", "Status", "Update", "When"], [7, "Done", 7.25, dt.date(2026, 11, 18)], [8, True, -3, dt.date(2028, 2, 29)], ["", None, 0.1, 12]])}
    for name, content in made.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    for sample in sorted((stage.built / "samples").glob("*.xlsx")):
        shutil.copy(sample, folder / sample.name)
    return sorted(folder.glob("*.xlsx"), key=lambda path: path.name.startswith("CSC"))


Cells = dict[tuple[int, int], Any]


def _ours(path: Path) -> list[Cells]:
    """The cells of each sheet as the hub reads them."""
    with path.open("rb") as file:
        sheets = read(io.BytesIO(file.read()), path.name)["sheets"]
    return [{(row, int(column)): _plain(cell[1], cell[0]) for row, line in sheet["rows"] for column, cell in line.items() if str(cell[1]).strip()} for sheet in sheets]


def _theirs(path: Path) -> list[Cells]:
    """The cells of each sheet as openpyxl reads them."""
    book = openpyxl.load_workbook(path, data_only=True)
    return [{(cell.row, cell.column): _plain(cell.value, "") for line in sheet.iter_rows() for cell in line if cell.value is not None and str(cell.value).strip()} for sheet in book]


def _plain(value: Any, kind: str) -> Any:
    """One way of writing what is the same: days as words, numbers as they count, text without carriage returns."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bool):
        return value
    return float(value) if isinstance(value, (int, float)) else str(value).replace("_x000D_", "").replace("\r", "")


def _compare(ours: Any, theirs: Any, what: str, found: Outcome, sheets: bool = True) -> int:
    """Counts every cell, and each that differs as a failure."""
    pairs = list(zip(ours, theirs, strict=False)) if sheets else [(ours, theirs)]
    if sheets:
        found.expect(len(ours) == len(theirs), f"{what}: {len(ours)} sheets and {len(theirs)}")
    counted = 0
    for number, (one, other) in enumerate(pairs, 1):
        for place in sorted(set(one) | set(other)):
            counted += 1
            found.expect(one.get(place) == other.get(place), f"{what}, sheet {number}, cell {place}: {one.get(place)!r}, another reader {other.get(place)!r}")
    return counted


def exports(stage: Stage) -> Outcome:
    """F5: hostile words leave the hub as words in every export, and LibreOffice works out nothing."""
    with canary() as bird:
        found, folder = Outcome(), stage.folder("exports")
        texts: tuple[str, ...] = (*(text.replace("http://evil.example", bird.url) for text in HOSTILE), f'=WEBSERVICE("{bird.url}/x")', f'=HYPERLINK("{bird.url}/y";"a")', f"=IMAGE(\"{bird.url}/z\")")
        files, ground = [], stage.ground()
        for number, text in enumerate(texts if stage.long else texts[::18]):
            files += _exported(ground, number, text, folder, found)
        _opened(files, folder, bird, found)
        _proves_the_canary_sings(folder, bird, found)
        found.figure = f"{len(files) // 4} strings in {len(files)} exported files (the hub writes no csv), {found.figure} canary hits, {len(found.failed)} failures"
    return found


def _exported(ground: Ground, number: int, text: str, folder: Path, found: Outcome) -> list[Path]:
    """The plan and an agency's workbook with this text everywhere; it is read back as it was typed, and is no formula."""
    ids, line, words = ground.ids["school"], ground.watch.line, tidy(text) or "-"
    line.execute("UPDATE worries SET worry = ?, impact = ?, helping = ?, goal = ?", (words,) * 4)
    line.execute("UPDATE actions SET intervention = ?, team = ?, owner = ?, timescale = ?, barrier = ?, evidence = ?, \"update\" = ?", (words,) * 7)
    line.execute("UPDATE contexts SET name = ? WHERE id = ?", (words[:100], ids["context_id"].hex))
    made = []
    for url, ending in (("plan/download/xlsx", "xlsx"), (f"updates/workbook/{ids['agency_id']}", "xlsx"), ("plan/download/docx", "docx"), ("conference/download/agenda", "docx")):
        answer = ground.seats["lead"].ask("GET", f"/contexts/{ids['context_id']}/{url}")
        if not found.expect(answer.status_code == 200, f"{text!r}: {url} answers {answer.status_code}"):
            continue
        path = folder / f"{number:02}-{url.split('/')[0]}.{ending}"
        path.write_bytes(answer.data)
        made.append(path)
        if ending == "xlsx":
            found.expect(not formulas(answer.data), f"{text!r} is a formula in {url}: {formulas(answer.data)[:2]}")
            held = {str(cell.value).replace("_x005F_", "_") for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row if cell.value is not None}
            found.expect(as_kept(words) in held or any(as_kept(words).strip() in text_ for text_ in held), f"{text!r} is not in {url} as it was typed")
    ground.watch.restore()
    return made


def _opened(files: list[Path], folder: Path, bird: Canary, found: Outcome) -> None:
    """LibreOffice opens and works out every file, saves it again, and calls nobody."""
    books = [file for file in files if file.suffix == ".xlsx"]
    for saved in converted(books, "xlsx", folder / "again"):
        found.expect(not formulas(saved.read_bytes()), f"LibreOffice found a formula in {saved.name}: {formulas(saved.read_bytes())[:2]}")
    converted([file for file in files if file.suffix == ".docx"], "pdf", folder / "pdf")
    found.expect(not bird.heard, f"calls from an exported file: {bird.heard[:5]}")
    found.figure = str(len(bird.heard))


def _proves_the_canary_sings(folder: Path, bird: Canary, found: Outcome) -> None:
    """A real formula does survive LibreOffice, so its absence above means something."""
    book = openpyxl.Workbook()
    book.active["A1"] = f'=WEBSERVICE("{bird.url}/proof")'
    book.save(folder / "proof.xlsx")
    saved = converted([folder / "proof.xlsx"], "xlsx", folder / "proof")[0]
    found.expect(formulas(saved.read_bytes()), "the search for formulas finds none where there is one")
