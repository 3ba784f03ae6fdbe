"""Empty Word documents that say nothing of a person, a program or a day: A4, British English, and nothing hidden in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document

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
