"""Empty Word documents that say nothing of a person, a program or a day: A4, British English, and nothing hidden in them."""

from __future__ import annotations

import functools
import gc
import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from docx.document import Document

_P = ParamSpec("_P")
_one = threading.Lock()
_OF_THE_EMPTY_DOCUMENT = ("/thumbnail", "/customXml")  # a picture of it, and somebody's list of sources


def blank(title: str, author: str, category: str = "") -> Document:
    """An empty document whose properties name the organisation that it comes from, and no person. The texts are safe already."""
    from docx import Document as opened
    from docx.oxml.ns import qn
    from docx.shared import Cm

    document = opened()
    facts = document.core_properties
    facts.title, facts.category = title[:255], category[:255]
    facts.author = facts.last_modified_by = author[:255]
    facts.language, facts.comments = "en-GB", ""
    for moment in ("created", "modified"):  # the empty document's own, years ago
        for element in facts._element.findall(qn(f"dcterms:{moment}")):
            facts._element.remove(element)
    for relations in (document.part.package.rels, document.part.rels):
        for key in [key for key, part in relations.items() if part.reltype.endswith(_OF_THE_EMPTY_DOCUMENT)]:
            del relations[key]
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    return document


def as_bytes(make: Callable[_P, Document]) -> Callable[_P, bytes]:
    """Saves the document that `make` puts together, and lets go of it at once: its parts hold each other, megabytes at a time.

    One after another, since threads would only take the processor from each other and hold several documents.
    """

    @functools.wraps(make)
    def inside(*args: _P.args, **named: _P.kwargs) -> bytes:
        file = io.BytesIO()
        with _one:
            make(*args, **named).save(file)
            gc.collect()
        return file.getvalue()

    return inside
