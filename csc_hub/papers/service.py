"""Takes a paper in, hands it out, and has it checked for viruses. Whatever is not sure stays shut."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO

from flask import current_app

from csc_hub.adapters import storage
from csc_hub.adapters.scanner import Scan, Verdict
from csc_hub.adapters.storage import Content, Damaged, Store, StoreDown
from csc_hub.audit import records as events
from csc_hub.audit import service as audit
from csc_hub.db import db, later, pause
from csc_hub.kernel import Refused, tidy
from csc_hub.papers import filetypes, records
from csc_hub.papers.records import Check, Paper
from csc_hub.people.records import Person

CHUNK = 256 * 1024
KNOWN = 10_000
NO_STORE = "The place where papers are kept does not answer, so the file was not kept. Try again in a few minutes"


class Infected(Refused):
    """A file in which the scanner found a virus."""


@dataclass(frozen=True)
class TakenIn:
    """A file that lies in the store and has no row yet."""

    name: str
    type: filetypes.FileType
    size: int
    sha256: str
    key: str
    check: Check


def take_in(upload: Any, most: int = 0) -> TakenIn:
    """Looks at an uploaded file, has it checked, and puts it in the store; the database is let go meanwhile.

    `most` is a door's own ceiling in bytes. Raises `Refused` at field "file" where the file may not come in, also where
    the store cannot keep it.
    """
    most = min(most or current_app.config["CSC"].upload_bytes, current_app.config["CSC"].upload_bytes)
    name = tidy((upload.filename or "").replace("\\", "/").rpartition("/")[2])[-200:] or "paper"
    pause()
    with on_disk(upload.stream) as file:
        size, sha256 = measure(file)
        if size > most:
            raise Refused(f"The file must have {most // 1024 ** 2} MB or less", "file")
        try:
            found = filetypes.type_of(file, name)
        except Refused as refusal:
            raise Refused(refusal.sentence, "file") from None
        check = checked(file)
        key = f"{uuid.uuid4().hex}"
        try:
            current_app.extensions["csc_store"].put(key, file, size, sha256)
        except (StoreDown, Damaged):
            raise Refused(NO_STORE, "file") from None
    return TakenIn(name, found, size, sha256, key, check)


def on_disk(stream: Any) -> Any:
    """The upload as a real file, which a child process and the scanner can be given; closed by whoever asked for it."""
    if isinstance(stream, io.BufferedRandom):  # as web/uploads.py takes them in
        stream.flush()
        return stream
    file = tempfile.TemporaryFile()
    stream.seek(0)
    shutil.copyfileobj(stream, file, CHUNK)
    return file


def measure(file: BinaryIO) -> tuple[int, str]:
    """(bytes, SHA-256) of an open file, read once from its start."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(CHUNK):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def checked(file: BinaryIO) -> Check:
    """What the council's scanner says of a file. Raises `Refused` at "file" where it found a virus."""
    scanner = current_app.extensions["csc_scanner"]
    if scanner is None:
        return Check.NO_SCANNER
    file.seek(0)
    scan: Scan = scanner.scan(file)
    if scan.verdict is Verdict.INFECTED:
        raise Infected("A virus was found in this file, so it was not kept. Have the computer it came from checked", "file")
    return Check.CLEAN if scan.verdict is Verdict.CLEAN else Check.WAITING


def keep(taken: TakenIn, context_id: uuid.UUID | None, about: str, by: Person, now: dt.datetime, *, from_invited: bool = False) -> Paper:
    """Gives a file in the store its row. `about` says in the history which paper it is."""
    paper = Paper(
        context_id=context_id, name=taken.name, extension=taken.type.extension, content_type=taken.type.content_type,
        size=taken.size, sha256=taken.sha256, key=taken.key, check=taken.check, uploaded_at=now,
        uploaded_by_id=by.id, from_invited=from_invited)
    db.session.add(paper)
    db.session.flush()
    audit.record("uploaded_paper", by, now, subject=paper.id, context_id=context_id, sha256=taken.sha256, size=taken.size, about=about)
    return paper


def discard(taken: TakenIn) -> None:
    """Takes a file out of the store that got no row."""
    try:
        current_app.extensions["csc_store"].delete(taken.key)
    except StoreDown:
        pass  # it has no row: the sweep names it


def content_of(paper: Paper) -> Iterator[bytes] | BinaryIO:
    """The paper's bytes, from a store that was asked already. Raises `Refused` while no scanner has looked at it, and `Damaged`.

    Where the store has files, the file itself if this process has proved it and nobody has written to it since (decision 0030).
    """
    if paper.check_ is Check.INFECTED:
        raise Refused("A virus was found in this paper, and it was removed. Ask for a clean copy")
    if paper.check_ is Check.WAITING or (paper.check_ is Check.NO_SCANNER and current_app.extensions["csc_scanner"]):
        raise Refused("This paper has not been checked for viruses yet, so nobody can open it. Ask the coordinator to have it checked again")
    store: Store = current_app.extensions["csc_store"]
    file = store.file(paper.key)
    mark = storage.mark(file) if file else None
    if file and mark and _known.get(paper.key) == (paper.sha256, mark):
        return file
    content = _proved(storage.pieces(file) if file else store.open(paper.key), paper, mark)
    next(content)
    return content


_known: dict[str, tuple[str, tuple[int, ...]]] = {}
"""By key, the SHA-256 that this process has last found in a file, and the mark that the file had before it was read."""


def _proved(content: Content, paper: Paper, mark: tuple[int, ...] | None) -> Iterator[bytes]:
    """The same bytes after an empty piece; the last only once all are those that came in. Raises `Damaged` for others.

    A short paper is proved before anything is given out; a long one breaks off, so that no browser takes it for whole.
    """
    digest, held, first = hashlib.sha256(), b"", True
    with closing(content):
        for piece in content:
            digest.update(piece)
            if held and first:
                yield b""
                first = False
            if held:
                yield held
            held = piece
        if digest.hexdigest() != paper.sha256:
            raise Damaged(paper.key)
        if mark:
            if len(_known) >= KNOWN:
                _known.clear()
            _known[paper.key] = (paper.sha256, mark)
        if first:
            yield b""
        yield held


def record_opening(paper: Paper, by: Person, now: dt.datetime) -> None:
    """Puts on record who opened a paper, before they are given its bytes."""
    audit.record("opened_paper", by, now, subject=paper.id, context_id=paper.context_id, sha256=paper.sha256,
                 about=events.about(paper.id, "uploaded_paper"))


def check_again(paper: Paper, by: Person | None, now: dt.datetime) -> Check:
    """Asks the scanner once more. An infected paper leaves the store and can never be opened."""
    scanner, store = current_app.extensions["csc_scanner"], current_app.extensions["csc_store"]
    if scanner is None:
        raise Refused("The council has no virus scanner. Ask the person who looks after the hub")
    if paper.check_ is Check.INFECTED:
        raise Refused("A virus was found in this paper, and it was removed. Ask for a clean copy")
    key, paper_id = paper.key, paper.id
    pause()
    with tempfile.TemporaryFile() as file:
        for piece in store.open(key):
            file.write(piece)
        file.seek(0)
        scan = scanner.scan(file)
    paper = db.session.get_one(Paper, paper_id)
    if scan.verdict is Verdict.INFECTED:
        paper.check = Check.INFECTED
        db.session.flush()
        audit.record("refused_paper", by, now, subject=paper_id, context_id=paper.context_id, actor_name="Command line")
        later(lambda: _forget(store, key))
        return Check.INFECTED
    if scan.verdict is Verdict.UNCHECKED:
        raise Refused(f"The virus scanner could not check this paper: {scan.detail}. Nobody can open it until it can")
    paper.check = Check.CLEAN
    db.session.flush()
    audit.record("checked_paper", by, now, subject=paper_id, context_id=paper.context_id, actor_name="Command line")
    return Check.CLEAN


def withdraw(paper: Paper, reason: str, by: Person, now: dt.datetime) -> None:
    """Takes back a paper that was uploaded in error: its bytes leave the store, and who did it, when and why stays."""
    if paper.withdrawn_at is not None:
        raise Refused("This paper has been withdrawn already")
    if not reason:
        raise Refused("Give the reason, so that somebody who reads this in a year understands it", "reason")
    paper.withdrawn_at, paper.withdrawn_by, paper.withdrawn_reason = now, by.name, reason
    db.session.flush()
    audit.record("withdrew_paper", by, now, subject=paper.id, context_id=paper.context_id, sha256=paper.sha256,
                 about=events.about(paper.id, "uploaded_paper"))
    store, key = current_app.extensions["csc_store"], paper.key
    later(lambda: _forget(store, key))


def _forget(store: Any, key: str) -> None:
    try:
        store.delete(key)
    except StoreDown:
        pass  # nobody can open it, and its row says why


def strays() -> list[str]:
    """Files in the store that no paper names."""
    store = current_app.extensions["csc_store"]
    known = records.keys()
    return [key for key in store.keys() if key not in known and re.fullmatch("[0-9a-f]{32}", key)]
