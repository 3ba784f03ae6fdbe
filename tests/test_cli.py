"""The csc-hub command as somebody types it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from csc_hub import kernel
from csc_hub.db import writing
from csc_hub.outbox import service as outbox
from tests.hub import copy
from tests.parts import free_ports

ROOT = Path(__file__).resolve().parents[1]
SECRET = "kJ8s-2Lq0vXz7_Tn4BwYpR5mHc9DfGa1eUiOoN3"


def run(data: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs csc-hub with nothing but these settings."""
    settings = {"PATH": os.environ["PATH"], "CSC_DATA": str(data), **env}
    return subprocess.run([sys.executable, "-m", "csc_hub.cli", *words], env=settings, capture_output=True, text=True, timeout=120)


def test_the_first_administrator_comes_from_the_command_line(tmp_path: Path) -> None:
    real = {"CSC_SECRET": SECRET, "CSC_URL": "https://hub.anyshire.example"}
    assert run(tmp_path, "migrate", **real).stdout == "The database is at 0004.\n"
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


def _until(ready: Callable[[], bool], seconds: float = 30) -> bool:
    give_up = time.monotonic() + seconds
    while not ready() and time.monotonic() < give_up:
        time.sleep(0.1)
    return ready()


def _children(pid: int) -> list[int]:
    """Every process that this one started, and those that they did."""
    found = [int(word) for thread in Path(f"/proc/{pid}/task").glob("*/children") for word in thread.read_text().split()]
    return found + [grandchild for child in found for grandchild in _children(child)]


def _workers(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists() and b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_serving_sends_mail_by_one_worker_that_is_replaced_and_ends_with_it(built: Path, tmp_path: Path, how: signal.Signals) -> None:
    hub = copy(built, tmp_path / "hub")
    with hub.inside(), writing():
        outbox.queue(kind="test", to_name="Jo", to_address="jo@partner.example", from_name="Anyshire", subject="S", text="T", now=kernel.now())
    port, = free_ports(1)
    env = {"PATH": os.environ["PATH"], "CSC_DATA": str(tmp_path / "hub"), "CSC_DEMONSTRATION": "1", "PYTHONPATH": str(ROOT)}
    serving = subprocess.Popen([sys.executable, "-m", "csc_hub.cli", "serve", "--port", str(port)], env=env, stdout=subprocess.DEVNULL)
    try:
        assert _until(lambda: len(list((tmp_path / "hub" / "mail").glob("*.eml"))) == 1)
        first, = _workers(_children(serving.pid))
        if how is signal.SIGTERM:
            os.kill(first, signal.SIGKILL)
            assert _until(lambda: _workers(_children(serving.pid)) not in ([], [first]))
        started = _children(serving.pid)
        assert len(_workers(started)) == 1
    finally:
        serving.send_signal(how)
        serving.wait(30)
    assert _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))


def test_serving_without_a_worker_sends_nothing(built: Path, tmp_path: Path) -> None:
    copy(built, tmp_path / "hub")
    port, = free_ports(1)
    env = {"PATH": os.environ["PATH"], "CSC_DATA": str(tmp_path / "hub"), "CSC_DEMONSTRATION": "1", "PYTHONPATH": str(ROOT)}
    serving = subprocess.Popen([sys.executable, "-m", "csc_hub.cli", "serve", "--no-worker", "--port", str(port)], env=env, stdout=subprocess.DEVNULL)
    try:
        assert _until(lambda: len(_children(serving.pid)) == 2) and not _workers(_children(serving.pid))
    finally:
        serving.terminate()
        serving.wait(30)


def test_a_worker_without_a_database_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "worker", "--once", CSC_DEMONSTRATION="1")
    assert done.returncode == 1 and done.stderr.startswith("The database cannot be used") and "Traceback" not in done.stderr
