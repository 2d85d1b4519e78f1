"""docs/watching.md names every kind of trouble as the code has it, and the code opens no trouble that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from monitor.domain import Role
from monitor.troubles import KINDS, UNKNOWN, area, kind_of
from tests.school import ROOT

DOCUMENT = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
SHORT = {Role.IT: "IT", Role.ESAFETY: "e-safety", Role.DSL: "DSL"}
SOURCES = [path for folder in ("monitor", "alerts", "connectors") for path in (ROOT / folder).rglob("*.py")]


def rows() -> dict[str, list[str]]:
    section = DOCUMENT.partition("## Every trouble")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| `([a-z -]+)` \| (.+) \|$", section, re.MULTILINE)
    return {key: [cell.strip() for cell in rest.split("|")] for key, rest in lines}


def test_the_table_says_of_each_trouble_what_the_code_does() -> None:
    found = rows()
    assert found.keys() == KINDS.keys()
    for key, kind in KINDS.items():
        title, told, waits, ends, cure = found[key]
        assert title == kind.title
        assert told == ", ".join(SHORT[role] for role in kind.told), key
        assert (waits == "yes", ends == "yes") == (kind.soon, kind.ends), key
        assert len(cure) > 10, key


def test_what_leaves_the_lists_by_itself_is_named() -> None:
    (named,) = re.findall(r"does not last \(([^)]+)\)", DOCUMENT)
    assert set(re.findall(r"`([^`]+)`", named)) == {key for key, kind in KINDS.items() if kind.news}


def test_every_metric_is_named() -> None:
    source = (ROOT / "monitor" / "app" / "metrics.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"(schoolgate_[a-z_]+)"', source)) | {"schoolgate_info"}
    waiting = set(re.findall(r'^    "([a-z_]+)": "', source, re.MULTILINE))
    assert named | {f"schoolgate_{key}" for key in waiting} == set(
        re.findall(r"`(schoolgate_[a-z_]+)`", DOCUMENT)
    )


def opened_keys(path: Path) -> list[str]:
    """What stands at the start of each key that this module opens an incident with."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _named(target, node.value, names)
        elif isinstance(node, ast.FunctionDef):
            for made in ast.walk(node):
                if isinstance(made, ast.Return) and made.value is not None:
                    names.setdefault(f"{node.name}()", []).append(made.value)
            _given(node, tree, names)
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open_incident":
            found += _starts(node.args[2], names)
    return found


def _given(function: ast.FunctionDef, tree: ast.Module, names: dict[str, list[ast.expr]]) -> None:
    """What the module's own calls give as this function's arguments."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name:
            for parameter, value in zip(function.args.args, call.args, strict=False):
                names.setdefault(parameter.arg, []).append(value)


def _named(target: ast.expr, value: ast.expr, names: dict[str, list[ast.expr]]) -> None:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            _named(one, its, names)
    elif isinstance(target, ast.Name):
        names.setdefault(target.id, []).append(value)


def _starts(key: ast.expr, names: dict[str, list[ast.expr]]) -> list[str]:  # noqa: PLR0911 - one for each shape
    if isinstance(key, ast.Constant):
        return [str(key.value)]
    if isinstance(key, ast.JoinedStr):
        return _starts(key.values[0], names)
    if isinstance(key, ast.FormattedValue):
        return _starts(key.value, names)
    if isinstance(key, ast.BinOp):
        return _starts(key.left, names)
    if isinstance(key, ast.IfExp):
        return _starts(key.body, names) + _starts(key.orelse, names)
    if isinstance(key, ast.Name) and key.id in names:
        return [start for value in names[key.id] for start in _starts(value, names)]
    if isinstance(key, ast.Call) and isinstance(key.func, ast.Name) and f"{key.func.id}()" in names:
        return [start for value in names[f"{key.func.id}()"] for start in _starts(value, names)]
    if isinstance(key, ast.Call) and isinstance(key.func, ast.Name) and key.func.id == "incident":
        return ["stream:"]  # of monitor/poll.py
    if isinstance(key, ast.Attribute) and key.attr == "incident":  # a mailbox's turn brings its own
        return ["inbox:"]
    raise AssertionError(f"line {key.lineno}: nobody can see which incident is opened here")


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if "open_incident(" in p.read_text(encoding="utf-8")], ids=str
)
def test_no_incident_is_opened_that_nobody_wrote_down(path: Path) -> None:
    starts = opened_keys(path)
    assert starts or path.name == "incidents.py"
    assert [start for start in starts if area(start) not in KINDS] == []


def test_an_unknown_kind_is_the_technicians_all_the_same() -> None:
    assert kind_of("something:new") is UNKNOWN
    assert UNKNOWN.told == (Role.IT,)
