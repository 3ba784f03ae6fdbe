"""An address that nobody may ever call: it counts every connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Canary:
    """A listener on this machine; `heard` holds what callers asked for."""

    def __init__(self, listener: socket.socket):
        self.url, self.heard = f"http://127.0.0.1:{listener.getsockname()[1]}", list[str]()


@contextmanager
def canary() -> Iterator[Canary]:
    """A canary, proven to sing before it is used."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Canary(listener)

        def listen() -> None:
            with suppress(OSError):
                while True:
                    line = listener.accept()[0]
                    line.settimeout(2)
                    with line, suppress(OSError):
                        found.heard.append(line.recv(200).decode("latin-1").partition("\r\n")[0])
                        line.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=listen, daemon=True).start()
        with socket.create_connection(listener.getsockname()) as proof:
            proof.sendall(b"proof")
            proof.recv(10)
        assert found.heard == ["proof"], "the canary is deaf"
        found.heard.clear()
        yield found
        listener.shutdown(socket.SHUT_RDWR)
