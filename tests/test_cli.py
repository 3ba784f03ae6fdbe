"""The csc-hub command as somebody types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from csc_hub import schema

SECRET = "kJ8s-2Lq0vXz7_Tn4BwYpR5mHc9DfGa1eUiOoN3"


def run(data: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs csc-hub with nothing but these settings."""
    settings = {"PATH": os.environ["PATH"], "CSC_DATA": str(data), **env}
    return subprocess.run([sys.executable, "-m", "csc_hub.cli", *words], env=settings, capture_output=True, text=True, timeout=120)


def test_the_first_administrator_comes_from_the_command_line(tmp_path: Path) -> None:
    real = {"CSC_SECRET": SECRET, "CSC_URL": "https://hub.anyshire.example"}
    assert run(tmp_path, "migrate", **real).stdout == f"The database is at {schema.newest()}.\n"
    done = run(tmp_path, "add-person", "it@anyshire.example", "--name", "Ida Tate", "--administrator", **real)
    assert done.returncode == 0 and "https://hub.anyshire.example/choose-password/" in done.stdout
    twice = run(tmp_path, "add-person", "IT@anyshire.example", "--name", "Ida Tate", "--administrator", **real)
    assert twice.returncode == 1 and twice.stderr == "Somebody with this e-mail address is in the hub already\n"
    assert run(tmp_path, "add-person", "x@anyshire.example", "--name", "X", "--role", "king", **real).returncode == 1
    assert run(tmp_path, "add-person", "nonsense", "--name", "X", "--role", "reader", **real).returncode == 1


def test_a_demonstration_refuses_a_database_that_it_did_not_make(tmp_path: Path) -> None:
    real = {"CSC_SECRET": SECRET, "CSC_URL": "https://hub.anyshire.example"}
    run(tmp_path, "migrate", **real)
    run(tmp_path, "add-person", "it@anyshire.example", "--name", "Ida Tate", "--administrator", **real)
    refused = run(tmp_path, "demo", CSC_DEMONSTRATION="1")
    assert refused.returncode == 2 and "was not made by the demonstration" in refused.stderr


def test_the_demonstration_is_built_once_and_kept(tmp_path: Path) -> None:
    assert run(tmp_path, "demo", CSC_DEMONSTRATION="1").stdout == "The demonstration council is ready.\n"
    assert run(tmp_path, "demo", CSC_DEMONSTRATION="1").stdout == "The demonstration council is there already.\n"
    assert {path.suffix for path in (tmp_path / "samples").iterdir()} == {".docx", ".xlsx"}


@pytest.mark.parametrize("words", [("migrate",), ("serve",), ("demo",)])
def test_without_a_secret_nothing_starts(tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = run(tmp_path, *words)
    assert refused.returncode == 2 and "CSC_SECRET" in refused.stderr and "Traceback" not in refused.stderr


def test_workbooks_are_checked_without_any_settings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Action ref;Status\n7;Done\n")
    (tmp_path / "b.csv").write_text("Action ref;Status\n7;Perhaps\n")
    (tmp_path / "c.xlsx").write_text("no workbook")
    names = [str(tmp_path / name) for name in ("a.csv", "b.csv", "c.xlsx", "missing.ods")]
    assert [run(tmp_path, "check-workbook", name).returncode for name in names] == [0, 1, 2, 2]
    done = run(tmp_path, "check-workbook", *names, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 2 and [result["file"] for result in found] == names
    assert set(found[0]) == {"file", "format", "sheets", "header", "rows", "refused", "hidden"}
    assert found[0]["header"]["cell"] == "A1" and found[1]["refused"][0]["cell"] == "B2"
