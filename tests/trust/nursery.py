"""`csc-hub serve` again and again without waiting for Python: imports everything once, then forks for each start.

Reads one JSON object a line, {"env": {...}, "port": n, "log": path, "patience": s}, and answers each with the process id of the
server. A server is the command itself, with gunicorn and two workers, in a process group of its own; only its patience
with an object store can be shortened, so that a hundred hangs can be measured.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

import gunicorn.app.wsgiapp
import gunicorn.workers.gthread  # noqa: F401 (already there when a server starts)

import csc_hub.cli
from csc_hub import create_app, schema  # noqa: F401
from csc_hub.adapters import scanner, storage  # noqa: F401
from csc_hub.overview import routes  # noqa: F401


def _import_all() -> None:
    """Imports what create_app would, by importing every room."""
    import importlib
    import pkgutil

    for found in pkgutil.walk_packages(csc_hub.__path__, "csc_hub."):
        if "migrations" not in found.name:
            importlib.import_module(found.name)
    for name in ("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg", "logging.config"):
        importlib.import_module(name)


def _serve(asked: dict[str, Any]) -> None:
    """Becomes a server."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(os.devnull) as nothing, open(asked["log"], "ab") as log:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(asked["env"])

    storage.S3Store.__init__.__defaults__ = (asked["patience"],)
    csc_hub.cli.main(["serve", "--port", str(asked["port"])])


def main() -> None:
    """Answers until its standard input ends."""
    _import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries killed servers,
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # and their workers, which fall to us (PR_SET_CHILD_SUBREAPER)
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _serve(json.loads(line))
            finally:
                os._exit(1)
        print(child, flush=True)


if __name__ == "__main__":
    main()
