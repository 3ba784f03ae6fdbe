"""An agency gets its own workbook back with its faults coloured, commented and listed, and everything else as it was."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from csc_hub.adapters import sandbox
from csc_hub.exchange.mending.entry import marked
from csc_hub.exchange.mending.listing import MOST, Fault
from csc_hub.exchange.mending.styles import FAULT_COLOUR
from csc_hub.exchange.ours import MARKER
from csc_hub.exchange.reading.workbook import read
from csc_hub.exchange.updates import interpret
from tests.exchange.awkward import ODS_SHORT, SHORT, TITLES, TODAY, filled, raw_ods, raw_xlsx, row_of, saved, table, worksheet
from tests.exchange.awkward_cases import READABLE
from tests.parts import soffice_convert

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0f01f0005000201a5f2b8d40000000049454e44ae426082")
STATUS = "“Sort of” is not a status the hub knows. Choose “In progress”."


def dressed(book: Workbook) -> None:
    """What agencies put into a workbook: looks, a drop-down, a rule, a chart, a comment, a name, another sheet with a formula."""
    sheet = book.active
    for row in range(2, 6):
        sheet.cell(row, 16, row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=16, min_row=1, max_row=5))
    sheet.add_chart(chart, "R2")
    choice = DataValidation("list", formula1='"Done,Not started"')
    choice.add("H2:H9")
    sheet.add_data_validation(choice)
    sheet.conditional_formatting.add("I2:I9", CellIsRule(operator="equal", formula=['"x"'], fill=PatternFill("solid", fgColor="FF00FF00")))
    sheet["H2"].fill, sheet["H2"].font = PatternFill("solid", fgColor="FF002244"), Font(color="FFFFFFFF", bold=True)
    sheet["B2"].comment = Comment("Ask Sam", "Sam Example")
    sheet["I2"].number_format = "@"
    book.create_sheet("Costs")["A1"] = "=SUM(Actions!P2:P5)"
    book.defined_names["Totals"] = DefinedName("Totals", attr_text="Costs!$A$1")
    book.properties.creator = "Sam Example"


def with_parts(data: bytes, **parts: bytes) -> bytes:
    """A workbook with further parts; '__' stands for '/' and '_dot_' for '.'."""
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def changed(before: bytes, after: bytes) -> set[str]:
    """The parts that are not byte for byte what they were, without new ones."""
    old, new = parts_of(before), parts_of(after)
    return {name for name in old if old[name] != new.get(name)}


def sheet_of(data: bytes, name: str = "Actions") -> Any:
    return load_workbook(io.BytesIO(data))[name]


def read_again(data: bytes) -> dict[str, Any]:
    return read(io.BytesIO(data), "again.xlsx")


def listed_on(data: bytes, name: str = "To mend") -> list[tuple[Any, ...]]:
    """The lines of the list of faults: (cell, sheet, sentence, where the link leads)."""
    sheet = sheet_of(data, name)
    rows = [row for row in sheet.iter_rows(values_only=True)]
    first = next(number for number, row in enumerate(rows) if row[0] == "Cell") + 1
    links = [sheet.cell(number, 1).hyperlink for number in range(first + 1, len(rows) + 1)]
    return [(*row[:3], link and link.location) for row, link in zip(rows[first:], links, strict=True)]


def test_a_fault_is_coloured_commented_and_listed_with_a_link() -> None:
    after, copied, _ = marked(filled(dressed, status="Sort of"), [Fault("Actions", "H2", STATUS)])
    cell = sheet_of(after)["H2"]
    assert not copied and cell.value == "Sort of"
    assert cell.fill.fgColor.rgb == FAULT_COLOUR and cell.font.bold
    assert cell.font.color.rgb == "FF1F2A33"  # white letters could not be read on the colour
    assert cell.comment.text == f"CSC Hub: {STATUS}" and cell.comment.author == "CSC Hub"
    assert listed_on(after) == [("H2", "Actions", STATUS, "'Actions'!H2")]
    assert sheet_of(after)["H3"].fill.fgColor.rgb == "00000000"


def test_every_other_part_leaves_byte_for_byte_as_it_came() -> None:
    before = with_parts(filled(dressed, status="Sort of"), xl__media__logo_dot_png=PICTURE)
    after, _, _ = marked(before, [Fault("Actions", "H2", STATUS)])
    assert changed(before, after) == {
        "xl/worksheets/sheet1.xml", "xl/comments/comment1.xml", "xl/drawings/commentsDrawing1.vml", "xl/styles.xml",
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "docProps/core.xml", "docProps/app.xml",
    }
    assert {"xl/charts/chart1.xml", "xl/drawings/drawing1.xml", "xl/worksheets/sheet2.xml", "xl/media/logo.png"} <= parts_of(after).keys()
    sheet = sheet_of(after)
    assert len(sheet._charts) == 1 and sheet.data_validations.count == 1 and len(sheet.conditional_formatting) == 1
    assert load_workbook(io.BytesIO(after)).defined_names["Totals"].attr_text == "Costs!$A$1"


def test_every_changed_part_is_sound_xml_and_every_arrow_leads_somewhere() -> None:
    after, _, _ = marked(filled(dressed), [Fault("Actions", "H2", STATUS), Fault("Actions", "B2", "x"), Fault("Costs", "C9", "y")])
    parts = parts_of(after)
    for name, content in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            etree.fromstring(content)
    overrides = re.findall(rb'PartName="([^"]+)"', parts["[Content_Types].xml"])
    assert len(set(overrides)) == len(overrides) and {o.decode().lstrip("/") for o in overrides} <= parts.keys()
    for name in parts:
        if name.endswith(".rels"):
            for relation in etree.fromstring(parts[name]):
                target = relation.get("Target")
                if target.startswith("/"):
                    assert target[1:] in parts, (name, target)


def test_somebody_elses_comment_keeps_its_words_and_gets_ours_below() -> None:
    after, _, _ = marked(filled(dressed), [Fault("Actions", "B2", "Say which.")])
    comment = sheet_of(after)["B2"].comment
    assert comment.text == "Ask Sam\n— CSC Hub: Say which." and comment.author == "Sam Example"


def test_a_sentence_is_words_in_a_cell_whatever_it_looks_like() -> None:
    for words in ("=1+1", "@SUM(A1)", "a < b & c > d", "_x0041_ \x07 bell", "]]>", "😀 שלום"):
        after, _, _ = marked(filled(), [Fault("Actions", "H2", words)])
        parts = parts_of(after)
        assert not re.search(rb"<f[ >]", parts["xl/worksheets/tomend1.xml"])
        seen = words.replace("\x07", "")
        assert listed_on(after)[0][2].replace("_x005F_", "_") == seen
        assert sheet_of(after)["H2"].comment.text.replace("_x005F_", "_") == f"CSC Hub: {seen}"


def test_the_mended_file_sent_again_reads_as_if_it_had_never_been_marked() -> None:
    before = filled(dressed, status="Sort of")
    after, _, _ = marked(before, [Fault("Actions", "H2", STATUS), Fault("Actions", "B2", "Say which.")])
    first, again = read_again(before), read_again(after)
    assert again["sheets"] == first["sheets"] and again["hidden"] == []
    assert "This workbook has 1 comment, which is not read." in again["notes"]
    book = load_workbook(io.BytesIO(after))
    book["Actions"]["H2"] = "Done"
    found = interpret(read_again(saved(book)), TODAY)
    assert not found.faults and [draft.row for draft in found.drafts] == [2, 3] and found.ignored == ("Costs",)


def test_marks_of_an_earlier_time_come_off_and_the_list_is_written_anew() -> None:
    once, _, _ = marked(filled(dressed), [Fault("Actions", "I3", "One."), Fault("Actions", "B2", "Two."), Fault("Actions", "X40", "Far.")])
    twice, _, _ = marked(once, [Fault("Actions", "I2", "Three.")])
    sheet = sheet_of(twice)
    assert load_workbook(io.BytesIO(twice)).sheetnames == ["Actions", "Costs", "To mend"]
    assert [sheet[cell].fill.fgColor.rgb for cell in ("I3", "B2", "X40", "I2")] == ["00000000"] * 3 + [FAULT_COLOUR]
    assert sheet["I3"].comment is None and sheet["X40"].comment is None and sheet["B2"].comment.text == "Ask Sam"
    assert sheet["I2"].number_format == "@"
    assert listed_on(twice) == [("I2", "Actions", "Three.", "'Actions'!I2")]
    clean, _, _ = marked(twice, [])
    assert sheet_of(clean)["I2"].fill.fgColor.rgb == "00000000" and sheet_of(clean)["I2"].comment is None


def test_a_sheet_of_the_agencys_own_with_that_name_is_not_ours() -> None:
    def change(book: Workbook) -> None:
        book.create_sheet("To mend")["A1"] = "The fence"

    after, _, _ = marked(filled(change), [Fault("Actions", "H2", STATUS)])
    assert load_workbook(io.BytesIO(after)).sheetnames == ["Actions", "To mend", "To mend (2)"]
    assert listed_on(after, "To mend (2)")[0][0] == "H2" and sheet_of(after, "To mend")["A1"].value == "The fence"
    assert [sheet["name"] for sheet in read_again(after)["sheets"]] == ["Actions", "To mend"]


def test_macros_and_author_are_taken_out_and_it_is_said() -> None:
    before = with_parts(filled(dressed), xl__vbaProject_dot_bin=b"\x00macro", customXml__item1_dot_xml=b"<a>who</a>")
    with zipfile.ZipFile(io.BytesIO(before)) as archive:
        kinds = archive.read("[Content_Types].xml").replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    before = rewritten(before, {"[Content_Types].xml": kinds})
    after, copied, said = marked(before, [Fault("Actions", "H2", STATUS)])
    parts = parts_of(after)
    assert not copied and "xl/vbaProject.bin" not in parts and "customXml/item1.xml" not in parts
    assert b"macroEnabled" not in parts["[Content_Types].xml"] and b"spreadsheetml.sheet.main+xml" in parts["[Content_Types].xml"]
    assert b"Sam Example" not in parts["docProps/core.xml"] and b"CSC Hub" in parts["docProps/core.xml"]
    assert any("macros were taken out" in line for line in said) and any("names of author" in line for line in said)
    text = " ".join(str(row[0]) for row in sheet_of(after, "To mend").iter_rows(values_only=True))
    assert "The macros were taken out" in text and text.startswith(MARKER)
    assert read_again(after)["format"] == "xlsx"


def rewritten(data: bytes, replaced: dict[str, bytes]) -> bytes:
    """A workbook with other content in some of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts_of(data).items():
            archive.writestr(name, replaced.get(name, content))
    return file.getvalue()


def test_what_was_hidden_is_shown_and_named() -> None:
    def hide(book: Workbook) -> None:
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["C"].hidden = True
        book.create_sheet("Lists").append(["Sam"])
        book["Lists"].sheet_state = "veryHidden"

    after, _, said = marked(filled(hide), [Fault("Actions", "H2", STATUS)])
    assert read_again(after)["hidden"] == []
    assert said[-1] == (
        "What was hidden is shown, because the hub hands on nothing hidden: column C of “Actions”, row 3 of “Actions” and very hidden sheet “Lists”.")


def test_what_can_be_neither_shown_nor_taken_out_makes_it_a_copy() -> None:
    before = with_parts(filled(dressed), xl__embeddings__oleObject1_dot_bin=b"secret", xl__pivotCache__pivotCacheDefinition1_dot_xml=b"<a/>")
    after, copied, said = marked(before, [Fault("Actions", "H2", STATUS)])
    assert copied and "pivot tables" in said[0] and "embedded files" in said[0]
    assert not [name for name in parts_of(after) if "embed" in name or "pivot" in name]
    assert sheet_of(after)["H2"].fill.fgColor.rgb == FAULT_COLOUR
    assert listed_on(after) == [("H2", "Actions", STATUS, "'Actions'!H2")]


def test_copies_of_other_files_cells_are_emptied_and_the_link_stays() -> None:
    link = (b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook>'
            b'<sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1"><v>secret</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>')
    before = with_parts(filled(), xl__externalLinks__externalLink1_dot_xml=link)
    assert read_again(before)["hidden"] == ["copies of cells of 1 other file"]
    after, copied, said = marked(before, [Fault("Actions", "H2", STATUS)])
    assert not copied and b"secret" not in parts_of(after)["xl/externalLinks/externalLink1.xml"] and b"<externalBook" in parts_of(after)["xl/externalLinks/externalLink1.xml"]
    assert read_again(after)["hidden"] == []


@pytest.mark.parametrize(("data", "name", "words"), [
    (raw_ods(ODS_SHORT), "a.ods", "OpenDocument"), (b"Ref;Action;Status;Update\r\n/01;=1+1;Sort of;x\r\n", "from agency.csv", "CSV"),
])
def test_other_formats_come_back_as_a_copy_of_the_cells(data: bytes, name: str, words: str) -> None:
    sheet = "Actions" if name == "a.ods" else "from agency"
    after, copied, said = marked(data, [Fault(sheet, "C2", STATUS), Fault(sheet, "C2", "And again.")], name)
    assert copied and words in said[0]
    cell = sheet_of(after, sheet)["C2"]
    assert cell.fill.fgColor.rgb == FAULT_COLOUR and cell.comment.text == f"CSC Hub: {STATUS}\nAnd again."
    assert [line[3] for line in listed_on(after)] == [f"'{sheet}'!C2"] * 2
    assert sheet_of(after, sheet)["B2"].data_type == "s"
    first, again = read(io.BytesIO(data), name), read_again(after)
    assert [s["rows"] for s in again["sheets"]] == [s["rows"] for s in first["sheets"]]


def test_cells_that_the_file_does_not_write_down_can_be_marked() -> None:
    rows = '<row><c t="inlineStr"><is><t>Ref</t></is></c><c t="inlineStr"><is><t>Action</t></is></c></row><row r="4"><c r="B4"><v>1</v></c></row>'
    after, copied, _ = marked(raw_xlsx(worksheet(rows)), [Fault("Actions", c, "x") for c in ("A4", "C4", "B2", "A1", "AA9")])
    sheet = sheet_of(after)
    assert not copied and [sheet[c].fill.fgColor.rgb for c in ("A4", "C4", "B2", "A1", "AA9")] == [FAULT_COLOUR] * 5
    assert (sheet["A1"].value, sheet["B1"].value, sheet["B4"].value) == ("Ref", "Action", 1)


def test_thousands_of_faults_are_cut_short_and_it_is_said() -> None:
    data = table([TITLES, *(row_of(n) for n in range(1, 3001))])
    after, _, _ = marked(data, [Fault("Actions", f"H{n}", "x") for n in range(2, 3002)])
    lines = listed_on(after)
    assert len(lines) == MOST + 1 and "1,000 more" in lines[-1][2]
    assert sheet_of(after)["H2001"].comment and not sheet_of(after)["H2002"].comment


@pytest.mark.parametrize("case", [case for case in READABLE], ids=lambda case: case.name)
def test_every_awkward_workbook_can_be_handed_back(case: Any) -> None:
    data = case.build()
    first = read(io.BytesIO(data), case.name)
    name = first["sheets"][0]["name"]
    after, _, _ = marked(data, [Fault(name, "B2", STATUS), Fault(name, None, "Whole sheet.")], case.name)
    again = read_again(after)
    assert [s["name"] for s in again["sheets"]] == [s["name"] for s in first["sheets"]]
    assert [len(s["rows"]) for s in again["sheets"]] == [len(s["rows"]) for s in first["sheets"]]
    assert not [phrase for phrase in again["hidden"] if "under a merged cell" not in phrase]
    load_workbook(io.BytesIO(after))


def test_the_sandbox_hands_it_back_from_one_file_with_its_faults_behind_it(tmp_path: Path) -> None:
    data = filled(dressed)
    (tmp_path / "both").write_bytes(data + json.dumps([["Actions", "H2", STATUS]]).encode())
    with open(tmp_path / "both", "rb") as file:
        answer = sandbox.read("csc_hub.exchange.mending.entry:give_back", file, str(len(data)), "a.xlsx")
    assert set(answer) == {"content", "copied", "said"} and answer["copied"] is False


@pytest.mark.office
def test_libreoffice_opens_it_with_colours_comments_and_links_and_forgets_nothing(tmp_path: Path) -> None:
    after, _, _ = marked(filled(dressed, status="Sort of"), [Fault("Actions", "H2", STATUS), Fault("Actions", "B2", "Say which."), Fault("Actions", "X40", "Far.")])
    (tmp_path / "marked.xlsx").write_bytes(after)
    (tmp_path / "again").mkdir()
    again = soffice_convert(tmp_path / "marked.xlsx", "xlsx", tmp_path / "again").read_bytes()
    sheet = sheet_of(again)
    assert [sheet[c].fill.fgColor.rgb for c in ("H2", "B2", "X40")] == [FAULT_COLOUR] * 3
    assert STATUS in sheet["H2"].comment.text and "Say which." in sheet["B2"].comment.text
    assert [row[:3] for row in listed_on(again)] == [("H2", "Actions", STATUS), ("B2", "Actions", "Say which."), ("X40", "Actions", "Far.")]
    assert [s["name"] for s in read_again(again)["sheets"]] == ["Actions", "Costs"]
    clean, _, _ = marked(again, [])
    assert sheet_of(clean)["B2"].comment.text == "Ask Sam" and sheet_of(clean)["H2"].comment is None
    assert sheet_of(clean)["X40"].fill.fgColor.rgb == "00000000"
