"""What was measured, as a table, as JSON, and as a profile of what falls short."""

from __future__ import annotations

import cProfile
import io
import json
import os
import pstats
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build"


@dataclass
class Result:
    """One figure beside its floor. `deed` is done again under a profiler where the goal is missed."""

    id: str
    what: str
    figure: float
    unit: str
    floor: float | None
    goal: str
    met: bool
    deed: Callable[[], object] | None = field(default=None, repr=False)

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return self.figure / self.floor if self.floor else None


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def at_most(id: str, what: str, figure: float, floor: float, times: float, deed: Callable[[], object] | None = None, unit: str = "ms") -> Result:
    """A figure that may be so many times the floor."""
    return Result(id, what, figure, unit, floor, f"≤ {times:g} × floor", figure <= times * floor, deed)


def line(result: Result) -> str:
    """A result as a line of the table."""
    floor = f"{result.floor:.2f}" if result.floor else "–"
    ratio = f"{result.ratio:.2f}" if result.ratio else "–"
    return f"{result.id:<4} {result.what:<86} {result.figure:>9.2f} {result.unit:<4} {floor:>9} {ratio:>6}  {result.goal:<22} {'yes' if result.met else 'NO'}"


HEAD = f"{'goal':<4} {'what':<86} {'figure':>9} {'':<4} {'floor':>9} {'ratio':>6}  {'asked for':<22} met"


def write(results: Sequence[Result]) -> None:
    """Writes build/bench.json, and a profile of each goal that is missed."""
    BUILD.mkdir(exist_ok=True)
    rows = [{"id": r.id, "what": r.what, "figure": round(r.figure, 3), "unit": r.unit, "floor": r.floor and round(r.floor, 3),
             "ratio": r.ratio and round(r.ratio, 3), "goal": r.goal, "met": r.met} for r in results]
    (BUILD / "bench.json").write_text(json.dumps({"load": os.getloadavg(), "results": rows}, indent=1, ensure_ascii=False) + "\n")
    worst: dict[str, Result] = {}
    for result in results:
        if not result.met and result.deed and (result.id not in worst or (result.ratio or 0) > (worst[result.id].ratio or 0)):
            worst[result.id] = result
    for result in worst.values():
        (BUILD / "bench" / f"profile-{result.id}.txt").write_text(profile(result))


def profile(result: Result, times: int = 20) -> str:
    """Where the time goes, the dearest functions first."""
    assert result.deed
    result.deed()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(times):
        result.deed()
    profiler.disable()
    text = io.StringIO()
    text.write(f"{result.id}, {result.what}: {times} times\n")
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler, stream=text).sort_stats(order).print_stats(40)
    return text.getvalue()
