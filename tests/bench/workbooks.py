"""P8, P9 and P12: agencies' workbooks out and back in, beside the bare library, and the pages meanwhile."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, insert, select, update

from csc_hub import create_app, kernel
from csc_hub.db import db, writing
from csc_hub.exchange import manifest
from csc_hub.exchange.outgoing import UPDATE_COLUMNS, PrintedAction, PrintedPlan, PrintedWorry, SheetAction, UpdateSheet
from csc_hub.exchange.plan_workbook import plan_workbook
from csc_hub.exchange.update_workbook import update_workbook
from csc_hub.people.records import Agency
from csc_hub.process.plans.records import Action, Worry
from tests.bench import servers
from tests.bench.files import BOUNDARY, HEADERS
from tests.bench.results import Result, at_most, middle, p95
from tests.bench.servers import ROOT, Browser
from tests.hub import Hub, settings

RUNS = 5
READ = "import openpyxl, sys; book = openpyxl.load_workbook(sys.argv[1]); print(sum(1 for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell))"
MEMORY = """
from pathlib import Path
from tests.bench import workbooks
make, given = workbooks.WRITTEN[{kind!r}]
make(given(5))
made = given(10_000)
Path("/proc/self/clear_refs").write_text("5")
status = lambda name: int(Path("/proc/self/status").read_text().partition(name + ":")[2].split()[0]) / 1024
before = status("VmRSS")
make(made)
print(status("VmHWM") - before)
"""
"""The most memory while a file is written, over what the process had with its cells already in hand."""


def sheet(rows: int) -> UpdateSheet:
    """An agency's workbook of so many actions, each with an update."""
    one = SheetAction(
        "", "Harbour Road bus interchange", "Young people say that the interchange feels safe after school", "", "Housing", "Des Brown",
        dt.date(2027, 4, 9), "", "In progress", "The lamps are ordered, and the road is to be closed on a Sunday", dt.date(2026, 10, 1),
        "Two residents said that they use the path again", "Waiting for the contractor")
    actions = tuple(replace(one, reference=f"CSC-2026-014/{n:02d}", action=f"Repair lamp {n} on the walkway and cut the trees around it") for n in range(1, rows + 1))
    texts = {n: [a.status, a.update, "", a.evidence, a.barrier, "", "", a.context, a.goal, a.action, a.agency, a.owner, "2027-04-09"] for n, a in enumerate(actions, 1)}
    lines = manifest.made(manifest.Named("0" * 32, "1" * 32, "2" * 32, "3" * 32, 1), texts, b"k" * 32)
    return UpdateSheet("CSC-2026-014", "Harbour Road bus interchange", "Anyshire Council", "Housing", "OFFICIAL-SENSITIVE", dt.date(2026, 11, 27),
                       "Priya Nair", ("Not started", "In progress"), actions, 1, tuple(lines))


def bare(made: UpdateSheet) -> bytes:
    """The same cells with the same look by openpyxl's streaming writer and nothing else; each look is made once."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    page, styles = book.create_sheet("Actions"), []
    side = Side(style="thin", color="FF8A979F")
    for _, _, fillable in UPDATE_COLUMNS:
        cell = WriteOnlyCell(page)
        cell.font, cell.alignment, cell.border = Font(name="Arial", size=10), Alignment("left", "top", wrap_text=True), Border(left=side, right=side, top=side, bottom=side)
        cell.protection, cell.fill = Protection(locked=not fillable), PatternFill("solid", fgColor="FFE9ECEE")
        styles.append(cell._style)
    for number, action in enumerate(made.actions, 2):
        cells = []
        for (name, _, _), style in zip(UPDATE_COLUMNS, styles, strict=True):
            cell = WriteOnlyCell(page, getattr(action, name))
            cell._style = style
            cells.append(cell)
        page.row_dimensions[number].height = 60
        page.append(cells)
    check = DataValidation("list", formula1='"Not started,In progress"')
    check.add(f"H2:H{len(made.actions) + 1}")
    page.data_validations.append(check)
    page.protection.sheet = True
    own = book.create_sheet("Own")
    for line in made.manifest:
        own.append([line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _seconds(deed: Any) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def plan(rows: int) -> PrintedPlan:
    """A plan of so many interventions, eight to a worry."""
    def worry(n: int) -> PrintedWorry:
        return PrintedWorry(
            f"Young people are approached on the walkway at lamp {n} after school", "They avoid the path", "Two residents walk the path in the evening",
            "Young people say that the walkway feels safe after dark",
            tuple(PrintedAction(f"CSC-2026-014/{8 * n + m:02d}", f"Repair lamp {8 * n + m} on the walkway and cut the trees around it", "Housing, Des Brown", "By Friday 9 April 2027") for m in range(8)))
    return PrintedPlan("CSC-2026-014", "Harbour Road bus interchange", "Anyshire Council", "OFFICIAL-SENSITIVE", "", "", "", "", "Grace Mensah, Priya Nair", "Issue 1",
                       tuple(worry(n) for n in range(rows // 8)))


def bare_plan(made: PrintedPlan) -> bytes:
    """The same cells with the same look, merged alike, by openpyxl's streaming writer and nothing else; each look is made once."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.worksheet.cell_range import CellRange

    book = Workbook(write_only=True)
    page, styles = book.create_sheet("Plan"), []
    for top in ("medium", "thin"):
        cell, side = WriteOnlyCell(page), Side(style="thin", color="FF8A979F")
        cell.font, cell.alignment = Font(name="Arial", size=10), Alignment("left", "top", wrap_text=True, indent=1)
        cell.border = Border(left=side, right=side, top=Side(style=top, color="FF44525B"), bottom=side)
        styles.append(cell._style)
    plain, bold, small = InlineFont(rFont="Arial", sz=10), InlineFont(rFont="Arial", sz=10, b=True), InlineFont(rFont="Arial", sz=8)
    row = 0
    for worry in made.worries:
        first = row + 1
        for place, action in enumerate(worry.actions):
            row += 1
            told: list[Any] = [None] * 3 if place else [CellRichText([TextBlock(plain, worry.worry + "\n\n"), TextBlock(bold, "Impact: "), TextBlock(plain, worry.impact)]), worry.helping, worry.goal]
            told += [CellRichText([TextBlock(small, action.reference + "\n"), TextBlock(plain, action.intervention)]), action.agency, action.timescale]
            cells = []
            for value in told:
                cell = WriteOnlyCell(page, value)
                cell._style = styles[bool(place)]
                cells.append(cell)
            page.row_dimensions[row].height = 60
            page.append(cells)
        for column in (1, 2, 3):
            page.merged_cells.ranges.add(CellRange(min_row=first, max_row=row, min_col=column, max_col=column))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


WRITTEN = {"workbook": (update_workbook, sheet), "plan": (plan_workbook, plan)}
BARE = {"workbook": bare, "plan": bare_plan}


def p8() -> Iterator[Result]:
    """A plan and an agency's workbook of 10,000 rows, styled, with drop-downs and locks, each beside the library's streaming writer doing the same cells."""
    for kind, (make, given) in WRITTEN.items():
        made, mine, theirs = given(10_000), [], []
        for _ in range(RUNS):
            theirs.append(_seconds(lambda: BARE[kind](made)))  # type: ignore[operator]
            mine.append(_seconds(lambda: make(made)))  # type: ignore[operator]
        yield at_most("P8", f"{kind} of 10,000 rows", middle(mine) * 1000, middle(theirs) * 1000, 1.3, lambda: make(given(500)))  # type: ignore[operator]
        more = middle([float(_child(MEMORY.format(kind=kind))) for _ in range(3)])
        yield Result("P8", f"memory for the {kind}", more, "MB", None, "+ ≤ 30 MB", more <= 30)


def _child(code: str, *words: str) -> str:
    return subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def _plan(rows: int) -> Iterator[tuple[Path, str, str]]:
    """A hub in whose school plan Housing has so many issued actions; its folder, the context and the agency."""
    with tempfile.TemporaryDirectory(prefix="csc-bench-") as folder:
        hub = Hub(create_app(settings(Path(folder)))).build()
        context = uuid.UUID(hub.context("school"))
        with hub.inside(), writing():
            agency = db.session.scalar(select(Agency.id).where(Agency.name == "Housing"))
            worry = db.session.scalar(select(Worry.id).join(Action, Action.worry_id == Worry.id).where(Action.context_id == context))
            db.session.connection().execute(insert(Action.__table__), [{  # type: ignore[arg-type]
                "id": uuid.uuid4(), "version": 1, "context_id": context, "worry_id": worry, "number": 100 + n, "intervention": f"Repair lamp {n} on the walkway",
                "agency_id": agency, "team": "", "owner": "Des Brown", "due_on": dt.date(2027, 4, 9), "timescale": "", "status": "in_progress",
                "update": f"Lamp {n} is ordered", "updated_on": dt.date(2026, 10, 1), "evidence": "", "barrier": "", "proposed_date": None, "completed_on": None,
                "touched_at": kernel.now(), "issued_in": 1, "issued_agency_id": agency,
                "issued_facts": {"intervention": f"Repair lamp {n} on the walkway", "goal": "Safe after dark", "owner": "Des Brown", "when": "by Friday 9 April 2027", "timescale": ""},
            } for n in range(rows - 2)])
        with hub.inside():
            db.engine.dispose()
        yield Path(folder), str(context), str(agency)


def _filled_in(content: bytes, word: str) -> bytes:
    """The workbook with another update and date in every row."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    for row in range(2, page.max_row + 1):
        page.cell(row, 9).value, page.cell(row, 10).value = f"{word}: done on row {row}", dt.date(2026, 11, 20)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _form(token: str, agency: str, content: bytes) -> bytes:
    fields = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in (("csrf_token", token), ("agency_id", agency)))
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="back.xlsx"\r\nContent-Type: application/octet-stream\r\n\r\n'
    return (fields + head).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _send(browser: Browser, url: str, agency: str, content: bytes) -> tuple[str, bytes, float]:
    """(address, page, seconds) of the preview of an upload."""
    body = _form(browser.token(f"{url}/upload"), agency, content)
    started = time.perf_counter()
    status, answer = browser.ask("POST", f"{url}/upload", body, **HEADERS)
    assert status == 303, answer[:2000]
    place = re.findall(rb'href="([^"]+/updates/[0-9a-f-]{36})"', answer)[0].decode()
    page = browser.get(place)
    return place, page, time.perf_counter() - started


def _apply(browser: Browser, place: str, page: bytes) -> float:
    hidden = {name: re.findall(rb'name="%s" value="([^"]+)"' % name.encode(), page)[0].decode() for name in ("csrf_token", "seen")}
    started = time.perf_counter()
    status, answer = browser.ask("POST", place, urlencode({**hidden, "checked": "y"}), **{"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 303, re.findall(rb'error-summary.{0,900}', answer, re.S)[:1]
    return time.perf_counter() - started


def p9() -> Iterator[Result]:
    """2,000 rows from upload to preview beside the bare reader in a child of its own; applied; and 10,000 applied beside reading and one bulk update."""
    for rows, runs in ((2_000, RUNS), (10_000, 3)):
        with _plan(rows) as (folder, context, agency), servers.hub(folder) as hub:
            browser, url = Browser(hub.port).be("lead"), f"/contexts/{context}/updates"
            seen, applied, read = [], [], []
            for turn in range(runs):
                content = _filled_in(browser.get(f"{url}/workbook/{agency}"), f"Turn {turn}")
                (folder / "sent.xlsx").write_bytes(content)
                read.append(_seconds(lambda: _child(READ, str(folder / "sent.xlsx"))))
                place, page, seconds = _send(browser, url, agency, content)
                seen.append(seconds)
                applied.append(_apply(browser, place, page))
            if rows == 2_000:
                yield at_most("P9", "2,000 rows, upload to preview", middle(seen) * 1000, middle(read) * 1000, 3)
                yield at_most("P9", "2,000 rows applied, beside the preview", middle(applied) * 1000, middle(seen) * 1000, 1)
            else:
                floor = middle(read) + middle([_seconds(lambda: _bulk(folder)) for _ in range(3)])
                yield at_most("P9", "10,000 rows applied with audit, beside read + bulk update", middle(applied) * 1000, floor * 1000, 2)


def _bulk(folder: Path) -> None:
    """Another update in 10,000 actions by one statement and one commit, on the same database."""
    with create_app(settings(folder)).app_context(), writing():
        table: Any = Action.__table__
        ids = list(db.session.scalars(select(Action.id)))
        db.session.connection().execute(update(table).where(table.c.id == bindparam("the_id")).values(update=bindparam("said"), updated_on=bindparam("day")),
                                        [{"the_id": key, "said": str(uuid.uuid4()), "day": dt.date(2026, 11, 21)} for key in ids])


def p12() -> Iterator[Result]:
    """Pages of two workers while two uploads trickle in and workbooks of 10,000 rows are made, beside the same pages at rest."""
    with _plan(10_000) as (folder, context, agency), servers.hub(folder) as hub:
        browser = Browser(hub.port).be("coordinator")
        idle = [_seconds(lambda: browser.get("/contexts")) for _ in range(60)]
        ended = threading.Event()
        lead = Browser(hub.port).be("lead")

        def export() -> None:
            while not ended.is_set():
                lead.get(f"/contexts/{context}/updates/workbook/{agency}")

        def trickle() -> None:
            slow = Browser(hub.port).be("lead")
            body = _form(slow.token(f"/contexts/{context}/updates/upload"), agency, b"x" * 400_000)

            def pieces() -> Iterator[bytes]:
                for start in range(0, len(body), 4_000):
                    yield body[start:start + 4_000]
                    ended.wait(0.1)

            slow.ask("POST", f"/contexts/{context}/updates/upload", pieces(), **{**HEADERS, "Content-Length": str(len(body))})

        threads = [threading.Thread(target=deed) for deed in (export, trickle, trickle)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        busy = [_seconds(lambda: browser.get("/contexts")) for _ in range(150)]
        ended.set()
        for thread in threads:
            thread.join()
        yield at_most("P12", "first page while two uploads and an export run, 95 in 100", p95(busy) * 1000, p95(idle) * 1000, 3)
        yield Result("P12", "the slowest of them", max(busy) * 1000, "ms", None, "≤ 250 ms", max(busy) <= 0.25)


