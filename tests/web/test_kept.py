"""Compiled templates that are kept: never another page than the template says, whatever lies in the folder."""

import os
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from csc_hub.web.kept import Kept


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text("Good {{ what }}.")
    return path


def _rendered(template: Path, folder: Path) -> str:
    env = Environment(loader=FileSystemLoader(template.parent), bytecode_cache=Kept("pages", folder))
    return env.get_template(template.name).render(what="morning")


def test_what_is_kept_is_used_by_the_next_start(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, before = tmp_path / "kept", os.umask(0o077)
    try:
        assert _rendered(template, folder) == "Good morning."
    finally:
        os.umask(before)
    kept, = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o755 and kept.stat().st_mode & 0o777 == 0o644, "the service has another user"
    monkeypatch.setattr(Environment, "compile", None)
    assert _rendered(template, folder) == "Good morning."


def test_a_changed_template_is_compiled_again(template: Path, tmp_path: Path) -> None:
    assert _rendered(template, tmp_path / "kept") == "Good morning."
    template.write_text("Bad {{ what }}.")
    assert _rendered(template, tmp_path / "kept") == "Bad morning."


@pytest.mark.parametrize("left", [b"", b"damaged", b"j2\x05"])
def test_a_damaged_file_is_compiled_again(template: Path, tmp_path: Path, left: bytes) -> None:
    _rendered(template, tmp_path / "kept")
    kept = next((tmp_path / "kept").iterdir())
    for damaged in (left, kept.read_bytes()[:-40]):
        kept.write_bytes(damaged)
        assert _rendered(template, tmp_path / "kept") == "Good morning."


def test_where_nothing_may_be_written_pages_come_all_the_same(template: Path) -> None:
    assert _rendered(template, template / "kept") == "Good morning."
