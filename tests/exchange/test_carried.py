"""The rules for hidden things are written down where people read them."""

from pathlib import Path

from csc_hub.exchange.reading.carried import KINDS


def test_every_kind_and_its_rule_stands_in_the_table() -> None:
    table = (Path(__file__).resolve().parents[2] / "docs" / "hidden-content.md").read_text()
    assert [line for line in table.splitlines() if line.startswith("| ") and "|" in line[2:]][1:] == [
        f"| {kind.name} | {kind.coming_in} | {kind.going_out} |" for kind in KINDS.values()]
