"""Files made to harm the child that marks faults: it answers or refuses in a sentence, within its limits, and nothing gets out of it."""

from __future__ import annotations

import base64
import io
import json
import random
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from csc_hub.adapters import sandbox
from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange.mending.entry import marked
from csc_hub.exchange.mending.listing import Fault
from csc_hub.exchange.mending.styles import FAULT_COLOUR
from csc_hub.exchange.returning import READER, TEMPORARY
from tests.exchange.awkward import ODS_SHORT, TITLES, filled, inline, raw_ods, raw_xlsx, row_of, saved, worksheet
from tests.exchange.awkward import SHORT as SHORT_ROWS
from tests.exchange.test_mending import dressed, parts_of, read_again
from tests.exchange.test_reading import mutated

FAULTS = [["Actions", "H2", "“Sort of” is not a status the hub knows."], ["Actions", "B2", "Say which."], ["Actions", None, "The whole sheet."]]


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The package with one part replaced, or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for other in old.namelist():
            if other != name:
                new.writestr(other, old.read(other))
        new.writestr(name, content)
    return file.getvalue()


def sent_through_the_child(data: bytes, folder: Path, faults: list[Any], **limits: int) -> dict[str, Any]:
    """What the real child makes of it, under its real limits. Raises `Unreadable`."""
    path = folder / "both"
    path.write_bytes(data + json.dumps(faults).encode())
    with path.open("rb") as file:
        return dict(sandbox.read(READER, file, str(len(data)), "a.xlsx", **{"writes": TEMPORARY, **limits}))


def test_mutated_workbooks_are_marked_or_refused_in_a_sentence() -> None:
    chance, answered = random.Random(20261127), 0

    def late(*_: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    for number in range(250):
        data = mutated(filled(dressed, status="Sort of"), chance)
        signal.alarm(20)
        try:
            content, _, _ = marked(data, [Fault(*fault) for fault in FAULTS], "a.xlsx")  # type: ignore[misc]
            assert read_again(content)["sheets"]
            answered += 1
        except Unreadable as fault:
            assert fault.sentence.endswith(".") and len(fault.sentence) > 20, (number, fault.sentence)
        finally:
            signal.alarm(0)
    assert answered > 50


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape>&b;</v:shape></xml>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml>&a;</xml>'


@pytest.mark.parametrize("harm", [LAUGHS, OUTSIDE], ids=["entities within entities", "an entity that is another file"])
@pytest.mark.parametrize("part", ["vml", "xl/styles.xml", "xl/comments/comment1.xml", "xl/charts/chart1.xml"])
def test_entities_are_neither_worked_out_nor_handed_on(harm: bytes, part: str, tmp_path: Path) -> None:
    data = filled(dressed, status="Sort of")
    name = next(name for name in parts_of(data) if name == part or name.endswith(f".{part}"))
    with pytest.raises(Unreadable, match="declar|entit"):
        sent_through_the_child(with_part(data, name, harm), tmp_path, FAULTS)


def test_a_part_of_a_hundred_thousand_elements_inside_one_another_is_survived(tmp_path: Path) -> None:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    data = raw_xlsx(worksheet(SHORT_ROWS))
    with_styles = with_part(data, "xl/drawings/vmlDrawing1.vml", deep)
    answer = sent_through_the_child(with_styles, tmp_path, [["Actions", "B2", "Say which."]])
    assert answer["content"]


def heavy() -> bytes:
    """Two thousand rows, and sixty thousand looks."""
    book = Workbook()
    book.active.title = "Actions"
    book.active.append(TITLES)
    for number in range(1, 2_001):
        book.active.append(row_of(number))
    data = saved(book)
    xf = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    return with_part(data, "xl/styles.xml", parts_of(data)["xl/styles.xml"].replace(b"</cellXfs>", xf * 60_000 + b"</cellXfs>"))


MANY = [["Actions", f"H{row}", "Not a status."] for row in range(2, 2_002)]


def test_sixty_thousand_looks_and_two_thousand_faults_stay_within_the_limits(tmp_path: Path) -> None:
    answer = sent_through_the_child(heavy(), tmp_path, MANY)
    page = load_workbook(io.BytesIO(base64.b64decode(answer["content"])))["Actions"]
    assert not answer["copied"] and page["H2"].fill.fgColor.rgb == page["H1500"].fill.fgColor.rgb == FAULT_COLOUR


@pytest.mark.parametrize("limits", [{"memory": 60 * 1024 * 1024}, {"seconds": 1}, {"writes": 10}], ids=["memory", "time", "disk"])
def test_a_limit_that_is_met_is_said_and_is_no_crash(limits: dict[str, int], tmp_path: Path) -> None:
    rows = "".join(inline(row, ["Repair light"] * 12) for row in range(3, 19_000))
    data = raw_ods(ODS_SHORT) if "writes" in limits else raw_xlsx(worksheet(SHORT_ROWS + rows))
    with pytest.raises(Unreadable) as refused:
        sent_through_the_child(data, tmp_path, MANY, **{"writes": TEMPORARY, **limits})
    assert refused.value.sentence in (sandbox.TOO_LARGE, sandbox.TOO_LONG, sandbox.BROKEN)


def test_two_names_of_one_part_and_a_name_that_climbs_out_are_refused_or_stay_inside(tmp_path: Path) -> None:
    data = filled(dressed, status="Sort of")
    with pytest.raises(Unreadable):
        sent_through_the_child(with_part(data, "XL/worksheets/SHEET1.xml", b"<worksheet/>"), tmp_path, FAULTS)
    answer = sent_through_the_child(with_part(data, "../../outside.xml", b"<a/>"), tmp_path, FAULTS)
    assert answer["content"] and not (tmp_path.parent / "outside.xml").exists()


@pytest.mark.parametrize("formula", ["=HYPERLINK(\"http://evil.example\")", "@SUM(A1)", "+1", "-1", "\t=1"])
def test_a_sentence_or_sheet_that_looks_like_a_formula_stays_words(formula: str, tmp_path: Path) -> None:
    answer = sent_through_the_child(filled(dressed, status="Sort of"), tmp_path, [["Actions", "H2", formula]])
    book = load_workbook(io.BytesIO(base64.b64decode(answer["content"])))
    assert not [cell for row in book["To mend"].iter_rows() for cell in row if cell.data_type == "f"]
