"""`monitor test`: a whole run is shared among the cores, a part of one is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from monitor.commands.setting_up import in_parallel
from monitor.commands.setting_up import test as command
from tests.conftest import LONGEST


@pytest.mark.parametrize("arguments", [[], ["-q"], ["-x", "--tb=short"], ["-vv", "--durations=10", "-ra"]])
def test_a_whole_run_is_shared_among_the_cores(arguments: list[str]) -> None:
    assert "--numprocesses=auto" in in_parallel(arguments)
    assert "--dist=loadfile" in in_parallel(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests/test_docs.py"],
        ["-m", "browser"],
        ["-m", "slow"],
        ["-mslow"],
        ["-k", "claim"],
        ["-q", "tests/alerts"],
        ["--pdb"],
        ["-n", "2"],
        ["--collect-only"],
        ["-h"],
    ],
)
def test_a_part_of_one_is_not(arguments: list[str]) -> None:
    assert in_parallel(arguments) == []


@pytest.mark.parametrize("typed", [["-v"], ["-v", "-k", "waits"]])
def test_the_command_hands_it_to_pytest(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/echo")  # says what would have been run
    assert command(typed) == 0
    assert capfd.readouterr().out.split() == ["-m", "pytest", *in_parallel(typed), *typed]


def test_the_files_that_are_begun_first_are_there() -> None:
    assert [name for name in LONGEST if not (Path(__file__).parents[1] / name).is_file()] == []
    assert "--no-loadscope-reorder" in in_parallel([])  # else xdist puts those of few tests last
