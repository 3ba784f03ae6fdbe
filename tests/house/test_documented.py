"""What a person can set, type or meet is written down, and what is written down is there."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import click
import pytest

from csc_hub.cli import main
from csc_hub.process import STEPS
from csc_hub.process.contexts import rules
from csc_hub.process.contexts.rules import Move, State
from csc_hub.settings import BadSettings, from_environment

ROOT = Path(__file__).resolve().parents[2]


def _read(name: str) -> str:
    path = ROOT / name
    assert path.exists(), f"{name} is not written yet"
    return path.read_text()


def _docs() -> str:
    return _read("README.md") + "".join(path.read_text() for path in sorted((ROOT / "docs").rglob("*.md")))


def settings_read() -> set[str]:
    """Every CSC_* name that settings.py reads from the environment."""
    text = (ROOT / "csc_hub" / "settings.py").read_text()
    words = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found = {word for word in words if re.fullmatch(r"CSC_[A-Z0-9_]+", word)}
    prefix = re.search(r'f"CSC_S3_\{name\}"', text)
    assert prefix, "the settings of S3 are read in another way: mend this test"
    found |= {f"CSC_S3_{word}" for word in words if word in ("ENDPOINT", "REGION", "BUCKET", "ACCESS_KEY", "SECRET_KEY", "ENCRYPTION")}
    return found - {"CSC_S3_"}


def test_every_setting_is_in_the_example_and_in_the_docs() -> None:
    assert len(settings_read()) >= 16
    example, docs = _read("deploy/settings.example"), _docs()
    assert not {name for name in settings_read() if not re.search(rf"^#?\s*{name}=", example, re.M)}
    assert not {name for name in settings_read() if not re.search(rf"\b{name}\b", docs)}


def test_the_example_and_the_docs_name_no_setting_that_nothing_reads() -> None:
    known = settings_read() | {"CSC_NOTHING_SKIPPED", "CSC_UPDATE"}  # for those who run the tests
    named = set(re.findall(r"\bCSC_[A-Z][A-Z0-9_]*[A-Z0-9]\b", _read("deploy/settings.example") + _docs()))
    used = set(re.findall(r"\bCSC_[A-Z][A-Z0-9_]*[A-Z0-9]\b", "".join(
        path.read_text() for folder in ("deploy", "scripts", "tests") for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".sh", ".yml", ".yaml", "") and path.name != "settings.example")))
    assert not named - known - used


def test_settings_that_the_hub_refuses_are_refused_by_their_name() -> None:
    good = {"CSC_SECRET": "0123456789-0123456789-0123456789", "CSC_URL": "https://hub.example"}
    from_environment(good)
    for name, value in (("CSC_SECRET", "short"), ("CSC_URL", "hub"), ("CSC_URL", "http://hub.example"), ("CSC_COLOUR", "#ffffff"), ("CSC_COLOUR", "red"),
                        ("CSC_DATABASE_URL", "mysql://a"), ("CSC_UPLOAD_MB", "0"), ("CSC_PROXIES", "-1"), ("CSC_DEMONSTRATION", "maybe"),
                        ("CSC_S3_ENDPOINT", "http://a"), ("CSC_DEMONSTRATION", "1")):
        with pytest.raises(BadSettings, match="CSC_"):
            from_environment({**good, name: value})


def test_every_command_is_in_the_docs_for_it_and_says_what_it_does() -> None:
    docs = _read("docs/it.md")
    for name, command in main.commands.items():
        assert re.search(rf"csc-hub {re.escape(name)}\b", docs), f"docs/it.md does not name csc-hub {name}"
        assert isinstance(command, click.Command) and len(command.help or "") > 30, name
    named = set(re.findall(r"(?:`|^)csc-hub ([a-z][a-z-]+)", docs, re.M))
    assert named <= set(main.commands), named - set(main.commands)


def test_every_step_of_the_process_is_in_the_docs() -> None:
    docs = _docs().lower()
    for step in STEPS:
        assert re.search(rf"\b{step}\b", docs) and (ROOT / "csc_hub" / "process" / step).is_dir(), step


def test_every_file_the_docs_link_to_is_there() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text() if page.exists() else ""):
            assert "://" in target or target.startswith("mailto:") or (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_target_of_make_says_what_it_is_for() -> None:
    for line in _read("Makefile").splitlines():
        if re.match(r"^[a-z]+:", line):
            assert "## " in line, line


def test_the_moves_name_every_state_and_every_state_can_be_reached() -> None:
    assert set(rules.MOVES) == set(rules.STATE_WORDS) == set(State)
    assert {move for moves in rules.MOVES.values() for move in moves} == set(rules.MOVE_WORDS) == set(Move)
    reached, todo = set(), [State.REFERRED]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += rules.MOVES[state].values()
    assert reached == set(State)
    assert all(rules.MOVES[state] for state in State), "no state is a dead end"


@pytest.fixture(scope="module")
def moves() -> ModuleType:
    """scripts/moves.py."""
    spec = importlib.util.spec_from_file_location("moves", ROOT / "scripts" / "moves.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_drawn_moves_are_the_moves(moves: ModuleType) -> None:
    assert _read("docs/moves.md") == moves.page(), "run: python scripts/moves.py"
    found = re.search(r"```mermaid\n(.*?)\n```", _read("docs/moves.md"), re.S)
    assert found and found[1] == moves.diagram()
    arrows = re.findall(r"^    (\w+) --> (\w+): ", found[1], re.M)
    assert sorted(arrows) == sorted((state.value, to.value) for state in State for to in rules.MOVES[state].values())
