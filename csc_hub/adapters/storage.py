"""Keeps files as whole objects under a key, in a folder or in S3, and knows nothing of what they are.

An object is written once, checked and durable before `put` returns, and read in pieces of 256 KiB. Faults are
`StoreDown` (cannot be reached, refuses, times out, breaks off), `Missing` and `Damaged`; a key that is not made
of small letters, digits, hyphens and slashes is a `ValueError`.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import os
import re
import shutil
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

CHUNK = 256 * 1024
READ_SECONDS = 20.0
QUICK_SECONDS = 3.0
A_DAY = 24 * 60 * 60
TICK = 2.0
KEY = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*", re.ASCII)
KEY_LETTERS = 200
ENDPOINTS = Path(__file__).parent / "botocore"
"""What botocore reads instead of its list of every endpoint of every service, which takes 7 MB of a worker, where the
council says itself at which address its S3 answers."""
Content = Generator[bytes, None, None]


class StoreDown(Exception):
    """The store cannot be reached, refuses, times out or breaks off; the message says which."""


class Missing(Exception):
    """There is no object under this key."""


class Damaged(Exception):
    """The bytes are not those that were promised; nothing was kept."""


class Store(Protocol):
    """What every store can do."""

    def put(self, key: str, file: BinaryIO, size: int, sha256: str) -> None:
        """Keeps the whole of an open file, durably. Raises `Damaged` if size or SHA-256 differ, or `StoreDown`."""

    def open(self, key: str) -> Content:
        """The object's bytes in pieces, to be read or closed. The first is fetched at once: raises `Missing` or
        `StoreDown` before anything is given out where it can be known, and `StoreDown` when it breaks off."""

    def file(self, key: str) -> BinaryIO | None:
        """The object as an open file, which a server can send without reading it; None in S3. Raises what `open` raises."""

    def delete(self, key: str) -> None:
        """Removes the object; without one, all is well. Raises `StoreDown`."""

    def keys(self) -> Iterator[str]:
        """The key of every object. Raises `StoreDown`."""

    def sweep(self, seconds: float = A_DAY) -> list[str]:
        """Removes what interrupted puts left behind longer ago than this, and names it."""

    def check(self) -> None:
        """Raises `StoreDown` within a few seconds if nothing could be kept now."""


def open_store(settings: Any) -> Store:
    """The store the settings ask for: S3 where `settings.s3` is given, else the folder `papers` beside the data."""
    return S3Store(settings.s3) if settings.s3 else FolderStore(settings.data / "papers")


class FolderStore:
    """Objects as files of one folder, spread over two-letter folders, readable by the hub's own user alone."""

    def __init__(self, path: Path):
        self._root = path
        self._unfinished = path / "unfinished"
        with _store_faults():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._unfinished.mkdir(mode=0o700, exist_ok=True)

    def put(self, key: str, file: BinaryIO, size: int, sha256: str) -> None:
        """Writes beside, reads back what was written, and only then gives it its name."""
        place = self._place(key)
        beside = self._unfinished / uuid.uuid4().hex
        with _store_faults():
            try:
                _write_and_check(beside, file, size, sha256)
                place.parent.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(self._root)
                os.replace(beside, place)
                _sync_folder(place.parent)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise

    def open(self, key: str) -> Content:
        """The file's bytes."""
        return pieces(self.file(key))

    def file(self, key: str) -> BinaryIO:
        """The file."""
        place = self._place(key)
        with _store_faults():
            if self._root.is_dir() and not place.exists():
                raise Missing(key)
            return place.open("rb", buffering=0)  # type: ignore[return-value]

    def delete(self, key: str) -> None:
        """Removes the file, for good."""
        place = self._place(key)
        with _store_faults():
            if place.exists():
                place.unlink(missing_ok=True)
                _sync_folder(place.parent)

    def keys(self) -> Iterator[str]:
        """Every file that bears a key's name in the folder where that key belongs."""
        with _store_faults():
            folders = sorted(p for p in self._root.iterdir() if len(p.name) == 2 and p.is_dir())
        for folder in folders:
            with _store_faults():
                named = [(name.replace("_", "/"), folder / name) for name in sorted(os.listdir(folder))]
            yield from (key for key, place in named if is_key(key) and self._place(key) == place)

    def sweep(self, seconds: float = A_DAY) -> list[str]:
        """Removes the files of puts that were killed."""
        with _store_faults():
            old = [left for left in self._unfinished.iterdir() if left.stat().st_mtime <= time.time() - seconds]
            for left in old:
                left.unlink(missing_ok=True)
        return sorted(left.name for left in old)

    def check(self) -> None:
        """Makes an empty file and takes it away again."""
        with _store_faults():
            probe = self._unfinished / uuid.uuid4().hex
            probe.touch(mode=0o600, exist_ok=False)
            probe.unlink()

    def _place(self, key: str) -> Path:
        # One flat name for the whole key: "a" and "a/b" must not need a file and a folder of the same name.
        return self._root / hashlib.sha256(key.encode()).hexdigest()[:2] / _checked(key).replace("/", "_")


class S3Store:
    """Objects in one bucket of any S3 server. Only key and bytes are sent: names and types stay in the database."""

    def __init__(self, s3: Any, seconds: float = READ_SECONDS):
        self._s3, self._seconds = s3, seconds
        self._clients: dict[tuple[int, bool], Any] = {}
        self._building = threading.Lock()

    def put(self, key: str, file: BinaryIO, size: int, sha256: str) -> None:
        """Checks the file before sending, lets the server check what arrived, and asks for its size afterwards."""
        _checked(key)
        if _measure(file) != (size, sha256):
            raise Damaged(key)
        extra = {"ServerSideEncryption": self._s3.encryption} if self._s3.encryption else {}
        if self._s3.checksum:
            extra["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
        file.seek(0)
        with _store_faults(key):
            client = self._client()
            client.put_object(Bucket=self._s3.bucket, Key=key, Body=file, ContentLength=size, **extra)
            if client.head_object(Bucket=self._s3.bucket, Key=key)["ContentLength"] != size:
                client.delete_object(Bucket=self._s3.bucket, Key=key)
                raise Damaged(key)

    def open(self, key: str) -> Content:
        """The object's bytes as the server sends them."""
        _checked(key)
        with _store_faults(key):
            return pieces(self._client().get_object(Bucket=self._s3.bucket, Key=key)["Body"])

    def file(self, key: str) -> None:
        """None: what S3 sends has to be read."""

    def delete(self, key: str) -> None:
        """Removes the object; S3 says yes whether or not there was one."""
        _checked(key)
        with _store_faults():
            self._client().delete_object(Bucket=self._s3.bucket, Key=key)

    def keys(self) -> Iterator[str]:
        """The bucket's keys, page by page; what others put there under other names is left out."""
        with _store_faults():
            pages = iter(self._client().get_paginator("list_objects_v2").paginate(Bucket=self._s3.bucket))
        page: Any = {}
        while page is not None:
            yield from (found["Key"] for found in page.get("Contents", ()) if is_key(found["Key"]))
            with _store_faults():
                page = next(pages, None)

    def sweep(self, seconds: float = A_DAY) -> list[str]:
        """Nothing: an object is sent in one piece, and S3 keeps all of it or none."""
        return []

    def check(self) -> None:
        """Asks for the bucket once, with little patience."""
        with _store_faults():
            self._client(quick=True).head_bucket(Bucket=self._s3.bucket)

    def _client(self, quick: bool = False) -> Any:
        """One client a process and patience: threads may share it, but a forked process may not."""
        with self._building:
            which = (os.getpid(), quick)
            self._clients[which] = self._clients.get(which) or self._build(quick)
            return self._clients[which]

    def _build(self, quick: bool) -> Any:
        # boto3 takes a third of a second to import: hubs that keep papers in a folder do not pay for it.
        import boto3.session
        import botocore.session
        from botocore.config import Config

        config = Config(
            signature_version="s3v4", s3={"addressing_style": "path" if self._s3.path_style else "auto"},
            connect_timeout=QUICK_SECONDS, read_timeout=min(QUICK_SECONDS, self._seconds) if quick else self._seconds,
            retries={"mode": "standard", "total_max_attempts": 1 if quick else 2}, max_pool_connections=16,
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )
        try:
            core = botocore.session.Session()
            if self._s3.endpoint:
                core.set_config_variable("data_path", str(ENDPOINTS))
            session = boto3.session.Session(self._s3.access_key, self._s3.secret_key, region_name=self._s3.region, botocore_session=core)
            client = session.client("s3", config=config, endpoint_url=self._s3.endpoint)
        except ValueError as fault:
            raise StoreDown(str(fault)) from fault
        del session, core  # with all that it has read about every service: uploads use that memory next
        gc.collect()
        return client


def is_key(key: str) -> bool:
    """Whether this may name an object."""
    return len(key) <= KEY_LETTERS and KEY.fullmatch(key) is not None


def _checked(key: str) -> str:
    if not is_key(key):
        raise ValueError(f"not a key: {key[:KEY_LETTERS]!r}")
    return key


def pieces(source: Any) -> Content:
    """The bytes of an open file in pieces, the first of them read already; closes it. Raises `StoreDown`."""
    found = _pieces(source)
    next(found)
    return found


def mark(file: BinaryIO) -> tuple[int, ...] | None:
    """What changes as soon as anybody writes to this file; None while it changed so lately that a clock's tick could hide another change."""
    known = os.fstat(file.fileno())
    return (known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns) if known.st_ctime < time.time() - TICK else None


def _pieces(source: Any) -> Content:
    with closing(source):
        with _store_faults():
            piece = source.read(CHUNK)
        # An empty piece comes first and is thrown away: a generator that never began would close nothing.
        yield b""
        while piece:
            yield piece
            with _store_faults():
                piece = source.read(CHUNK)


def _measure(file: BinaryIO) -> tuple[int, str]:
    """The size and SHA-256 of an open file, in constant memory."""
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return file.seek(0, os.SEEK_END), sha256


def _write_and_check(path: Path, file: BinaryIO, size: int, sha256: str) -> None:
    file.seek(0)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as written:
        shutil.copyfileobj(file, written, CHUNK)
        written.flush()
        with ThreadPoolExecutor(1) as beside:  # the disk works while the processor reads back
            durable = beside.submit(os.fsync, written.fileno())
            measured = _measure(written)
        durable.result()
        if measured != (size, sha256):
            raise Damaged(path.name)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _store_faults(key: str = "") -> Iterator[None]:
    """Turns every fault of disk, network or server into one of the three this module knows."""
    try:
        yield
    except OSError as fault:
        raise StoreDown(f"{type(fault).__name__}: {fault.strerror or fault}") from fault
    except Exception as fault:
        told = _as_told_by_s3(fault, key)
        if told is None:
            raise
        raise told from fault


def _as_told_by_s3(fault: Exception, key: str) -> Exception | None:
    """What a fault of boto3 means, or nothing for a fault of the hub's own."""
    if not type(fault).__module__.startswith(("botocore.", "boto3.", "urllib3.", "http.")):
        return None
    code = (getattr(fault, "response", None) or {}).get("Error", {}).get("Code", "")
    if key and code in ("NoSuchKey", "404", "NotFound"):
        return Missing(key)
    if code in ("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"):
        return Damaged(key)
    return StoreDown(f"{type(fault).__name__}: {fault}")
