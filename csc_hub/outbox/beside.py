"""Runs the worker: one loop that sends what is due, and one watcher that keeps it running beside the web server."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from csc_hub import kernel

IDLE_SECONDS = 2.0
CHORES_SECONDS = 60.0
FAULT_SECONDS = 10.0
START_SECONDS = 2.0
RESTART_SECONDS = 5.0
WATCH_SECONDS = 0.5
STOP_SECONDS = 30.0
log = logging.getLogger("csc_hub.outbox")


def run(app: Any, beside: bool = False) -> None:
    """Sends what is due until SIGTERM or SIGINT; a letter under way is finished. With `beside`, stops as well once the
    process that started this one has gone."""
    from sqlalchemy.exc import SQLAlchemyError

    from csc_hub.outbox import worker

    stop, parent, chores_at = _until_told(), os.getppid(), 0.0
    while not stop.is_set() and not (beside and os.getppid() != parent):
        try:
            if time.monotonic() >= chores_at:
                chores_at = time.monotonic() + CHORES_SECONDS
                _chores(app)
            if not worker.send_due(app, limit=1):
                stop.wait(IDLE_SECONDS)
        except SQLAlchemyError as fault:
            log.error("the database cannot be used: %s", type(fault).__name__)
            stop.wait(FAULT_SECONDS)


def _chores(app: Any) -> None:
    """What other rooms want done about once a minute."""
    with app.app_context():
        for chore in app.extensions["csc_chores"]:
            chore(kernel.now())


def start() -> None:
    """Starts a watcher, which keeps one worker running for as long as the process that called this is there."""
    subprocess.Popen([sys.executable, "-m", "csc_hub.outbox.beside", str(os.getpid())])


def _watch(parent: int, command: list[str]) -> None:
    """Keeps a command running until told to stop, or until the process that started this one has gone."""
    stop, process = _until_told(), None

    def over() -> bool:
        return stop.is_set() or os.getppid() != parent

    stop.wait(START_SECONDS)  # the first page comes first
    while not over():
        process = subprocess.Popen(command)
        while process.poll() is None and not over():
            stop.wait(WATCH_SECONDS)
        begin_again = time.monotonic() + RESTART_SECONDS
        while not over() and time.monotonic() < begin_again:
            stop.wait(WATCH_SECONDS)
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _until_told() -> threading.Event:
    """Is set by SIGTERM or SIGINT."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    os.nice(5)  # pages come first, and so does starting to serve them
    _watch(int(sys.argv[1]), [sys.executable, "-m", "csc_hub.cli", "worker", "--beside"])
