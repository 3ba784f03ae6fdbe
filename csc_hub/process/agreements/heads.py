"""The head of the chain of signatures, written down once a day outside the database: in the folder for backups and in the store.

Whoever holds one can prove later that nothing up to it is missing, also after a restore: `csc-hub verify-signatures --head`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import logging
import os
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import current_app

from csc_hub.adapters.storage import Damaged, Missing, StoreDown
from csc_hub.db import pause
from csc_hub.kernel import today
from csc_hub.process.agreements import chain

log = logging.getLogger("csc_hub.outbox")
KEPT = "csc_head_kept"


def write_daily(now: dt.datetime) -> None:
    """Writes the day's head to both places, once each; what does not answer is tried again at the next round."""
    name = f"signature-head-{today(now):%Y-%m-%d}"
    if current_app.extensions.get(KEPT) == name:
        return
    head = chain.head()
    pause()  # folder and store may be slow: nobody waits for the database meanwhile
    if not head.number:
        return
    try:
        content = _in_folder(current_app.config["CSC"].data / "backups", f"{name}.json", _said(head, now))
        _in_store(current_app.extensions["csc_store"], name, content)
    except (OSError, StoreDown, Damaged) as fault:
        log.warning("the head of the chain of signatures is not written down everywhere yet: %s", fault)
        return
    current_app.extensions[KEPT] = name


def _said(head: chain.Head, now: dt.datetime) -> bytes:
    return (json.dumps({"number": head.number, "hash": head.hash, "at": now.isoformat(timespec="seconds")}) + "\n").encode()


def _in_folder(folder: Path, name: str, content: bytes) -> bytes:
    """What the day's file holds: it is written whole or not at all, and never twice."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place, beside = folder / name, folder / f".{uuid.uuid4().hex}"
    if not place.exists():
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, place)
        finally:
            beside.unlink(missing_ok=True)
    return place.read_bytes()


def _in_store(store: Any, key: str, content: bytes) -> None:
    """The same in the store, under a key that no paper has and the sweep leaves alone."""
    store.check()  # quick to say no: the worker has letters to send
    try:
        with closing(store.open(key)) as held:
            next(held, None)
    except Missing:
        store.put(key, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())
