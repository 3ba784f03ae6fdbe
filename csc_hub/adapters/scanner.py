"""Asks a ClamAV daemon whether a file carries a virus. Whatever goes wrong, the answer is "unchecked", never an error."""

from __future__ import annotations

import enum
import socket
import struct
import time
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 64 * 1024
ANSWER_BYTES = 4096
PING_SECONDS = 3.0
# ClamAV reports these as if they were viruses; they only mean that it could not look inside.
NOT_LOOKED_AT = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")


class Verdict(enum.Enum):
    """What is known about a file after a scan."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Scan:
    """A verdict, with the virus's name or the reason why the file could not be checked."""

    verdict: Verdict
    detail: str = ""


class Unanswered(Exception):
    """The daemon did not take the file or did not answer; the message says how."""


class Clamd:
    """A ClamAV daemon behind a socket's path or a "host:port"; `seconds` is the time for a whole scan."""

    def __init__(self, address: str, seconds: float = 30):
        self._address = address
        self._seconds = seconds

    def scan(self, file: BinaryIO) -> Scan:
        """The verdict on the whole of an open file. Never raises for a fault of scanner, network or file."""
        try:
            return _verdict(self._ask(b"zINSTREAM\0", time.monotonic() + self._seconds, file))
        except Unanswered as fault:
            return Scan(Verdict.UNCHECKED, str(fault))
        except TimeoutError:
            return Scan(Verdict.UNCHECKED, f"the virus scanner did not answer within {self._seconds:g} seconds")
        except (OSError, ValueError, OverflowError) as fault:
            return Scan(Verdict.UNCHECKED, f"the virus scanner could not be asked: {fault}")

    def ping(self) -> bool:
        """Whether the daemon answers, within three seconds."""
        try:
            deadline = time.monotonic() + min(self._seconds, PING_SECONDS)
            return self._ask(b"zPING\0", deadline) == "PONG"
        except (Unanswered, OSError, ValueError, OverflowError):
            return False

    def _ask(self, command: bytes, deadline: float, file: BinaryIO | None = None) -> str:
        """The daemon's answer to a command and, where there is one, a file."""
        with self._connected(deadline) as line:
            try:
                _send(line, command, deadline)
                if file is not None:
                    _stream(line, file, deadline)
            except (BrokenPipeError, ConnectionResetError):
                # It hangs up while we are still sending; the reason may lie in the answer.
                raise Unanswered(_refusal(line, deadline)) from None
            return _answer(line, deadline)

    def _connected(self, deadline: float) -> socket.socket:
        if not self._address.startswith("/"):
            host, _, port = self._address.rpartition(":")
            return socket.create_connection((host.strip("[]"), int(port)), timeout=_left(deadline))
        line = socket.socket(socket.AF_UNIX)
        try:
            line.settimeout(_left(deadline))
            line.connect(self._address)
            return line
        except BaseException:
            line.close()
            raise


def _left(deadline: float) -> float:
    """The seconds that remain. Raises `TimeoutError` when none do."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _send(line: socket.socket, data: bytes, deadline: float) -> None:
    line.settimeout(_left(deadline))
    line.sendall(data)


def _stream(line: socket.socket, file: BinaryIO, deadline: float) -> None:
    """Sends a file in pieces, each after its length; a length of nought ends it."""
    file.seek(0)
    while piece := file.read(CHUNK):
        _send(line, struct.pack("!I", len(piece)) + piece, deadline)
    _send(line, struct.pack("!I", 0), deadline)


def _answer(line: socket.socket, deadline: float) -> str:
    """One answer, which ends with a zero byte. Raises `Unanswered` for anything else."""
    heard = b""
    while not heard.endswith(b"\0"):
        line.settimeout(_left(deadline))
        piece = line.recv(ANSWER_BYTES)
        heard += piece
        if not piece or len(heard) > ANSWER_BYTES:
            raise Unanswered("the virus scanner's answer broke off" if heard else "the virus scanner gave no answer")
    return heard.rstrip(b"\0").decode("utf-8", "replace").strip()


def _refusal(line: socket.socket, deadline: float) -> str:
    try:
        return _verdict(_answer(line, deadline)).detail or "the virus scanner hung up"
    except (Unanswered, OSError):
        return "the virus scanner hung up"


def _verdict(answer: str) -> Scan:
    """Only the two exact forms count; everything else leaves the file unchecked."""
    if answer == "stream: OK":
        return Scan(Verdict.CLEAN)
    if "size limit exceeded" in answer:
        return Scan(Verdict.UNCHECKED, "the file is larger than the virus scanner takes")
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND").strip()
        if name.startswith(NOT_LOOKED_AT):
            return Scan(Verdict.UNCHECKED, f"the virus scanner could not look inside ({name})")
        return Scan(Verdict.INFECTED, name)
    return Scan(Verdict.UNCHECKED, f"the virus scanner said something unknown: {answer[:200]!r}")
