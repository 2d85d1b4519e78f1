"""The measurements of bench/detection.py measure what they say."""

from __future__ import annotations

import json

import pytest

from bench import detection, quality, speed
from bench.peers import peers
from monitor.domain import Finding, Severity


def said(category: str, severity: Severity = Severity.HIGH) -> tuple[Finding, ...]:
    return (Finding(category, severity, "some.rule", "It may be", (0, 1)),)


def test_flagging_everything_and_nothing_are_told_from_telling_apart() -> None:
    everything = quality.functions(lambda text: True, "dev", 3)
    nothing = quality.functions(lambda text: False, "dev", 3)
    assert (everything["recall"], everything["false_positive_rate"]) == (100, 100)
    assert (nothing["recall"], nothing["false_positive_rate"]) == (0, 0)
    truth = {row["text"]: row["hateful"] for row in quality.rows_of("functions", "dev", 3)}
    perfect = quality.functions(truth.__getitem__, "dev", 3)
    assert (perfect["macro_f1"], perfect["group_gap"]) == (100, 0)


def test_a_comment_is_right_only_in_its_category_and_severity() -> None:
    low = quality.school(lambda text: said("threat", Severity.LOW), "dev", 2)
    high = quality.school(lambda text: said("threat"), "dev", 2)
    assert low["named"]["threat"] == [2, 2]
    assert low["right"]["threat"] == [0, 2]
    assert high["right"]["threat"] == [2, 2]
    assert high["named"]["spam"] == [0, 2]
    assert high["critical_raised"] == [6, 6]
    assert high["alarms"]["hard"][0] == high["alarms"]["hard"][1]
    assert low["alarms"]["hard"][0] == 0


def test_of_the_disguised_only_those_found_in_plain_words_count() -> None:
    found = quality.obfuscated(lambda text: said("insult"), 1)
    assert quality.total(found["by_kind"])[0] == quality.total(found["by_kind"])[1] > 0
    assert quality.total(quality.obfuscated(lambda text: (), 1)["by_kind"]) == (0, 0)


def test_each_speed_is_of_every_text() -> None:
    judged: list[str] = []
    paced = speed.pace(judged.append, ["a", "b", "c"])
    assert judged == ["a", "b", "c"]
    assert paced.keys() == {"texts_a_second", "p50_ms", "p99_ms"}
    assert list(speed.by_length(judged.append, ["abc"], 16_000)) == [1000, 4000, 16_000]


def test_a_peer_is_measured_or_named_as_missing() -> None:
    found, missing = peers()
    assert sorted([*found, *missing]) == ["alt-profanity-check", "better_profanity"]


@pytest.mark.slow
def test_the_whole_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert detection.main(["--quick", "--most", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["rules + model"]["functions"].keys() >= {"macro_f1", "false_positive_rate", "by_function"}
    assert result["speed"].keys() >= {"rules", "rules + names", "rules + names + model"}
