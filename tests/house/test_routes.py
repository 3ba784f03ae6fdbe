"""URLs change only on purpose, and behind every one stands exactly one guard."""

from __future__ import annotations

import os
from pathlib import Path

from tests.house.ground import routes
from tests.hub import Hub

LIST = Path(__file__).with_name("urls.txt")


def test_every_route_has_exactly_one_guard(shared_hub: Hub) -> None:
    for route in routes(shared_hub.app):
        view = shared_hub.app.view_functions[route.endpoint]
        assert route.guard, f"{route.rule} has no guard"
        inner = getattr(view, "__wrapped__", None)
        assert inner is None or not hasattr(inner, "guard"), f"{route.rule} has two guards"
        if route.endpoint not in ("static", "theme"):
            assert inner is not None, f"{route.rule} names a guard and has none"


def test_what_belongs_to_a_context_is_guarded_by_its_door(shared_hub: Hub) -> None:
    for route in routes(shared_hub.app):
        assert ("context_id" in route.params) == route.guard.startswith("in context"), route


def test_only_signing_in_and_what_pages_are_made_of_is_open_to_anyone(shared_hub: Hub) -> None:
    assert {route.endpoint for route in routes(shared_hub.app) if route.guard == "anyone"} == {
        "checking.check", "doors.link", "health.healthz", "replies.code", "replies.link", "signing.leave", "signing.link", "signing_in.choose_password", "signing_in.sign_in", "signing_in.sign_in_as", "static", "theme"}


def test_urls_change_only_on_purpose(shared_hub: Hub) -> None:
    text = "".join(f"{r.method:5} {r.rule}  {r.endpoint}  [{r.guard}]\n" for r in routes(shared_hub.app))
    if os.environ.get("CSC_UPDATE") == "1":
        LIST.write_text(text)
    assert text == LIST.read_text(), "URLs change only on purpose: run again with CSC_UPDATE=1 and look at the diff"


def test_ids_in_urls_cannot_be_guessed(shared_hub: Hub) -> None:
    for rule in shared_hub.app.url_map.iter_rules():
        for name in rule.arguments - {"token", "key", "sign_key", "door_key", "which", "how", "question", "ending", "filename", "document"}:
            assert f"<uuid:{name}>" in rule.rule, f"{rule.rule}: {name} is not a uuid"
