"""Takes uploaded files straight to disk, so that a worker's memory does not grow with them and nothing is copied twice."""

from __future__ import annotations

import io
import tempfile
from functools import cached_property
from typing import IO, Any

import flask

AT_ONCE = 256 * 1024


class Request(flask.Request):
    """A request whose uploads are real files from their first byte: a child process and the scanner can be given them."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """What is sent, in large pieces: the server copies what it holds at each reading, and a form is read in small ones."""
        return io.BufferedReader(super().stream, AT_ONCE)

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return tempfile.TemporaryFile()
