from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from alerts.report_paths import ReportPath, load_report_paths
from alerts.words import NEVER_HIDDEN
from connectors import CONNECTORS
from monitor.errors import ConfigError
from monitor.triage import CATEGORIES


@pytest.mark.parametrize("network", sorted(CONNECTORS))
def test_every_category_that_may_be_reported_has_its_path_on_every_network(network: str) -> None:
    paths = load_report_paths()
    for category in CATEGORIES:
        path = paths.path(network, category)
        assert bool(path.choose) == (category not in NEVER_HIDDEN | {"unverified_follower"}), category
        assert path.paste.endswith(".")
        assert path.gives


def test_what_a_kind_of_discrimination_is_called_is_its_familys() -> None:
    assert load_report_paths().path("x", "discrimination.race").choose == ("Hate",)


def test_what_is_not_written_down_is_an_empty_path() -> None:
    assert load_report_paths().path("bluesky", "threat") == ReportPath()


def test_a_schools_own_file_is_laid_over_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "reports.toml"
    own.write_text('reviewed = 2027-01-05\n[x]\nchoose.threat = ["Threats"]\n')
    paths = load_report_paths(own)
    assert paths.reviewed == date(2027, 1, 5)
    assert paths.path("x", "threat").choose == ("Threats",)
    assert paths.path("x", "insult") == load_report_paths().path("x", "insult")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[x\n", "cannot be read"),
        ("reviewed = 'soon'\n", "reviewed is no date"),
        ("[orkut]\n", "orkut is no table of a network"),
        ("x = 3\n", "x is no table of a network"),
        ("[x]\nchose.threat = ['a']\n", "x.chose is unknown"),
        ("[x]\nchoose.threat = 'a'\n", "must be a list"),
        ("[x]\nform.threat = 'https://x.com.evil.example/'\n", "does not lead to x"),
        ("[x]\nform.threat = 'http://help.x.com/'\n", "does not lead to x"),
        ("[facebook]\nform.threat = 'https://help.x.com/'\n", "does not lead to facebook"),
    ],
)
def test_a_bad_file_is_one_clear_sentence(tmp_path: Path, text: str, says: str) -> None:
    own = tmp_path / "reports.toml"
    own.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        load_report_paths(own)
    assert len(caught.value.problems) == 1
