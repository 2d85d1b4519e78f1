"""The table of promises under attack: what breaks one is never left out, and the README quotes what the command prints."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import attack, faults
from bench.attack import Attack, command, held, table
from monitor import crash
from tests.school import ROOT

KEPT = Attack("Nothing is lost", "killing it", 1_200, 0, "30 items")
BROKEN = Attack("Nothing is doubled", "killing it", 7, 2)
POINT = re.compile(r'\bpoint\("([a-z_.]+)"\)')


def test_the_table_names_promise_attack_times_and_violations() -> None:
    assert table([KEPT, BROKEN]).splitlines() == [
        "| promise | attacked by | times | violations |",
        "|---|---|---:|---:|",
        "| Nothing is lost | killing it (30 items) | 1,200 | 0 |",
        "| Nothing is doubled | killing it | 7 | 2 |",
    ]


def test_a_promise_holds_when_it_was_attacked_and_never_broke() -> None:
    assert held([KEPT])
    assert not held([KEPT, BROKEN])
    assert not held([Attack("Nothing is lost", "killing it", 0, 0)])
    assert not held([])


@pytest.mark.parametrize(("row", "code"), [(KEPT, 0), (BROKEN, 1)])
def test_a_measurement_gives_its_rows_as_json_and_ends_by_them(
    row: Attack, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def measure(full: bool) -> list[Attack]:
        asked.append(full)
        return [row]

    monkeypatch.setattr(sys, "argv", ["measurement", "--json", "--full"])
    assert command(measure, "one measurement") == code
    assert asked == [True]
    assert [Attack(**one) for one in json.loads(capsys.readouterr().out)] == [row]


def test_a_measurement_that_fails_is_a_violation(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = faults.measured("no_such_measurement", full=False)
    assert (row.times, row.violations) == (1, 1)
    assert "no_such_measurement" in row.promise


def test_a_measurement_that_does_not_end_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LONGEST", {False: 0.01, True: 0.01})
    (row,) = faults.measured("attack", full=False)
    assert (row.times, row.violations) == (1, 1)


@pytest.mark.parametrize("name", faults.MEASURED)
def test_every_measurement_of_the_table_is_there(name: str) -> None:
    there = importlib.util.find_spec(f"bench.{name}")
    assert there is not None
    if there.submodule_search_locations is not None:  # a package is run by its __main__
        assert importlib.util.find_spec(f"bench.{name}.__main__") is not None
    else:
        assert callable(importlib.import_module(f"bench.{name}").measure)


def test_the_readme_quotes_a_run_without_a_violation() -> None:
    _, _, rest = (ROOT / "README.md").read_text("utf-8").partition(attack.HEAD + "\n")
    rows = [line.strip("| ").split(" | ") for line in rest.split("\n\n")[0].splitlines()]
    assert rows
    assert {len(row) for row in rows} == {4}
    assert all(int(times.replace(",", "")) > 0 and violations == "0" for _, _, times, violations in rows)


def test_every_point_of_death_is_on_the_list_and_in_the_code() -> None:
    lists = [value for name, value in vars(crash).items() if name.endswith("POINTS")]
    listed = [point for points in lists for point in points]
    packages = (ROOT / package for package in ("monitor", "alerts", "connectors"))
    files = [path for package in packages for path in package.rglob("*.py") if path != Path(crash.__file__)]
    found = {point for path in files for point in POINT.findall(path.read_text("utf-8"))}
    assert sorted(set(listed)) == sorted(listed)
    assert found == set(listed)


def test_saved_runs_are_one_table_of_a_row_a_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file, rows in zip(files, ([KEPT, KEPT], [BROKEN]), strict=True):
        file.write_text(json.dumps([asdict(row) for row in rows]))
    monkeypatch.setattr(sys, "argv", ["faults", "--saved", *map(str, files)])
    assert faults.main() == 1
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 + len({KEPT.promise, BROKEN.promise})
    assert said[2].startswith(f"| {KEPT.promise} | 2 kinds of attack")
    assert f"| {2 * KEPT.times:,} | 0 |" in said[2]
