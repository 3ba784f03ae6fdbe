"""`python -m tests.bench [P1 P3 ...]`: measures, prints a table, writes build/bench.json and a profile of what falls short."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

from tests.bench import files, invitations, pages, process, queries, workbooks, writes
from tests.bench.results import HEAD, Result, line, write

GOALS: dict[str, Callable[[], Iterator[Result]]] = {
    "P1": pages.p1, "P2": queries.p2, "P3": pages.p3, "P4": pages.p4, "P5": invitations.p5, "P6": queries.p6, "P8": workbooks.p8, "P9": workbooks.p9,
    "P10": lambda: files.everything(files.p10), "P11": lambda: files.everything(files.p11), "P14": process.p14, "P15": process.p15,
    "P12": workbooks.p12, "P13": writes.p13, "P16": invitations.p16,
}

def main(wanted: list[str]) -> int:
    """Measures the named goals, or all of them. Exit 1 where a goal is missed, 2 for a goal there is not."""
    unknown = [name for name in wanted if name not in GOALS]
    if unknown:
        print(f"There is no goal {', '.join(unknown)}. There are: {', '.join(GOALS)}.", file=sys.stderr)
        return 2
    print(f"Load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n\n{HEAD}\n{'-' * len(HEAD)}", flush=True)
    results = []
    for name in wanted or list(GOALS):
        for result in GOALS[name]():
            results.append(result)
            print(line(result), flush=True)
    write(results)
    missed = [result for result in results if not result.met]
    print(f"\n{len(results) - len(missed)} met, {len(missed)} missed. Written to build/bench.json" + (" and build/bench/profile-*.txt" if any(r.deed for r in missed) else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
