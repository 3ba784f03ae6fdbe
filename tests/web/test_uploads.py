"""Uploads go straight to disk: a worker's memory does not grow with them, and nothing of them is lost or let through."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
from typing import Any

import flask
import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from csc_hub.papers import service
from csc_hub.web.uploads import AT_ONCE, Request

BOUNDARY = "b-4f1c9a"


def _sent(content: bytes, length: int | None = None) -> dict[str, Any]:
    """What a server hands over for a form with a field and a file."""
    body = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nSafer corners\r\n--{BOUNDARY}\r\n'
            'Content-Disposition: form-data; name="file"; filename="map.png"\r\nContent-Type: image/png\r\n\r\n').encode()
    body += content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) if length is None else length),
            "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}", "SERVER_NAME": "hub", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    return flask.Flask("uploads")


@pytest.mark.parametrize("size", [0, 1, AT_ONCE - 300, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 7])
def test_every_byte_arrives_as_a_real_file(app: flask.Flask, size: int) -> None:
    content = os.urandom(size)
    with app.test_request_context(), Request(_sent(content)) as request:
        assert request.form["note"] == "Safer corners"
        with service.on_disk(request.files["file"].stream) as file:
            assert os.fstat(file.fileno()).st_size == size, "what a child process would see"
            assert service.measure(file) == (size, hashlib.sha256(content).hexdigest())


def test_a_large_upload_takes_little_memory(app: flask.Flask) -> None:
    sent = _sent(os.urandom(40_000_000))
    with app.test_request_context():
        tracemalloc.start()
        try:
            with Request(sent) as request, service.on_disk(request.files["file"].stream) as file:
                assert service.measure(file)[0] == 40_000_000
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


def test_what_is_too_large_is_refused_before_it_is_read(app: flask.Flask) -> None:
    sent = _sent(os.urandom(2_000_000))
    with app.test_request_context(), Request(sent) as request:
        request.max_content_length = 1_000_000
        with pytest.raises(RequestEntityTooLarge):
            request.files  # noqa: B018
    assert sent["wsgi.input"].tell() == 0
