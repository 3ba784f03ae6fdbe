"""The receipt of a signature: the same lines on the page, in the mail and in Word."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select

from csc_hub.adapters.word import as_bytes, blank
from csc_hub.db import db
from csc_hub.kernel import day_short, listed
from csc_hub.people.records import Person
from csc_hub.process.agreements.records import Signature
from csc_hub.process.agreements.rules import Signed, Way

if TYPE_CHECKING:
    from docx.document import Document


def rows(signature: Signature) -> list[tuple[str, str]]:
    """What was signed, by whom, for whom, and the figures by which it is proved later."""
    return [
        ("What was signed", signature.signed_.label + (f", version {signature.version_number}" if signature.signed_ is Signed.AGREEMENT else "")),
        ("Organisation", signature.organisation), ("Signed by", ", ".join(filter(None, (signature.name, signature.job_title)))),
        ("You stated", signature.authority), ("Covers", covers(signature)), ("Signed on", signature.signed_local if signature.way_ is Way.PAPER else f"{signature.signed_local} (UK time)"),
        ("How it is known that it was you", signature.verified),
        ("Counts until", day_short(signature.until)), ("Check code", signature.code), ("SHA-256 of the text", signature.text_sha256),
        ("Number in the chain", str(signature.number)), ("Head of the chain", signature.hash)]


def covers(signature: Signature) -> str:
    """Whom a signature covers, in words."""
    if signature.everybody:
        return f"Everybody at {signature.organisation}"
    if signature.signed_ is Signed.UNDERTAKING:
        return f"{signature.name}, for one meeting"
    ids = [uuid.UUID(some_id) for some_id in signature.named]
    names = list(db.session.scalars(select(Person.name).where(Person.id.in_(ids)).order_by(Person.name)))
    return listed([signature.name, *names] if len(names) < len(ids) else names)  # whoever signed at the door has no id but that of their line


def check_url() -> str:
    """The page of the hub that says whether a receipt is genuine."""
    return f"{current_app.config['CSC'].url}/check"


@as_bytes
def as_word(signature: Signature, council: str) -> Document:
    """The receipt as a Word document: a real heading and a table."""
    from docx.shared import Cm, Pt

    document = blank("Receipt", council)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Arial", Pt(11)
    document.add_heading(f"Receipt: {signature.signed_.label}", 1)
    document.add_paragraph(council)
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for label, value in rows(signature):
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(5), Cm(11)
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].text = value
    document.add_paragraph(f"Whoever doubts this receipt can check its code at {check_url()}")
    return document
