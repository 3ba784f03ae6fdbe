"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE, FUNCTION, TEST, TEMPLATE = 350, 60, 400, 200


def _files(folder: str, pattern: str = "*.py") -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob(pattern) if "vendor" not in path.parts)


def _too_long(paths: list[Path], most: int) -> list[str]:
    counted = [(path, len(path.read_text().splitlines())) for path in paths]
    return [f"{path.relative_to(ROOT)}: {lines} lines, at most {most}" for path, lines in counted if lines > most]


def test_no_file_is_long() -> None:
    hub = [path for path in _files("csc_hub") if "versions" not in path.parts]  # migrations are written by Alembic, once
    assert not _too_long(hub, FILE) + _too_long(_files("tests"), TEST) + _too_long(_files("scripts"), FILE)


def test_no_template_is_long() -> None:
    assert not _too_long(_files("templates", "*.html"), TEMPLATE)


def test_no_function_is_long() -> None:
    found = []
    for path in _files("csc_hub"):
        if "versions" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    lines = (node.end_lineno or 0) - node.lineno + 1
                    found += [f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"] if lines > FUNCTION else []
    assert not found


def test_every_module_and_everything_public_says_what_it_is_for() -> None:
    found = []
    for path in _files("csc_hub"):
        tree = ast.parse(path.read_text())
        found += [f"{path.relative_to(ROOT)} says nothing"] if path.read_text().strip() and not ast.get_docstring(tree) else []
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and not ast.get_docstring(node):
                found.append(f"{path.relative_to(ROOT)}: {node.name} says nothing")
    assert not found
