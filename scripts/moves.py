"""Draws the moves a context can make: writes docs/moves.md from the table that the hub itself obeys."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from csc_hub.process.contexts import rules  # noqa: E402
from csc_hub.process.contexts.rules import Move, State  # noqa: E402

PAGE = ROOT / "docs" / "moves.md"
HEAD = """# How a context moves on

Every context is in one of these states. An arrow is a move somebody may make; any other is refused with a sentence.
This page is drawn from `MOVES` in `csc_hub/process/contexts/rules.py` by `python scripts/moves.py`, and a test compares the two.

"""


def diagram() -> str:
    """The moves as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.REFERRED.value}"]
    lines += [f"    {state.value}: {state.label}" for state in State]
    lines += [f"    {state.value} --> {to.value}: {move.label}" for state in State for move, to in rules.MOVES[state].items()]
    return "\n".join(lines)


def page() -> str:
    """All of docs/moves.md."""
    states = "\n".join(f"| {state.label} | {state.sentence} | {_moves(state)} |" for state in State)
    reasons = ", ".join(f"“{move.label}”" for move in Move if move in rules.NEEDS_REASON)
    return (f"{HEAD}```mermaid\n{diagram()}\n```\n\n| State | What it means | Moves from here |\n|---|---|---|\n{states}\n\n"
            f"A reason must be given for: {reasons}.\n")


def _moves(state: State) -> str:
    return "; ".join(f"{move.label} → {to.label}" for move, to in rules.MOVES[state].items())


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)} is written.")
