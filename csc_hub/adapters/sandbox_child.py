"""The child's side of the sandbox: sets its own limits first, then reads the file on its standard input."""

from __future__ import annotations

import importlib
import json
import resource
import sys


def main() -> None:
    """Reads standard input with the named reader and prints one JSON object."""
    reader, memory, seconds, writes, *words = sys.argv[1:]
    for limit, value in (
        (resource.RLIMIT_AS, int(memory)), (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_FSIZE, int(writes)), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (value, value))
    from csc_hub.adapters.sandbox import BROKEN, TOO_LARGE, Unreadable

    module, function = reader.split(":")
    try:
        with open(0, "rb", closefd=False) as file:
            answer = {"value": getattr(importlib.import_module(module), function)(file, *words)}
        text = json.dumps(answer)
    except Unreadable as fault:
        text = json.dumps({"unreadable": fault.sentence})
    except MemoryError:
        text = json.dumps({"unreadable": TOO_LARGE})
    except Exception:
        text = json.dumps({"unreadable": BROKEN})
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
