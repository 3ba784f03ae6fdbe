"""Both stores keep the same promises: whole objects or none, plain faults, little memory."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from csc_hub.adapters.storage import Damaged, FolderStore, Missing, S3Store, Store, StoreDown, open_store
from tests import parts

EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    s3 = request.getfixturevalue("s3").new_bucket() if request.param == "s3" else None
    return open_store(SimpleNamespace(data=tmp_path, s3=s3))


def _put(store: Store, key: str, data: bytes) -> None:
    store.put(key, io.BytesIO(data), len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 20_000_000])
def test_what_is_kept_comes_back(store: Store, size: int) -> None:
    data = os.urandom(size)
    _put(store, "papers/ab12", data)
    pieces = list(store.open("papers/ab12"))
    assert b"".join(pieces) == data
    assert all(0 < len(piece) <= 262_144 for piece in pieces)


def test_the_whole_file_is_kept_wherever_it_stands(store: Store) -> None:
    file = io.BytesIO(b"all of it")
    file.seek(4)
    store.put("a", file, 9, hashlib.sha256(b"all of it").hexdigest())
    assert b"".join(store.open("a")) == b"all of it"


def test_large_objects_take_little_memory(store: Store, tmp_path: Path) -> None:
    path, size, sha256 = tmp_path / "large", 50_000_000, hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(50):
            piece = os.urandom(1_000_000)
            sha256.update(piece)
            file.write(piece)
    _put(store, "first", b"boto3 itself takes some memory")
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            store.put("large", file, size, sha256.hexdigest())
        back = hashlib.sha256()
        for piece in store.open("large"):
            back.update(piece)
        assert back.digest() == sha256.digest()
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size, sha256", [(3, EMPTY), (2, hashlib.sha256(b"abc").hexdigest()), (0, EMPTY)])
def test_damaged_bytes_are_refused_and_nothing_is_left(store: Store, size: int, sha256: str) -> None:
    with pytest.raises(Damaged):
        store.put("a/b", io.BytesIO(b"abc"), size, sha256)
    with pytest.raises(Missing):
        store.open("a/b")
    assert list(store.keys()) == [] and store.sweep(0) == []


def test_a_damaged_second_copy_leaves_the_first(store: Store) -> None:
    _put(store, "a", b"first")
    with pytest.raises(Damaged):
        store.put("a", io.BytesIO(b"secon"), 5, EMPTY)
    assert b"".join(store.open("a")) == b"first"


def test_what_is_not_there_is_missing_at_once(store: Store) -> None:
    with pytest.raises(Missing):
        store.open("nowhere")


def test_deleting_twice_is_no_fault(store: Store) -> None:
    _put(store, "a", b"x")
    store.delete("a")
    store.delete("a")
    with pytest.raises(Missing):
        store.open("a")


def test_a_key_may_begin_with_another_key(store: Store) -> None:
    _put(store, "a", b"1")
    _put(store, "a/b", b"2")
    assert b"".join(store.open("a")) == b"1" and sorted(store.keys()) == ["a", "a/b"]


def test_every_key_is_listed(store: Store) -> None:
    keys = [f"papers/{number:05d}-x" for number in range(1_050)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda key: _put(store, key, b"x"), keys))
    assert sorted(store.keys()) == keys


@pytest.mark.parametrize("key", [
    "", "/", "../a", "a/../b", "a//b", "/etc/passwd", "a/", "A", "a_b", "a.b", "a\0", "a\n", "é", "٣", "a" * 201])
def test_hostile_keys_are_refused(store: Store, key: str) -> None:
    for act in (store.open, store.delete, lambda k: _put(store, k, b"x")):
        with pytest.raises(ValueError):
            act(key)


def test_reading_may_stop_half_way(store: Store) -> None:
    _put(store, "a", os.urandom(3_000_000))
    for _ in range(30):
        content = store.open("a")
        assert len(next(content)) == 262_144
        content.close()
        assert list(content) == []


def test_a_healthy_store_passes_its_check(store: Store) -> None:
    store.check()
    assert list(store.keys()) == []


def test_files_in_a_folder_are_for_the_hub_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "papers")
    _put(store, "a/b", b"x")
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in (tmp_path / "papers").rglob("*")}
    assert modes == {True: 0o700, False: 0o600} and (tmp_path / "papers").stat().st_mode & 0o777 == 0o700


def test_a_folder_sweeps_up_what_a_killed_put_left(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / "unfinished" / "half").write_bytes(b"ha")
    assert store.sweep() == []
    assert list(store.keys()) == []
    assert store.sweep(0) == ["half"] and store.sweep(0) == []


def test_a_folder_that_went_away_is_down_and_not_missing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "papers")
    (tmp_path / "papers").rename(tmp_path / "elsewhere")
    for act in (store.check, lambda: store.open("a"), lambda: list(store.keys()), lambda: _put(store, "a", b"x")):
        with pytest.raises(StoreDown):
            act()
    assert not (tmp_path / "papers").exists()


def test_a_full_disk_is_down_and_leaves_nothing(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def read(self, *_: int) -> bytes:
            raise OSError(28, "No space left on device")

    store = FolderStore(tmp_path)
    with pytest.raises(StoreDown, match="No space left"):
        store.put("a", Full(), 1, EMPTY)
    assert list(store.keys()) == [] and store.sweep(0) == []


def test_strangers_objects_in_a_bucket_are_not_listed(s3: parts.S3Server) -> None:
    server = s3.new_bucket()
    server.client().put_object(Bucket=server.bucket, Key="Somebody's file.txt", Body=b"x")
    assert list(S3Store(server).keys()) == []


def test_objects_are_encrypted_where_the_settings_ask(s3: parts.S3Server) -> None:
    server = replace(s3.new_bucket(), encryption="AES256")
    _put(S3Store(server), "a", b"secret")
    head = server.client().head_object(Bucket=server.bucket, Key="a")
    assert head["ServerSideEncryption"] == "AES256" and head["Metadata"] == {}
    assert b"".join(S3Store(server).open("a")) == b"secret"


def test_a_server_without_checksums_works_too(s3: parts.S3Server) -> None:
    store = S3Store(replace(s3.new_bucket(), checksum=False))
    _put(store, "a", b"x")
    assert b"".join(store.open("a")) == b"x"


@pytest.mark.parametrize("wrong", [{"secret_key": "wrong"}, {"bucket": "no-such-bucket"}, {"endpoint": "not an address"}])
def test_a_server_that_refuses_is_down_and_not_missing(s3: parts.S3Server, wrong: dict[str, str]) -> None:
    store = S3Store(replace(s3.new_bucket(), **wrong), seconds=2)
    _all_down(store)


def _all_down(store: S3Store, seconds: float = 12) -> None:
    for act in (store.check, lambda: store.open("a"), lambda: list(store.keys()), lambda: store.delete("a"),
                lambda: _put(store, "a", b"x" * 100_000)):
        began = time.monotonic()
        with pytest.raises(StoreDown):
            act()
        assert time.monotonic() - began < seconds


def _pass(line: socket.socket, behind: socket.socket, most: int, then: Callable[[], None]) -> None:
    """Passes requests on, and at most so many bytes of the answers."""
    def upwards() -> None:
        try:
            while data := line.recv(65536):
                behind.sendall(data)
        except OSError:
            pass
    threading.Thread(target=upwards, daemon=True).start()
    passed = 0
    while passed < most and (data := behind.recv(min(65536, most - passed))):
        line.sendall(data)
        passed += len(data)
    then()


def _hang(line: socket.socket, _: socket.socket) -> None:
    time.sleep(8)


def _hang_up(line: socket.socket, _: socket.socket) -> None:
    line.recv(10)


def _unavailable(line: socket.socket, _: socket.socket) -> None:
    line.recv(65536)
    line.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def _gibberish(line: socket.socket, _: socket.socket) -> None:
    line.recv(65536)
    line.sendall(b"\0\1\2 this is not HTTP\r\n\r\n")


@pytest.mark.parametrize("behave", [_hang, _hang_up, _unavailable, _gibberish])
def test_a_server_out_of_order_is_down_within_seconds(s3: parts.S3Server, behave: parts.Behave) -> None:
    with parts.between(s3.new_bucket(), behave) as server:
        _all_down(S3Store(server, seconds=1))


def test_a_server_that_is_gone_is_down_within_seconds(s3: parts.S3Server) -> None:
    _all_down(S3Store(replace(s3, endpoint="http://127.0.0.1:1"), seconds=1))


@pytest.mark.parametrize("stall", [0, 5], ids=["cut", "stalled"])
def test_an_answer_that_breaks_off_half_way_is_down(s3: parts.S3Server, stall: float) -> None:
    server = s3.new_bucket()
    _put(S3Store(server), "a", os.urandom(8_000_000))
    with parts.between(server, lambda line, behind: _pass(line, behind, 4_000_000, lambda: time.sleep(stall))) as halved:
        content = S3Store(halved, seconds=1).open("a")
        with pytest.raises(StoreDown):
            for _ in content:
                pass
        assert list(content) == []


def test_a_put_cut_half_way_leaves_nothing_and_works_later(s3: parts.S3Server) -> None:
    def cut(line: socket.socket, behind: socket.socket) -> None:
        for _ in range(10):
            behind.sendall(line.recv(65536))

    server = s3.new_bucket()
    with parts.between(server, cut) as halved, pytest.raises(StoreDown):
        _put(S3Store(halved, seconds=2), "a", os.urandom(8_000_000))
    store = S3Store(server)
    assert list(store.keys()) == []
    _put(store, "a", b"again")
    assert b"".join(store.open("a")) == b"again"


def test_bytes_changed_on_their_way_are_refused(s3: parts.S3Server) -> None:
    def change(line: socket.socket, behind: socket.socket) -> None:
        def upwards() -> None:
            while data := line.recv(65536):
                behind.sendall(data.replace(b"the truth", b"a falsity"))
        threading.Thread(target=upwards, daemon=True).start()
        while data := behind.recv(65536):
            line.sendall(data)

    server = s3.new_bucket()
    with parts.between(server, change) as liar, pytest.raises((Damaged, StoreDown)):
        _put(S3Store(liar, seconds=2), "a", b"the truth" * 10)
    assert list(S3Store(server).keys()) == []


@pytest.mark.parametrize("region", ["eu-west-2", "us-east-1", "garage"])
def test_an_own_address_is_asked_in_the_councils_region(s3: parts.S3Server, region: str) -> None:
    heard = bytearray()

    def listen(line: socket.socket, behind: socket.socket) -> None:
        def upwards() -> None:
            while data := line.recv(65536):
                heard.extend(data)
                behind.sendall(data)
        threading.Thread(target=upwards, daemon=True).start()
        while data := behind.recv(65536):
            line.sendall(data)

    with parts.between(replace(s3.new_bucket(), region=region), listen) as server:
        store = S3Store(server)
        _put(store, "a/b", b"minutes")
        assert b"".join(store.open("a/b")) == b"minutes"
    assert heard.startswith(f"PUT /{server.bucket}/a/b HTTP".encode()) and f"/{region}/s3/aws4_request,".encode() in heard


def test_eight_threads_share_one_store(store: Store) -> None:
    def both(number: int) -> bool:
        _put(store, f"k{number}", bytes([number]) * 100_000)
        return b"".join(store.open(f"k{number}")) == bytes([number]) * 100_000

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(both, range(40)))
