"""Reads the report of a mail server that a letter could not be delivered (RFC 3464). It knows nothing of what letters say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message

from csc_hub.adapters.mail import one_line

BOUNCE_BYTES = 1_000_000
"""Only so much of a report is read: what counts stands before the letter that it gives back."""


@dataclass(frozen=True)
class Failure:
    """Addresses that could not be reached, as the report names one recipient, and the server's words."""

    addresses: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Bounce:
    """The Message-ID of the letter that came back, and for whom it did."""

    message_id: str
    failures: tuple[Failure, ...]


def read_bounce(raw: bytes) -> Bounce | None:
    """The report in a mail; None where it carries none, is broken, or only says that a letter is late. Never raises."""
    try:
        mail = message_from_bytes(raw[:BOUNCE_BYTES])
        if mail.get_content_type() != "multipart/report" or str(mail.get_param("report-type", "")).lower() != "delivery-status":
            return None
        parts = mail.get_payload()
        parts = [part for part in parts if isinstance(part, Message)] if isinstance(parts, list) else []
        failures = tuple(failure for part in parts if part.get_content_type() == "message/delivery-status" for failure in _failures(part))
        message_id = next((found for part in parts if (found := _message_id(part))), "")
    except Exception:
        return None
    return Bounce(message_id[:300], failures) if message_id and failures else None


def _failures(part: Message) -> Iterator[Failure]:
    """Each recipient for whom the servers gave up: "failed", and not "delayed" or "relayed"."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, Message) and str(block.get("Action", "")).strip().lower() == "failed":
            named = (str(block.get(name, "")) for name in ("Final-Recipient", "Original-Recipient"))
            addresses = tuple(name.partition(";")[2].strip().strip("<>").lower()[:320] for name in named if ";" in name)
            status, said = str(block.get("Status", "")).strip(), str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
            words = said if status and status in said else f"{status} {said}"
            yield Failure(addresses, one_line(words, 400) or "No reason given.")


def _message_id(part: Message) -> str:
    """The Message-ID of the letter that the report gives back, whole or only its headers."""
    kind, content = part.get_content_type(), part.get_payload()
    if kind == "message/rfc822" and isinstance(content, list) and content and isinstance(content[0], Message):
        return str(content[0].get("Message-ID", "")).strip()
    if kind == "text/rfc822-headers":
        decoded = part.get_payload(decode=True)
        return str(message_from_string(decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else "").get("Message-ID", "")).strip()
    return ""
