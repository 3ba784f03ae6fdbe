"""The direction of imports: casework has one, and so do the rooms."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from csc_hub.process import STEPS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("kernel", "settings", "db", "schema", "audit adapters privacy", "outbox", "people", "web", "papers", "process", "exchange", "overview", "demonstration", "cli")
"""In order: a room imports only earlier ones. `web` stands where guards and errors need it, and only routes import it."""
ROUTES = {"routes", "council", "our_actions", "signing_in", "health", "frame", "rows", "remembered", "reply_routes", "sending_routes", "register_routes", "attendance", "signatures", "cover_routes", "at_door_routes", "signing_routes", "merging_routes", "passing_routes", "check_routes", "incoming_routes", "returning_routes", "asking_routes", "scans", "officer"}
PURE = {"rules", "statuses"}

AUDIT_PAGING = ("csc_hub.process.contexts.routes", "csc_hub.audit.routes")
DRAFTS = ("csc_hub.exchange.matching", "csc_hub.exchange.updates")
READ = ("csc_hub.exchange.merging", "csc_hub.exchange.updates")
AUDIT_GUARD = ("csc_hub.audit.routes", "csc_hub.people.rules")
ALLOWED = {
    AUDIT_PAGING: "a context's history is read page by page as the whole hub's is",
    AUDIT_GUARD: "the guard of the page of events names what people may do",
    DRAFTS: "the drafts that matching lays beside the plan; what reads the file stands behind them",
    READ: "what was read of a workbook, which merging lays beside the plan; what reads the file stands behind it",
}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in sorted((ROOT / "csc_hub").rglob("*.py")) if "migrations" not in path.parts}


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


@cache
def imports(module: str) -> tuple[tuple[str, str], ...]:
    """(module, name) of every import, also inside functions and for type checking; modules of ours by their full name."""
    found = []
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.append((whole, "") if whole in MODULES else (node.module or "", alias.name))
    return tuple(found)


def _ours() -> Iterator[tuple[str, str, str]]:
    """(importing module, imported module, name) among our own, but for what is allowed."""
    for module in MODULES:
        for other, name in imports(module):
            if other.split(".")[0] == "csc_hub" and (module, other) not in ALLOWED:
                assert other in MODULES, f"{module} imports {other}, which is not there"
                yield module, other, name


def room(module: str) -> str:
    """The room a module lies in: '' for the package itself."""
    return (module.split(".") + [""])[1]


def step(module: str) -> str:
    """The step of the process a module belongs to, or ''."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 and parts[1] == "process" else ""


def stem(module: str) -> str:
    """The last part of a module's name."""
    return module.rpartition(".")[2]


def is_routes(module: str) -> bool:
    """Whether a module answers requests."""
    return stem(module) in ROUTES


def is_pure(module: str) -> bool:
    """Whether a module promises to know neither database nor request."""
    return stem(module) in PURE or "Pure." in (ast.get_docstring(_tree(module)) or "")


def _rank(name: str) -> int:
    return next(number for number, names in enumerate(ROOMS) if name in names.split())


def test_every_room_and_step_has_its_place_in_the_order() -> None:
    assert {room(module) for module in MODULES} - {""} == set(" ".join(ROOMS).split())
    assert {step(module) for module in MODULES} - {""} == set(STEPS)


def test_an_earlier_room_never_imports_a_later_one() -> None:
    for module, other, name in _ours():
        if module == "csc_hub" or room(module) == room(other):
            continue
        if room(other) == "":
            assert (other, name) in (("csc_hub", ""), ("csc_hub", "create_app"), ("csc_hub", "__version__")), (module, name)
        elif not (room(other) == "web" and is_routes(module)):
            assert _rank(room(other)) < _rank(room(module)), f"{module} imports {other}: {room(module)} comes before {room(other)}"


def test_an_earlier_step_never_imports_a_later_one() -> None:
    for module, other, _ in _ours():
        if step(module) and step(other):
            assert STEPS.index(step(other)) <= STEPS.index(step(module)), f"{module} imports {other}"


def test_inside_a_room_rules_come_before_records_before_services_before_routes() -> None:
    def floor(module: str) -> int | None:
        if is_routes(module):
            return 3
        return 0 if is_pure(module) else {"records": 1, "service": 2}.get(stem(module))

    for module, other, _ in _ours():
        if room(module) == room(other) and step(module) == step(other):
            mine, theirs = floor(module), floor(other)
            if mine is not None and theirs is not None:
                assert theirs <= mine, f"{module} imports {other}"
            assert theirs != 3 or mine == 3, f"{module} imports {other}"


def test_rules_import_only_the_standard_library_the_kernel_and_rules() -> None:
    for module in filter(is_pure, MODULES):
        for other, _ in imports(module):
            ours = other in MODULES and (other == "csc_hub.kernel" or is_pure(other)) or (module, other) in ALLOWED
            assert ours or other.split(".")[0] in sys.stdlib_module_names, f"{module} imports {other}"
    kernel = {other.split(".")[0] for other, _ in imports("csc_hub.kernel")}
    assert kernel <= set(sys.stdlib_module_names)


def test_only_routes_know_the_request() -> None:
    for module in MODULES:
        if is_routes(module) or room(module) in ("", "web"):
            continue
        for other, name in imports(module):
            assert other != "flask" or name in ("current_app", "has_app_context"), f"{module} imports flask.{name}"
            assert other.split(".")[0] not in ("flask_login", "flask_wtf", "wtforms", "werkzeug") or room(module) == "demonstration", f"{module} imports {other}"


def test_only_routes_and_create_app_know_the_web_room() -> None:
    for module, other, _ in _ours():
        if room(other) == "web":
            assert module == "csc_hub" or is_routes(module) or room(module) == "web", f"{module} imports {other}"


def test_nobody_imports_another_steps_routes() -> None:
    for module, other, _ in _ours():
        if is_routes(other) and (room(module), step(module)) != (room(other), step(other)):
            assert module == "csc_hub" or room(module) == "overview", f"{module} imports {other}"


def test_adapters_know_no_word_of_the_domain() -> None:
    for module, other, _ in _ours():
        if room(module) == "adapters":
            assert room(other) in ("adapters", "kernel", "settings"), f"{module} imports {other}"


def test_only_the_assembly_and_the_commands_know_the_demonstration() -> None:
    for module, other, _ in _ours():
        if room(other) == "demonstration":
            assert room(module) in ("", "demonstration", "cli"), module


def test_every_exception_is_still_needed() -> None:
    for module, other in ALLOWED:
        assert other in {found for found, _ in imports(module)}, f"{module} no longer imports {other}: strike it off"
