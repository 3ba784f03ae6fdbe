"""Answers in few bytes: pages compressed as they go out, static files once for each worker.

A page holds secrets beside words that an address bar put into it, so its length must not tell them (BREACH): see
docs/decisions/0012-compressed-answers.md.
"""

from __future__ import annotations

import gzip
import secrets
import struct
import zlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

LEAST = 500
"""Shorter answers are not worth it."""
PADDING = 100
"""Up to so many random letters hide the length of a page, in the place where gzip keeps a file's name."""
LEVEL = 6
TEXTS = {".css", ".js", ".txt"}


def page(body: bytes) -> bytes:
    """A page as gzip, its length hidden by a name of random length."""
    squeezing = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = squeezing.compress(body) + squeezing.flush()
    name = secrets.token_hex(PADDING // 2)[:1 + secrets.randbelow(PADDING)].encode()
    head = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + name + b"\x00"
    return head + content + struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)


@lru_cache(maxsize=50)
def _file(path: Path) -> bytes:
    """A static file as gzip, in as few bytes as gzip can."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def _compress(response: Response) -> Response:
    static = request.endpoint == "static"
    fits = Path(request.path).suffix in TEXTS if static else response.mimetype in ("text/html", "text/css") and not response.is_streamed
    if not fits:
        return response
    response.vary.add("Accept-Encoding")
    whole = response.status_code in (200, 422) and request.method != "HEAD"
    if not whole or request.accept_encodings.quality("gzip") <= 0 or "Content-Encoding" in response.headers:
        return response
    if static:
        small = _file(Path(current_app.static_folder or "") / (request.view_args or {})["filename"])
        response.direct_passthrough = False
        response.response, response.status_code = [small], 200
    else:
        body = response.get_data()
        if len(body) < LEAST:
            return response
        small = page(body)
        response.set_data(small)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(small))
    if response.headers.get("ETag", "").startswith('"'):
        response.headers["ETag"] = f"W/{response.headers['ETag']}"  # the same file, in other bytes
    return response


def init(app: Flask) -> None:
    """Sends pages and static files compressed to whoever takes gzip."""
    app.after_request(_compress)
