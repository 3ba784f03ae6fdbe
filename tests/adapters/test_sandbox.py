"""Files that nobody vouches for cannot take the hub's memory, time or output with them.

The reader is `pickle.load`: a pickle may call anything, which makes it as hostile a file as there can be.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import time
from typing import Any

import pytest

from csc_hub.adapters import sandbox


class Does:
    """Something that calls a function when it is read."""

    def __init__(self, function: Any, *words: Any):
        self.call = (function, words)

    def __reduce__(self) -> Any:
        return self.call


def _read(thing: Any, **limits: int) -> Any:
    with tempfile.TemporaryFile() as file:
        pickle.dump(thing, file)
        file.flush()
        return sandbox.read("pickle:load", file, **limits)


def test_a_good_file_comes_back_as_read() -> None:
    assert _read({"rows": [1, "två", None]}) == {"rows": [1, "två", None]}


def test_a_file_is_read_from_its_start_wherever_it_stands() -> None:
    with tempfile.TemporaryFile() as file:
        pickle.dump("all of it", file)
        file.flush()
        file.seek(0, os.SEEK_END)
        assert sandbox.read("pickle:load", file) == "all of it"


@pytest.mark.parametrize("thing, sentence", [
    (Does(bytearray, 2_000_000_000), sandbox.TOO_LARGE),
    (Does(str.ljust, "", 80_000_000, "x"), sandbox.TOO_LARGE),
    (Does(os.abort), sandbox.BROKEN),
    (Does(os._exit, 3), sandbox.BROKEN),
    (Does(int, "no number"), sandbox.BROKEN),
    ({1, 2}, sandbox.BROKEN),
], ids=["memory", "output", "crash", "leaves without a word", "error", "no JSON"])
def test_a_hostile_file_is_only_unreadable(thing: Any, sentence: str) -> None:
    with pytest.raises(sandbox.Unreadable) as fault:
        _read(thing)
    assert fault.value.sentence == sentence


@pytest.mark.parametrize("thing", [Does(sum, range(10**12)), Does(time.sleep, 60)], ids=["busy", "idle"])
def test_a_file_that_takes_too_long_is_given_up(thing: Any) -> None:
    began = time.monotonic()
    with pytest.raises(sandbox.Unreadable, match="takes too long"):
        _read(thing, seconds=1)
    assert time.monotonic() - began < 9


def test_a_file_cannot_write_to_disk(tmp_path: Any) -> None:
    target = tmp_path / "written"
    with pytest.raises(sandbox.Unreadable):
        _read(Does(os.write, Does(os.open, str(target), os.O_CREAT | os.O_WRONLY), b"x" * 10))
    assert not target.exists() or target.stat().st_size == 0


def test_the_child_sees_none_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSC_SECRET", "not for the child")
    assert _read(Does(os.getenv, "CSC_SECRET")) is None
