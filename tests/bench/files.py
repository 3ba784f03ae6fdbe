"""P10 and P11: fifty megabytes up and down, in a folder and in S3, and what memory a worker needs for it."""

from __future__ import annotations

import json
import random
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from csc_hub.adapters import storage
from tests import parts
from tests.bench import servers
from tests.bench.lists import places
from tests.bench.maker import SIZES, copied, council
from tests.bench.results import Result, at_most, middle
from tests.bench.servers import Browser, Server

SIZE = 50 * 1024 * 1024 - 64 * 1024
RUNS = 11
BOUNDARY = "bench-4f1c9a"


def png() -> bytes:
    """A picture of nearly fifty megabytes, of a size that its pixels could have."""
    import struct
    import zlib

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    noise = random.Random(1).randbytes(SIZE - 200)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 5000, 5000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", noise) + chunk(b"IEND", b"")


def form(token: str, content: bytes) -> bytes:
    """The upload form, filled in."""
    fields = {"csrf_token": token, "kind": "safer_me", "note": "bench", "nobody": "y"}
    text = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    text += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="map.png"\r\nContent-Type: image/png\r\n\r\n'
    return text.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def _another(body: bytes) -> bytes:
    """The same form with a picture of which one pixel differs: the same file twice is refused."""
    middle_ = len(body) // 2
    return body[:middle_] + secrets.token_bytes(8) + body[middle_ + 8:]


def _send(browser: Browser, url: str, body: bytes, wanted: int) -> float:
    started = time.perf_counter()
    status, content = browser.ask("POST", url, body, **HEADERS)
    assert status == wanted, (url, status, re.findall(rb'class="govuk-error-message".*', content)[:3])
    return time.perf_counter() - started


@contextmanager
def _both(where: str) -> Iterator[tuple[Server, Server, Path, dict[str, str]]]:
    """The hub with its papers in a folder or in S3, on a copy of the small council, and the floor beside it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="csc-bench-"))) / "hub"
        copied(council(SIZES["1k"]), folder)
        given: dict[str, str] = {}
        bare: dict[str, str] = {}
        if where == "S3":
            s3 = stack.enter_context(parts.s3_server())
            given = {f"CSC_S3_{name.upper()}": getattr(s3, name) for name in ("endpoint", "region", "bucket", "access_key", "secret_key")}
            bare = {"FLOOR_S3": json.dumps({name: getattr(s3, name) for name in ("endpoint", "region", "bucket", "access_key", "secret_key")})}
            s3.client().put_object(Bucket=s3.bucket, Key="floor", Body=png())
        (folder / "floor.bin").write_bytes(png())
        yield stack.enter_context(servers.hub(folder, **given)), stack.enter_context(servers.floor(folder, **bare)), folder, places(folder)


def p10(where: str = "folder") -> Iterator[Result]:
    """An upload with SHA-256 and type check beside Werkzeug's own save (and boto3's put), and the workers' memory, alone and four at once."""
    content = png()
    with _both(where) as (hub, bare, _, named):
        url = f"/contexts/{named['assessed']}/assessment/reports/add"
        browser, other = Browser(hub.port).be("lead"), Browser(bare.port)
        body = form(browser.token(url), content)
        small = b"\x89PNG\r\n\x1a\n" + content[8:200]
        for _ in range(8):  # on connections of their own, so that both workers have seen the page
            other_ = Browser(hub.port).be("lead")
            _send(other_, url, form(other_.token(url), small), 422)
        before = hub.memory()
        hub.forget_peaks()
        mine, theirs = [], []
        for _ in range(RUNS):
            theirs.append(_send(other, "/upload-s3" if where == "S3" else "/upload", body, 200))
            mine.append(_send(browser, url, _another(body), 303))
        yield at_most("P10", f"upload of 50 MB to {where}, SHA-256, type check", middle(mine) * 1000, middle(theirs) * 1000, 1.3)
        yield from _four_at_once(hub, url, body, where, before)


def _four_at_once(hub: Server, url: str, body: bytes, where: str, before: list[float]) -> Iterator[Result]:
    most = 16 if where == "folder" else 32
    one = max(high - low for high, low in zip(hub.memory("VmHWM"), before))
    yield Result("P10", f"worker memory, 50 MB to {where}", one, "MB", None, f"+ ≤ {most} MB", one <= most)
    browsers = [Browser(hub.port).be("lead") for _ in range(4)]
    bodies = [_another(form(b.token(url), body[body.index(b"\x89PNG"):body.rindex(b"\r\n--")])) for b in browsers]
    threads = [threading.Thread(target=_send, args=(b, url, sent, 303)) for b, sent in zip(browsers, bodies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    four = max(high - low for high, low in zip(hub.memory("VmHWM"), before))
    yield Result("P10", f"worker memory, four of 50 MB at once to {where}", four, "MB", None, f"+ ≤ {most} MB", four <= most)


def p11(where: str = "folder") -> Iterator[Result]:
    """A download with authorisation and audit beside send_file, or beside boto3's bare stream.

    From a folder, what nobody has written to is proved once by each worker: the first opening is measured beside a floor
    that proves too, on a file that somebody has just touched each time.
    """
    with _both(where) as (hub, bare, folder, named):
        base = f"/contexts/{named['assessed']}/assessment"
        browser, other = Browser(hub.port).be("lead"), Browser(bare.port)
        _send(browser, f"{base}/reports/add", form(browser.token(f"{base}/reports/add"), png()), 303)
        paper = re.findall(rb'href="(/contexts/[^"]+/papers/[^"]+)">map.png', browser.get(base))[0].decode()
        if where == "S3":
            yield _downloads("from S3, with audit", lambda: _fetch(other, "/s3"), lambda: _fetch(browser, paper))
            return
        kept = max(folder.glob("papers/??/*"), key=lambda path: path.stat().st_ctime)
        yield _downloads("from folder, the first opening", lambda: _fetch(other, "/download-proved"), lambda: (kept.touch(), _fetch(browser, paper))[1])
        time.sleep(storage.TICK + 0.5)
        yield _downloads("from folder, with audit", lambda: _fetch(other, "/download"), lambda: _fetch(browser, paper))


def _downloads(what: str, theirs: Callable[[], float], mine: Callable[[], float]) -> Result:
    """A floor and a download in turns; the first of each is not counted."""
    times = [(theirs(), mine()) for _ in range(RUNS + 1)][1:]
    return at_most("P11", f"download of 50 MB {what}", middle([m for _, m in times]) * 1000, middle([t for t, _ in times]) * 1000, 1.3)


def _fetch(browser: Browser, url: str) -> float:
    started = time.perf_counter()
    assert len(browser.get(url)) > SIZE - 1000
    return time.perf_counter() - started


def everything(measure: Any) -> Iterator[Result]:
    """A measure with papers in a folder and, where a server is at hand, in S3."""
    yield from measure("folder")
    if shutil.which("weed", path=str(Path(servers.sys.executable).parent)) or shutil.which("weed"):
        yield from measure("S3")
