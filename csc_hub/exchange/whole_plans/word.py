"""Reads the tables and paragraphs of a Word document as a stream; runs in the sandbox's child.

Text in content controls and tracked insertions is read; tracked deletions and hidden text are not. What stands in text
boxes, comments and notes is named, so that nobody takes it for read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.container import Parts
from csc_hub.exchange.reading.grid import COLUMNS
from csc_hub.exchange.reading.markup import Walker, plain, walk
from csc_hub.kernel import count, tidy

CELLS, TEXT, DEEP = 50_000, 2_000_000, 12
LONGEST_BOX = 120
MACROS = "This document holds macros, so it was not read. Open it in Word, choose Save As, Word Document (.docx), and send that file."
TOO_MUCH = "This document is far longer than a plan. Copy the plan’s tables into a new document, save it as .docx and send that."
MUTED = frozenset(("moveFrom", "Fallback", "sdtPr", "rt", "instrText"))
DRAWN = frozenset(("drawing", "pict", "object"))
_OFF = ("0", "false", "off", "none")


class _Sink:
    """Where text goes: the body, a cell or a text box."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.pieces: list[str] = []

    def close(self, listed: bool = False) -> None:
        """Ends a paragraph. One of a list keeps its dot, so that several tasks can be told apart."""
        text = tidy("".join(self.pieces))
        self.pieces = []
        if text:
            self.paragraphs.append(f"• {text}" if listed else text)

    def text(self) -> str:
        """All paragraphs, each on a line of its own."""
        self.close()
        return "\n".join(self.paragraphs)


@dataclass
class _Table:
    number: int
    rows: list[list[Any]] = field(default_factory=list)
    row: dict[str, list[Any]] = field(default_factory=dict)
    column: int = 1
    width: int = 0
    span: int = 1
    continued: bool = False
    gone: bool = False  # a row that was deleted with changes tracked
    cell_gone: bool = False


class _Document(Walker):
    """The main part of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[dict[str, Any]] = []
        self.sinks, self.tables = [_Sink()], []  # type: ignore[var-annotated]
        self.aside: list[tuple[list[_Sink], list[_Table]]] = []
        self.path: list[tuple[str, bool]] = []
        self.mute, self.drawn = 0, [0]
        self.hidden = self.listed = False
        self.numbered = self.cells = self.length = 0
        self.told = {"deletions": 0, "hidden": 0, "comments": 0, "notes": 0, "nested": 0}
        self.boxes: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        parent = self.path[-1][0] if self.path else ""
        mutes = name in MUTED or name.endswith("Change") or (name == "del" and parent not in ("rPr", "trPr"))
        self.path.append((name, mutes))
        if len(self.path) > 1_000:
            raise Unreadable(BROKEN)
        if mutes:
            self.mute += 1
            self.told["deletions"] += name in ("del", "moveFrom")
        elif name in DRAWN:
            self.drawn[-1] += 1
        elif not self.mute and (name == "txbxContent" or not self.drawn[-1]):
            self._begin(name, parent, attributes)

    def _begin(self, name: str, parent: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self.collect()
        elif name == "r":
            self.hidden = False
        elif parent == "r" and name in _MARKS:
            self.sinks[-1].pieces.append(_MARKS[name])
        elif name == "p":
            self.listed = False
        elif name in ("vanish", "specVanish") and parent == "rPr" and len(self.path) > 2 and self.path[-3][0] == "r":
            self.hidden = _value(attributes) not in _OFF
        elif name == "numId":
            self.listed = _value(attributes) != "0"
        elif name == "tbl":
            if len(self.tables) >= DEEP:
                raise Unreadable(TOO_MUCH)
            self.numbered += 1
            self.tables.append(_Table(self.numbered))
        elif name == "txbxContent":
            self.aside.append((self.sinks, self.tables))
            self.sinks, self.tables = [_Sink()], []
            self.drawn.append(0)
        elif name in ("commentReference", "footnoteReference", "endnoteReference"):
            self.told["comments" if name[0] == "c" else "notes"] += 1
        elif self.tables:
            self._in_table(name, parent, attributes)

    def _in_table(self, name: str, parent: str, attributes: dict[str, str]) -> None:
        table = self.tables[-1]
        if name == "tr":
            table.row, table.column, table.gone = {}, 1, False
        elif name == "gridBefore":
            table.column += _number(attributes)
        elif name == "tc":
            table.span, table.continued, table.cell_gone = 1, False, False
            self.sinks.append(_Sink())
        elif name == "gridSpan":
            table.span = max(1, _number(attributes))
        elif name in ("vMerge", "hMerge"):
            table.continued = _value(attributes) != "restart"
        elif name == "cellDel":
            table.cell_gone = True
        elif name == "del" and parent == "trPr":
            table.gone = True
            self.told["deletions"] += 1

    def end(self, name: str) -> None:
        """An element ends."""
        _, mutes = self.path.pop()
        if mutes:
            self.mute -= 1
        elif name in DRAWN:
            self.drawn[-1] -= 1
        elif not self.mute and (name == "txbxContent" or not self.drawn[-1]):
            self._finish(name)

    def _finish(self, name: str) -> None:
        if name == "t":
            text = self.collected()
            self.pause()
            self.length += len(text)
            if self.length > TEXT:
                raise Unreadable(TOO_MUCH)
            if self.hidden:
                self.told["hidden"] += 1
            else:
                self.sinks[-1].pieces.append(text)
        elif name == "p":
            self.sinks[-1].close(self.listed and bool(self.tables))
        elif name == "txbxContent" and self.aside:
            self._box()
        elif name == "tc" and self.tables and len(self.sinks) > 1:
            self._cell()
        elif name == "tr" and self.tables:
            table = self.tables[-1]
            if not table.gone:
                table.rows.append([len(table.rows) + 1, table.row])
        elif name == "tbl" and self.tables:
            self._table()

    def _box(self) -> None:
        text = " ".join(self.sinks[0].text().split())
        self.drawn.pop()
        self.sinks, self.tables = self.aside.pop()
        if text and text not in self.boxes:
            self.boxes.append(text)

    def _cell(self) -> None:
        table, text = self.tables[-1], self.sinks.pop().text()
        self.cells += 1
        if self.cells > CELLS or table.column > COLUMNS:
            raise Unreadable(TOO_MUCH)
        if not table.cell_gone:
            kind = "v" if table.continued and not text else "s"
            if text or kind == "v":
                table.row[str(table.column)] = [kind, text, table.span]
            table.column += table.span
            table.width = max(table.width, table.column - 1)

    def _table(self) -> None:
        table = self.tables.pop()
        if self.tables or self.aside:  # inside a cell or a text box: also a line of text there
            self.told["nested"] += 1
            for _, row in table.rows:
                self.sinks[-1].paragraphs.append(" – ".join(" ".join(cell[1].split("\n")) for cell in row.values() if cell[1]))
        else:
            self.flush()
        self.blocks.append({"name": f"table {table.number}", "kind": "table", "visible": True, "width": table.width, "rows": table.rows})

    def flush(self) -> None:
        """Ends the paragraphs between two tables."""
        sink = self.sinks[0]
        sink.close()
        if sink.paragraphs:
            rows = [[number, {"1": ["s", text, 1]}] for number, text in enumerate(sink.paragraphs, 1)]
            self.blocks.append({"name": "the text", "kind": "text", "visible": True, "rows": rows})
        sink.paragraphs = []

    def notes(self) -> list[str]:
        """What was in the document and was not read, in sentences."""
        told, said = self.told, []
        if told["deletions"]:
            said.append("The document has tracked changes. Insertions were read, deletions were not.")
        if told["hidden"]:
            said.append("Hidden text was not read. Show it in Word and decide whether it belongs in the plan.")
        for text in self.boxes[:5]:
            short = f"{text[:LONGEST_BOX]}…" if len(text) > LONGEST_BOX else text
            said.append(f"A text box was not read: “{short}”. Copy it into the table if it belongs there.")
        if told["comments"] or told["notes"]:
            what = [count(told[key], one) for key, one in (("comments", "comment"), ("notes", "note")) if told[key]]
            said.append(f"{' and '.join(what)} beside the text {'was' if told['comments'] + told['notes'] == 1 else 'were'} not read.")
        if told["nested"]:
            said.append("A table inside a cell or a text box was found. Check that what stands in it was read as you mean it.")
        return said


_MARKS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}


def _value(attributes: dict[str, str]) -> str:
    return plain(attributes).get("val", "").strip().lower()


def _number(attributes: dict[str, str]) -> int:
    value = _value(attributes)
    return min(int(value), COLUMNS + 1) if value.isascii() and value.isdecimal() and len(value) < 6 else 0


class _Target(Walker):
    """Finds which part of the package is the document itself."""

    found = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A relationship."""
        facts = plain(attributes)
        if name == "Relationship" and facts.get("Type", "").endswith("/officeDocument") and not self.found:
            self.found = facts.get("Target", "").lstrip("/")


def main_part(parts: Parts) -> str:
    """The name of a Word document's main part, or nothing where the package is something else."""
    target = _Target()
    if "_rels/.rels" in parts:
        with parts.open("_rels/.rels") as stream:
            walk(stream, target)
    name = target.found if target.found in parts else "word/document.xml"
    return name if name in parts and name.lower().startswith("word/") else ""


def read(parts: Parts, main: str) -> dict[str, Any]:
    """{"format", "blocks", "notes", "hidden"} of a document. Raises `Unreadable`."""
    types = parts.read("[content_types].xml")
    if b"macroEnabled" in types or any(name.endswith("vbaproject.bin") for name in parts.under("word/")):
        raise Unreadable(MACROS)
    document = _Document()
    with parts.open(main) as stream:
        walk(stream, document)
    document.flush()
    return {"format": "docx", "blocks": document.blocks, "notes": document.notes(), "hidden": []}
