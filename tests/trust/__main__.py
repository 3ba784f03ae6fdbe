"""`python -m tests.trust [GOAL ...]`: measures the goals in long form, prints a table and writes build/trust.json."""

from __future__ import annotations

import argparse
import fcntl
import json
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.trust.goals import GOALS, measure
from tests.trust.stage import Stage

REPORT = Path(__file__).resolve().parents[2] / "build" / "trust.json"


def main() -> int:
    """0 when every goal that was asked for is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.trust", description=__doc__)
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"one of {', '.join(goal.id for goal in GOALS)}; all if none is named")
    parser.add_argument("--short", action="store_true", help="try a few of each only, as the tests do")
    asked = parser.parse_args()
    unknown = set(asked.goals) - {goal.id for goal in GOALS}
    if unknown:
        parser.error(f"no such goal: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped and folders removed
    found = []
    for goal in GOALS:
        if not asked.goals or goal.id in asked.goals:
            found.append(_measured(goal, not asked.short))
            print(_line(found[-1]), flush=True)
            _write(found)
    met = sum(line["met"] for line in found)
    print(f"\n{met} of {len(found)} goals are met, in {sum(line['seconds'] for line in found):.0f} seconds. Details: {REPORT.relative_to(REPORT.parents[1])}")
    return 0 if met == len(found) else 1


def _measured(goal: Any, long: bool) -> dict[str, Any]:
    try:
        with Stage(long) as stage:
            return measure(goal, stage)
    except Exception as fault:  # one broken instrument must not hide what the others measure
        traceback.print_exc()
        return {"id": goal.id, "tried": 0, "failed": 1, "figure": "the measurement itself broke", "goal": goal.goal, "met": False,
                "seconds": 0.0, "failures": [f"{type(fault).__name__}: {fault}"]}


def _line(line: dict[str, Any]) -> str:
    mark = "met" if line["met"] else "NOT MET"
    text = f"{line['id']:3} {mark:8} tried {line['tried']:>6,}  failed {line['failed']:>3}  {line['seconds']:>6.0f} s  {line['goal']}\n{'':12} {line['figure']}"
    return text + "".join(f"\n{'':12} - {failure}" for failure in line["failures"][:5])


def _write(found: list[dict[str, Any]]) -> None:
    """Puts what was measured now in the place of what was measured before; the rest stays."""
    REPORT.parent.mkdir(exist_ok=True)
    with REPORT.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two runs may measure different goals side by side
        file.seek(0)
        held = {line["id"]: line for line in json.loads(file.read() or "[]")} | {line["id"]: line for line in found}
        file.truncate(0)
        file.write(json.dumps([held[goal.id] for goal in GOALS if goal.id in held], ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
