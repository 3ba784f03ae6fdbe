"""A line to an object store that can be made to refuse, answer 503, hang, break off or change what passes."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

FAULTS = ("refuses", "answers 503", "hangs", "breaks off half-way", "changes bytes", "keeps and does not say so")
TRUTH, LIE = b"the truth", b"a falsity"
HALF = 100_000
"""Half of what a trial sends: there a line breaks off, in either direction."""


class Line:
    """What the line does now; every new and every open connection does the same."""

    def __init__(self) -> None:
        self.fault = ""

    def __call__(self, near: socket.socket, far: socket.socket) -> None:
        """Serves one connection, as `tests.parts.between` asks."""
        fault = self.fault
        if fault == "refuses":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a goodbye
            return
        if fault == "answers 503":
            near.recv(65536)
            near.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if fault == "hangs":
            near.settimeout(60)
            while near.recv(65536):
                pass
            return
        both = [threading.Thread(target=self._pump, args=way, daemon=True) for way in ((near, far, False), (far, near, True))]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()

    def _pump(self, source: socket.socket, target: socket.socket, back: bool) -> None:
        began, passed = self.fault, 0
        with suppress(OSError):
            while data := source.recv(65536):
                if self.fault != began or back and began == "keeps and does not say so" and b" 100 Continue" not in data:
                    break
                if began == "breaks off half-way":
                    data = data[:HALF - passed]
                passed += len(data)
                if began == "changes bytes":
                    data = data.replace(TRUTH, LIE)
                target.sendall(data)
                if began == "breaks off half-way" and passed >= HALF:
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
