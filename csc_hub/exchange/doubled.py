"""Two columns that mean the same to the hub: one is read where that loses nothing, and otherwise a person says which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from csc_hub.exchange import headers
from csc_hub.exchange.headers import FILLABLE, Claim, Header
from csc_hub.exchange.typed_words import is_nothing, quoted, words_of
from csc_hub.kernel import listed

Rows = Sequence[tuple[int, Mapping[int, Any]]]
_SHOWN, _LONGEST = 5, 200  # rows of a question, and characters of a cell in it


def settled(header: Header, rows: Rows, chosen: Mapping[str, int]) -> tuple[Header, list[str], list[dict[str, Any]]]:
    """The header with one column for each field, what is to be said of that, and what must be asked, as plain values.

    `chosen`: field -> column, as a person said. `rows`: what stands under the titles, by column.
    """
    notes, questions = [], []
    for name, claims in header.claims.items():
        taken, why = _taken(name, claims, rows, chosen.get(name))
        if taken is None:
            questions.append(_question(name, claims, rows))
            continue
        columns, titles = {**header.columns, name: taken.column}, {**header.titles, name: taken.title}
        header = replace(header, columns=columns, titles=titles)
        notes.append(f"The columns {_both(claims)} mean the same to the hub. It reads {quoted(taken.title)} ({taken.cell}): {why}.")
    return header, notes, questions


def sentence(question: Mapping[str, Any]) -> str:
    """A question for somebody who cannot answer it where they are."""
    said = listed([f"{quoted(column['title'])} ({column['cell']})" for column in question["columns"]])
    return (f"The columns {said} mean the same to the hub and say different things. Choose one of them on the page when the file is "
            "sent in, or put the text into one and rename or delete the other. No row was read.")


def _taken(name: str, claims: Sequence[Claim], rows: Rows, chosen: int | None) -> tuple[Claim | None, str]:
    """The column to read and why, or None where a person must say."""
    for claim in claims:
        if claim.column == chosen:
            return claim, "so somebody chose"
    for claim in claims:
        others = [other for other in claims if other is not claim]
        if all(is_nothing(cells.get(other.column)) for _, cells in rows for other in others):
            return claim, "the other is empty" if len(others) == 1 else "the others are empty"
    for claim in claims:
        if all(_adds_nothing(cells.get(other.column), cells.get(claim.column)) for _, cells in rows for other in claims):
            return claim, "nothing else stands in the other" if len(claims) == 2 else "nothing else stands in the others"
    if name not in (*FILLABLE, "reference", "action"):
        own = next((claim for claim in claims if headers.key_of(claim.title) == headers.key_of(headers.HEADERS[name][0])), claims[0])
        return own, "an agency does not fill it in, so nothing is taken from either"
    return None, ""


def _adds_nothing(other: Any, cell: Any) -> bool:
    return is_nothing(other) or words_of(other) == words_of(cell)


def _question(name: str, claims: Sequence[Claim], rows: Rows) -> dict[str, Any]:
    """Which columns there are, and the first rows in which they say different things."""
    differ = [(number, [words_of(cells.get(claim.column))[:_LONGEST] for claim in claims]) for number, cells in rows
              if any(not _adds_nothing(cells.get(other.column), cells.get(claim.column)) for claim in claims for other in claims)]
    return {"field": name, "differ": len(differ), "rows": [[number, said] for number, said in differ[:_SHOWN]],
            "columns": [{"column": claim.column, "cell": claim.cell, "title": claim.title,
                         "filled": sum(not is_nothing(cells.get(claim.column)) for _, cells in rows)} for claim in claims]}


def _both(claims: Sequence[Claim]) -> str:
    return listed([f"{quoted(claim.title)} ({claim.cell})" for claim in claims])
