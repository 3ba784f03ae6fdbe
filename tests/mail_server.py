"""A real mail server for tests, which refuses, waits, breaks off or takes letters as it is told."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.parts import free_ports, missing

BUSY = "451 4.3.2 Try again later"
HANDSHAKE = bytes.fromhex("1603033fff02003ffb0303")
"""How a server begins that will say very much."""


@dataclass
class MailServer:
    """A mail server at `host` and `port`, which stays the same when it is stopped and started.

    `mode`: "" takes letters, "busy" answers 451, "drop" breaks off in the middle of DATA, "lost" takes the letter and
    breaks off instead of answering, "hang" never answers, "trickle"
    greets with one letter now and then and comes to no end, "trickle tls" does so with its side of the handshake. Addresses in `refuse` get 550. `letters` are those taken;
    `taken` is called after each, before the hub has its answer.
    """

    host: str = "127.0.0.1"
    port: int = 0
    mode: str = ""
    refuse: set[str] = field(default_factory=set)
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    user: str = ""
    password: str = ""
    certificate: Path | None = None
    taken: Callable[[], object] = lambda: None
    _running: Controller | None = None

    @property
    def message_ids(self) -> list[str]:
        """The Message-ID of each letter taken, in order."""
        return [str(letter["Message-ID"]) for letter in self.letters]

    def start(self) -> None:
        """Begins to answer."""
        self.port = self.port or free_ports(1)[0]
        self._running = _Controller(self)
        self._running.start()

    def stop(self) -> None:
        """Ends; connections are refused from now on."""
        if self._running:
            self._running.stop()
            self._running = None

    def settings(self) -> Any:
        """These as the hub's settings name them, without encryption."""
        from csc_hub.settings import SmtpSettings

        return SmtpSettings(self.host, self.port, "none", "", "")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """Refuses whom it is told to."""
        if self.mode == "busy":
            return BUSY
        if address in self.refuse:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Takes the letter."""
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        self.taken()
        if self.mode == "lost":
            assert server.transport
            server.transport.abort()
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Knows one user."""
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=known, handled=False)


class _Controller(Controller):
    def __init__(self, server: MailServer):
        more: dict[str, Any] = {}
        if server.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(server.certificate, server.certificate.with_suffix(".key"))
            more = {"tls_context": context, "require_starttls": True}
        if server.user:
            more |= {"authenticator": server.authenticate, "auth_required": True, "auth_require_tls": bool(server.certificate)}
        super().__init__(server, hostname=server.host, port=server.port, **more)
        self._server = server

    def factory(self) -> SMTP:
        """One connection."""
        return _Line(self.handler, mail_server=self._server, **self.SMTP_kwargs)


class _Line(SMTP):
    def __init__(self, *given: Any, mail_server: MailServer, **more: Any):
        super().__init__(*given, **more)
        self._mail_server = mail_server

    async def _handle_client(self) -> None:
        give_up = asyncio.get_running_loop().time() + 30
        words = iter(HANDSHAKE if self._mail_server.mode == "trickle tls" else b"")
        while self._mail_server.mode.startswith("trickle") and not self.transport.is_closing() and asyncio.get_running_loop().time() < give_up:
            self._writer.write(bytes([next(words, ord("2"))]))
            await asyncio.sleep(0.05)
        if not self.transport.is_closing():
            await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:
        if self._mail_server.mode == "hang":
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(30)
            return
        if self._mail_server.mode != "drop":
            return await super().smtp_DATA(arg)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.read(100)
        self.transport.abort()


def certificate(folder: Path) -> Path:
    """A certificate for this machine that signs itself, with its key beside it."""
    program = shutil.which("openssl")
    if not program:
        missing("OpenSSL", "apt-get install openssl")
    made = folder / "mail.pem"
    subprocess.run(
        [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(made.with_suffix(".key")), "-out", str(made)],
        check=True, stderr=subprocess.DEVNULL)
    return made


@contextmanager
def mail_server(**more: Any) -> Iterator[MailServer]:
    """A running mail server."""
    server = MailServer(**more)
    server.start()
    try:
        yield server
    finally:
        server.stop()
