"""Hands a workbook that came in back to whoever sent it, with its faults marked in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from csc_hub.adapters import sandbox
from csc_hub.adapters.sandbox import Unreadable
from csc_hub.db import pause
from csc_hub.exchange import service
from csc_hub.exchange.records import Batch
from csc_hub.kernel import Refused

READER = "csc_hub.exchange.mending.entry:give_back"
TEMPORARY = 64 * 1024 * 1024  # openpyxl lays each sheet of a copy in a file before it packs it
IN_PLACE = ("xlsx", "xlsm")
NO_FAULTS = "Nothing in this workbook has to be put right, so there is no list of faults to send back"

Faults = Sequence[tuple[str, str | None, str]]
"""(sheet, cell, sentence); without a cell the whole sheet is meant."""


@dataclass(frozen=True)
class Returned:
    """A workbook with its faults, ready to be handed out."""

    content: bytes
    copied: bool  # a copy of the cells: its own format could not be changed in place


def with_faults(batch: Batch, faults: Faults) -> Returned:
    """The original of a workbook with its faults coloured, commented and listed; made in a child process.

    Raises `Refused` where there are none, or where the file cannot be marked.
    """
    if not faults:
        raise Refused(NO_FAULTS)
    told = [(sheet, cell, why if why[-1:] in ".!?" else f"{why}.") for sheet, cell, why in faults]
    key, name, sha256 = batch.key, batch.name, batch.sha256
    pause()
    with service.original(key, sha256) as file:
        size = file.seek(0, 2)
        file.write(json.dumps(told).encode())
        file.flush()
        try:
            answer = sandbox.read(READER, file, str(size), name, writes=TEMPORARY)
        except Unreadable as fault:
            raise Refused(fault.sentence) from None
    return Returned(base64.b64decode(answer["content"]), answer["copied"])
