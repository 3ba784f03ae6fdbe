"""A real IMAP server for tests: Dovecot in a folder of its own, with one mailbox."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from csc_hub.adapters.mailbox import ImapMailbox
from csc_hub.settings import ImapSettings
from tests.mail_server import certificate
from tests.parts import _running, _until, free_ports, missing

USER, PASSWORD = "conferences@anyshire.example", "pass-word-\"1"
SETTINGS = """
base_dir = {run}
state_dir = {folder}/state
protocols = imap
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
log_path = {folder}/log
imap_capability = {capability}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
    address = 127.0.0.1
  }}
  inet_listener imaps {{
    port = {port}
    address = 127.0.0.1
  }}
}}
"""


@dataclass
class ImapServer:
    """A running IMAP server, and a look behind the hub's back."""

    port: int
    plain: int
    certificate: Path

    def settings(self) -> ImapSettings:
        """What the hub needs to read the mailbox."""
        return ImapSettings("127.0.0.1", self.port, "tls", USER, PASSWORD)

    def mailbox(self, **more: object) -> ImapMailbox:
        """The mailbox as the hub reads it."""
        return ImapMailbox("127.0.0.1", self.port, "tls", USER, PASSWORD, **more)  # type: ignore[arg-type]

    @contextmanager
    def line(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """Signed in as somebody with a mail program, in a folder."""
        with imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=ssl.create_default_context(cafile=str(self.certificate)), timeout=20) as line:
            line.login(USER, PASSWORD)
            line.select(f'"{folder}"')
            yield line

    def deliver(self, *mails: bytes) -> None:
        """Puts mails into the inbox."""
        with self.line() as line:
            for mail in mails:
                assert line.append("INBOX", "", "", mail)[0] == "OK"

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """What lies in a folder, the oldest first; nothing where there is no such folder."""
        with self.line(folder) as line:
            if line.state != "SELECTED":
                return []
            found = line.search(None, "UNDELETED")[1][0].split()
            return [line.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found]

    def empty(self) -> None:
        """Takes all mails away."""
        for folder in ("INBOX", "CSC Hub"):
            with self.line(folder) as line:
                if line.state == "SELECTED":
                    line.store("1:*", "+FLAGS", r"(\Deleted)") if line.search(None, "ALL")[1][0] else None
                    line.expunge()


@contextmanager
def imap_server(capability: str = "") -> Iterator[ImapServer]:
    """Dovecot with an empty mailbox. `capability` is what it says of itself, where that is to be less than it can."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program:
        missing("Dovecot", "apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="csc-imap-", ignore_cleanup_errors=True) as made:
        folder, (port, plain) = Path(made), free_ports(2)
        user = "mail" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        group = "mail" if os.geteuid() == 0 else str(os.getegid())
        pem = certificate(folder)
        for name in ("mail", "run", "state"):
            (folder / name).mkdir()
        folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(folder / "mail", user, group)
        (folder / "dovecot.conf").write_text(SETTINGS.format(
            run=folder / "run", folder=folder, certificate=pem, key=pem.with_suffix(".key"), user=user, group=group, port=port, plain=plain,
            password=PASSWORD, capability=capability))
        server = ImapServer(port, plain, pem)
        with _running([program, "-F", "-c", str(folder / "dovecot.conf")], made) as process:
            try:
                _until(lambda: _answers(server), "Dovecot", process)
            except RuntimeError as fault:
                log = (folder / "log").read_text() if (folder / "log").exists() else ""
                raise RuntimeError(f"{fault}\n{log}") from None
            yield server


def _answers(server: ImapServer) -> bool:
    with suppress(ConnectionError), server.line() as line:
        return line.state == "SELECTED"
    return False
