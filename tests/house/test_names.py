"""Every name that the code uses is there, and no table says two things under one key: what a merge can break without a conflict."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pyflakes import checker, messages

ROOT = Path(__file__).parents[2]
FILES = [path for folder in ("csc_hub", "tests", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))]
WRONG = (messages.UndefinedName, messages.UndefinedLocal, messages.UndefinedExport, messages.MultiValueRepeatedKeyLiteral, messages.DuplicateArgument,
         messages.ReturnOutsideFunction, messages.StringDotFormatMissingArgument, messages.PercentFormatMissingArgument)


def faults(source: str, name: str = "some.py") -> list[str]:
    """What is wrong with a module, in a line each."""
    found = checker.Checker(ast.parse(source), filename=name)
    return [str(message) for message in found.messages if isinstance(message, WRONG)]


def test_every_name_is_there_and_every_key_says_one_thing() -> None:
    assert len(FILES) > 200
    assert not [fault for path in FILES for fault in faults(path.read_text(), str(path.relative_to(ROOT)))]


@pytest.mark.parametrize("source", ["def f():\n    return missing\n", "WORDS = {'a': 1, 'b': 2, 'a': 3}\n"])
def test_the_check_finds_what_it_looks_for(source: str) -> None:
    assert faults(source)
