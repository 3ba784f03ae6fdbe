"""Knows the sheets that the hub itself puts into a workbook, so that they are neither read as rows nor counted as hidden. Pure."""

from __future__ import annotations

from csc_hub.exchange import manifest

GUIDE = "Guide"
"""The sheet that explains an agency's workbook."""
TO_MEND = "To mend"
"""The sheet that lists the faults of a workbook that was handed back; followed by a number where the name was taken."""
MARKER = "To mend in this workbook (written by CSC Hub)"
"""Stands in A1 of that sheet, and tells it from anybody else's."""
AUTHOR = "CSC Hub"
"""Signs the comments that the hub puts on cells."""
SPOKEN = f"{AUTHOR}: "
"""Begins them too, because LibreOffice forgets who signed a comment."""


def is_list_of_faults(name: str, first_cell: str) -> bool:
    """Whether a sheet is the hub's own list of faults, which is passed over when the mended workbook comes back."""
    return name.startswith(TO_MEND) and first_cell.strip() == MARKER


def is_ours(name: str, first_cell: str) -> bool:
    """Whether a hidden sheet is the hub's own, so that it is not hidden content of the sender's."""
    return is_list_of_faults(name, first_cell) or is_manifest(first_cell)


def is_manifest(first_cell: str) -> bool:
    """Whether a sheet says that it is the hub's own record of what was sent out. Whether it is believed, its signature says."""
    return " ".join(first_cell.split()) == manifest.SAYS


def is_comment(author: str, words: str) -> bool:
    """Whether a comment is the hub's own."""
    return author == AUTHOR or words.startswith(SPOKEN)
