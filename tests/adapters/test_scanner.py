"""A file counts as clean only when a scanner said so in as many words."""

from __future__ import annotations

import io
import socket
import struct
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from csc_hub.adapters.scanner import Clamd, Scan, Verdict
from tests import parts

CLEAN = b"stream: OK\0"


@contextmanager
def _scanner(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server which does with one caller what it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve() -> None:
            try:
                line, _ = server.accept()
                with line:
                    behave(line)
            except OSError:
                pass
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def _swallow(line: socket.socket) -> None:
    heard = b""
    while not heard.endswith(struct.pack("!I", 0)):
        heard = heard[-4:] + line.recv(65536)


def _says(answer: bytes) -> Callable[[socket.socket], None]:
    def behave(line: socket.socket) -> None:
        _swallow(line)
        line.sendall(answer)
    return behave


def _drip(line: socket.socket) -> None:
    _swallow(line)
    for letter in b"stream: is this ever going to end":
        time.sleep(0.2)
        line.sendall(bytes([letter]))


def _hang_up_early(line: socket.socket) -> None:
    line.recv(100)


def _never_read(line: socket.socket) -> None:
    time.sleep(3)


def test_a_real_scanner_passes_a_clean_file(clamd_socket: str) -> None:
    file = io.BytesIO(b"minutes of the meeting" * 100_000)
    file.seek(77)
    assert Clamd(clamd_socket).scan(file) == Scan(Verdict.CLEAN)


def test_a_real_scanner_passes_an_empty_file(clamd_socket: str) -> None:
    assert Clamd(clamd_socket).scan(io.BytesIO()).verdict is Verdict.CLEAN


def test_a_real_scanner_finds_a_virus_and_names_it(clamd_socket: str) -> None:
    scan = Clamd(clamd_socket).scan(io.BytesIO(parts.eicar()))
    assert scan.verdict is Verdict.INFECTED and "Eicar" in scan.detail


def test_a_real_scanner_finds_a_virus_in_a_zip(clamd_socket: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", parts.eicar())
    assert Clamd(clamd_socket).scan(file).verdict is Verdict.INFECTED


def test_a_file_beyond_the_real_scanners_limit_is_unchecked(clamd_socket: str) -> None:
    scan = Clamd(clamd_socket).scan(io.BytesIO(bytes(40_000_000)))
    assert scan.verdict is Verdict.UNCHECKED and scan.detail


def test_scanning_takes_little_memory(clamd_socket: str, tmp_path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(20_000_000))
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            assert Clamd(clamd_socket).scan(file).verdict is Verdict.CLEAN
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_real_scanner_answers_a_ping(clamd_socket: str) -> None:
    assert Clamd(clamd_socket).ping()


@pytest.mark.parametrize("address", ["/no/such/socket", "127.0.0.1:1", "", "scanner", "127.0.0.1:99999999"])
def test_without_a_scanner_a_file_is_unchecked(address: str) -> None:
    scan = Clamd(address, 2).scan(io.BytesIO(b"x"))
    assert scan.verdict is Verdict.UNCHECKED and scan.detail
    assert not Clamd(address, 2).ping()


@pytest.mark.parametrize("behave", [
    _drip, _hang_up_early, _never_read, _says(b""), _says(b"\0"), _says(b"stream: OK"), _says(b"OK\0"),
    _says(b"stream: OK, or so\0"), _says(b"stream: lstat() failed. ERROR\0"), _says(b"\xff\xfe\0"),
    _says(b"INSTREAM size limit exceeded. ERROR\0"), _says(b"x" * 100_000), _says(b"PONG\0"),
    _says(b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"), _says(b"stream: Heuristics.Encrypted.Zip FOUND\0"),
])
def test_a_scanner_that_misbehaves_leaves_the_file_unchecked(behave: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with _scanner(behave) as address:
        scan = Clamd(address, 1).scan(io.BytesIO(bytes(20_000_000)))
    assert scan.verdict is Verdict.UNCHECKED and scan.detail
    assert time.monotonic() - began < 3


def test_only_the_whole_answer_counts_as_clean() -> None:
    with _scanner(_says(CLEAN)) as address:
        assert Clamd(address, 2).scan(io.BytesIO(b"x")).verdict is Verdict.CLEAN


def test_a_file_that_cannot_be_read_is_unchecked(clamd_socket: str) -> None:
    file = io.BytesIO(b"x")
    file.close()
    assert Clamd(clamd_socket).scan(file).verdict is Verdict.UNCHECKED
