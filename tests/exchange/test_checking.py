"""What `csc-hub check` says about every awkward file, and that it always says something."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path

import pytest

from csc_hub.exchange.checking import as_text, check, exit_code
from csc_hub.exchange.headers import HEADERS
from tests.exchange.awkward import TODAY, Case, filled
from tests.exchange.awkward_cases import ALL

KEYS = ["file", "format", "sheets", "header", "rows", "refused", "hidden"]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_an_awkward_file_is_answered_in_words(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.build())
    result = check(path, TODAY)
    text = as_text([result])
    assert list(result) == KEYS
    for words in case.says:
        assert words in text, text
    assert exit_code([result]) == case.code, text
    if case.code == 2:
        assert result["format"] is None and result["sheets"] == [] and result["header"] is None
        assert [list(fault) for fault in result["refused"]] == [["cell", "why"]]
        assert result["refused"][0]["cell"] is None


def test_a_clean_file_is_described_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    path.write_bytes(filled())
    result = check(str(path), TODAY)
    assert result["file"] == str(path)
    assert result["sheets"] == ["Actions"]
    assert result["header"]["cell"] == "A1" and result["header"]["sheet"] == "Actions"
    assert result["header"]["columns"]["evidence"] == "Evidence (what changed?)"
    assert (result["rows"], result["refused"], result["hidden"]) == (2, [], [])


@pytest.mark.parametrize(("name", "words"), [
    ("missing.xlsx", "no such file"), ("folder", "not a file"), ("pipe", "not a file"), ("large.xlsx", "larger than 20 MB"),
    ("zero\0.xlsx", "cannot be opened"), ("plain.xlsx/inside.xlsx", "no such file"),
])
def test_what_is_no_file_to_read_is_said(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain.xlsx").write_bytes(filled())
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "large.xlsx", "wb") as large:
        large.truncate(60 * 1024 * 1024)
    result = check(f"{tmp_path}/{name}", TODAY)
    assert words in result["refused"][0]["why"]
    assert exit_code([result]) == 2


def test_the_worst_file_decides_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "good.xlsx").write_bytes(filled())
    (tmp_path / "bad.xlsx").write_bytes(filled(status="Sort of"))
    good, bad = check(tmp_path / "good.xlsx", TODAY), check(tmp_path / "bad.xlsx", TODAY)
    assert [exit_code([]), exit_code([good]), exit_code([good, bad])] == [0, 0, 1]
    assert exit_code([bad, check(tmp_path / "none.xlsx", TODAY)]) == 2


def test_a_name_that_is_no_text_can_still_be_printed(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff.xlsx")
    Path(path).write_bytes(filled())
    as_text([check(path, TODAY)]).encode("utf-8")


def test_every_field_of_the_json_stands_in_the_documentation() -> None:
    told = (Path(__file__).resolve().parents[2] / "docs" / "it.md").read_text().partition("What the workbook commands print")[2].partition("## Where data lies")[0]
    table = [line.split("`")[1] for line in told.splitlines() if line.startswith("| `")]
    assert table == KEYS
    for name in (*HEADERS, *terminal_fields()):
        assert f"`{name}`" in told, name


def terminal_fields() -> list[str]:
    """What import-updates prints."""
    from csc_hub.exchange import terminal

    source = inspect.getsource(terminal._told).partition("return {")[2]
    return [name for name in re.findall(r'"(\w+)":', source) if name != "lines"]
