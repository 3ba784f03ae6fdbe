"""Reads a square code as a camera would, from the picture on a page: for addresses of 63 to 84 bytes (version 5, level M)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

SIZE = 37
MASKS: list[Callable[[int, int], bool]] = [
    lambda y, x: (y + x) % 2 == 0, lambda y, x: y % 2 == 0, lambda y, x: x % 3 == 0, lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0, lambda y, x: (y * x) % 2 + (y * x) % 3 == 0,
    lambda y, x: ((y * x) % 2 + (y * x) % 3) % 2 == 0, lambda y, x: ((y + x) % 2 + (y * x) % 3) % 2 == 0]


def _dark(picture: str) -> set[tuple[int, int]]:
    """The dark squares, (row, column), of a picture drawn in strokes."""
    found, x, y = set(), 0.0, 0.0
    (strokes,) = re.findall(r'class="qrline"[^>]* d="([^"]+)"', picture)
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes):
        values = [float(n) for n in numbers.split()]
        if command == "h":
            found |= {(int(y), int(x) + n) for n in range(int(values[0]))}
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    top, left = min(y for y, _ in found), min(x for _, x in found)
    return {(y - top, x - left) for y, x in found}


def _is_fixed(y: int, x: int) -> bool:
    corner = (y < 9 and x < 9) or (y < 9 and x >= SIZE - 8) or (y >= SIZE - 8 and x < 9)
    return corner or y == 6 or x == 6 or (28 <= y <= 32 and 28 <= x <= 32)


def _way() -> Iterator[tuple[int, int]]:
    """The squares in the order in which they hold the bits."""
    right, up = SIZE - 1, True
    while right > 0:
        right -= right == 6
        for step in range(SIZE):
            for x in (right, right - 1):
                yield (SIZE - 1 - step if up else step), x
        right, up = right - 2, not up


def read(picture: str) -> str:
    """What the code says."""
    dark = _dark(picture)
    assert max(max(place) for place in dark) == SIZE - 1, "another size of code"
    said = [((8, x) in dark) != bit for x, bit in zip(range(5), (1, 0, 1, 0, 1))]
    level, mask = said[0] * 2 + said[1], MASKS[said[2] * 4 + said[3] * 2 + said[4]]
    assert level == 0, "another level than M"
    bits = "".join("01"[((y, x) in dark) != mask(y, x)] for y, x in _way() if not _is_fixed(y, x))
    words = [int(bits[at:at + 8], 2) for at in range(0, 86 * 8, 8)]
    data = "".join(f"{word:08b}" for word in words[0::2] + words[1::2])
    assert data[:4] == "0100", "not bytes"
    length = int(data[4:12], 2)
    return bytes(int(data[12 + 8 * n:20 + 8 * n], 2) for n in range(length)).decode()
