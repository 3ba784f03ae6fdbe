"""Somebody at a browser who knows at once whether the hub took what was sent: one connection, one cookie, one token."""

from __future__ import annotations

import http.client
import re
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
Faults = (OSError, http.client.HTTPException)
"""What a request meets when the server is killed under it."""


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        """Where it leads on."""
        return self.headers.get("Location", "")


class Client:
    """Signs in once; the session outlives the server, whose secret lies in its data folder."""

    def __init__(self, port: int, seconds: float = 120):
        self.port, self.seconds, self.cookie, self.token = port, seconds, "", ""

    def ask(self, method: str, url: str, body: bytes = b"", kind: str = "") -> Answer:
        """One request. Raises one of `Faults` when no whole answer comes back."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        headers |= {"Content-Type": kind} if kind else {}
        try:
            line.request(method, url, body or None, headers)
            answer = line.getresponse()
            found = Answer(answer.status, answer.headers, answer.read())
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.cookie = cookie.partition(";")[0]
        if found.status == 200 and (token := TOKEN.search(found.text)):
            self.token = token[1]
        return found

    def get(self, url: str) -> Answer:
        """Looks at a page."""
        return self.ask("GET", url)

    def post(self, url: str, **fields: str) -> Answer:
        """Sends a form."""
        return self.ask("POST", url, urlencode({"csrf_token": self.token, **fields}).encode(), "application/x-www-form-urlencoded")

    def upload(self, url: str, name: str, content: bytes, **fields: str) -> Answer:
        """Sends a form with a file."""
        mark = uuid.uuid4().hex
        parts = "".join(f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                        for key, value in {"csrf_token": self.token, **fields}.items())
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = parts.encode() + head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self.ask("POST", url, body, f"multipart/form-data; boundary={mark}")

    def be(self, person_id: str) -> Client:
        """Signs in as somebody of the demonstration."""
        self.get("/sign-in")
        answer = self.post("/sign-in/as", person=person_id)
        assert answer.status == 303, answer.status
        page = self.get("/")
        while page.status in (302, 303):
            page = self.get(page.location)
        assert page.status == 200 and self.token, page.status
        return self
