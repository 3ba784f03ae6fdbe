"""Opens files that nobody vouches for in a child process with limits on memory, time and output.

A reader is a function `read(file, *words) -> JSON value` named as "package.module:function". It runs in a
fresh interpreter with an empty environment; what it returns comes back as JSON. `Unreadable` carries the
sentence a reader gave, or says that a limit was met.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import Any, BinaryIO

MEMORY_BYTES = 768 * 1024 * 1024
SECONDS = 20
OUTPUT_BYTES = 64 * 1024 * 1024
_places = threading.BoundedSemaphore(2)


class Unreadable(Exception):
    """The file cannot be read; the sentence says why and what to do."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


TOO_LONG = "This file takes too long to read. Save it again as a new, smaller file and send that."
TOO_LARGE = "This file unpacks to more than the hub will read. Save it again without pictures and empty rows, and send that."
BUSY = "Many files are being read just now. Try again in a minute."
BROKEN = "This file is damaged or is not what its name says. Open it, save it again and send the new file."


def read(reader: str, file: BinaryIO, *words: str, seconds: int = SECONDS, memory: int = MEMORY_BYTES, writes: int = 0) -> Any:
    """What the reader makes of an open regular file, read from its start. Raises `Unreadable`.

    `writes` is how large a temporary file of its own the reader may write, in bytes: none, unless it is told.
    """
    command = [sys.executable, "-I", "-m", "csc_hub.adapters.sandbox_child", reader, str(memory), str(seconds), str(writes), *words]
    if not _places.acquire(timeout=30):
        raise Unreadable(BUSY)
    try:
        file.seek(0)
        os.lseek(file.fileno(), 0, os.SEEK_SET)  # the child shares this offset
        child = subprocess.Popen(
            command, stdin=file.fileno(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"}, close_fds=True, cwd="/",
        )
        output = _collect(child, seconds)
        file.seek(0)
    finally:
        _places.release()
    if child.returncode is not None and child.returncode < 0:
        raise Unreadable(TOO_LONG if -child.returncode in (9, 24) else BROKEN)
    try:
        answer = json.loads(output)
    except ValueError:
        raise Unreadable(BROKEN) from None
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    return answer["value"]


def _collect(child: subprocess.Popen, seconds: int) -> bytes:
    """All the child prints, or `Unreadable` once it prints too much or runs too long."""
    timer = threading.Timer(seconds + 5, child.kill)
    timer.start()
    try:
        assert child.stdout is not None
        pieces, size = [], 0
        while piece := child.stdout.read1(65536):
            pieces.append(piece)
            size += len(piece)
            if size > OUTPUT_BYTES:
                raise Unreadable(TOO_LARGE)
        child.wait()
        return b"".join(pieces)
    finally:
        timer.cancel()
        if child.poll() is None:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()
