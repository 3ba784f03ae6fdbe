"""Takes the text of a Word file as Markdown: headings, lists, tables and bold are kept, all else is left behind."""

from __future__ import annotations

from typing import BinaryIO

from csc_hub.adapters import sandbox
from csc_hub.kernel import Refused, tidy
from csc_hub.papers import filetypes


def text_of(file: BinaryIO, name: str) -> str:
    """The Markdown of a Word file that was sent. Raises `Refused`."""
    kind = filetypes.type_of(file, name)
    if kind.extension != "docx":
        raise Refused(f"This is a {kind.label}. Open it in Word, save it as .docx and send that, or paste the text.", "file")
    try:
        return tidy(sandbox.read("csc_hub.process.agreements.word_child:read", file))
    except sandbox.Unreadable as fault:
        raise Refused(fault.sentence, "file") from None
