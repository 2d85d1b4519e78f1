"""The measurements of bench/detection.py measure what they say."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from bench import detection, pupils, quality, speed
from bench.peers import peers
from bench.report import show
from bench.targets import targets
from monitor.detectors import Judge, load_rules
from monitor.domain import Finding, Severity


def said(category: str, severity: Severity = Severity.HIGH) -> tuple[Finding, ...]:
    return (Finding(category, severity, "some.rule", "It may be", (0, 1)),)


def test_flagging_everything_and_nothing_are_told_from_telling_apart() -> None:
    everything = quality.functions(lambda text: True, "open", 3)
    nothing = quality.functions(lambda text: False, "open", 3)
    assert (everything["recall"], everything["false_positive_rate"]) == (100, 100)
    assert (nothing["recall"], nothing["false_positive_rate"]) == (0, 0)
    truth = {row["text"]: row["hateful"] for row in quality.rows_of("functions", "open", 3)}
    perfect = quality.functions(truth.__getitem__, "open", 3)
    assert (perfect["macro_f1"], perfect["group_gap"]) == (100, 0)


def test_a_comment_is_right_only_in_its_category_and_severity() -> None:
    low = quality.school(lambda text: said("threat", Severity.LOW), "open", 2)
    high = quality.school(lambda text: said("threat"), "open", 2)
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


def test_a_peer_s_flag_counts_as_found_and_as_an_alert_and_names_nothing() -> None:
    flagged = quality.school(quality.look_of(lambda text: True), "open", 2)
    silent = quality.school(quality.look_of(lambda text: False), "open", 2)
    assert flagged["found"]["threat"] == flagged["alarms"]["hard"] == [2, 2]
    assert flagged["named"]["threat"] == silent["found"]["threat"] == [0, 2]


def test_lines_kept_from_training_are_counted_once_a_category() -> None:
    counted = quality.held_back(lambda text: said("threat"), 1)
    assert counted["named"]["threat"] == [10, 10]
    assert counted["named"]["spam"] == [0, 10]
    assert counted["found"]["spam"] == [10, 10]
    assert counted["alarms"]["everyday"] == [100, 100]


def test_pupils_are_invented_once_and_their_names_are_told_from_none() -> None:
    people = pupils.pupils()
    assert people == pupils.pupils()
    assert len(set(people)) == pupils.PUPILS
    assert all(
        slip != " ".join(one) for one in people[:200] for slip in [pupils.slip(*one, random.Random(1))]
    )
    none = pupils.names(lambda text: (), people[:3], ["Lovely"])
    assert none["full name"] == none["one letter wrong"] == [0, 3]
    assert none["no pupil's name"] == [0, 1]
    judge = Judge(load_rules(), register=pupils.register_of(people[:5]))
    found = pupils.names(judge, people[:5], ["Lovely"])
    assert found["full name"] == [5, 5]
    assert found["no pupil's name"] == [0, 1]


def test_each_speed_is_of_every_text() -> None:
    judged: list[str] = []
    paced = speed.pace(judged.append, ["a", "b", "c"])
    assert judged == ["a", "b", "c"]
    assert paced.keys() == {"texts_a_second", "p50_ms", "p99_ms"}
    assert list(speed.by_length(judged.append, ["abc"], 6000)) == [1000, 2000, 4000, 6000]
    assert len(set(speed.texts(None, 50))) == 50


def test_a_peer_is_measured_or_it_is_told_why_not() -> None:
    found, missing = peers()
    assert sorted([*found, *missing]) == ["alt-profanity-check", "better_profanity"]
    assert all("pip install" in why for why in missing.values())


def measurement(f1: float, hard: list[int], **more: Any) -> dict[str, Any]:
    """What `bench.detection` measures, as far as targets look at it."""
    functions = {"macro_f1": f1, "false_positive_rate": 5, "group_gap": 3, "by_function": {"slur": [9, 10]}}
    school = {"right": {"threat": [95, 100]}, "critical_raised": [9, 10], "alarms": {"hard": hard}}
    names = {kind: [1, 1] for kind in ("full name", "one letter wrong", "no pupil's name")}
    rates = {"rules + names": {"texts_a_second": 10_000}, "seconds_by_length": {"rules + names": {}}}
    return {
        "rules": {"functions": functions, "school": school} | more,
        "names": names, "speed": rates, "fresh_process": {},
    }  # fmt: skip


def test_a_target_is_reached_missed_or_not_measured() -> None:
    rows = targets(measurement(89.9, [1, 77], ordinary={"sms_spam": [2, 1000]}))
    reached = {row["target"]: row["reached"] for row in rows}
    assert reached["hateful or not: macro-F1"] is False
    assert reached["hateful or not: worst function, %"] is True
    assert reached["school comments: right category and severity, %"] is True
    assert reached["critical kinds raised to high or critical, %"] is False
    assert reached["hard harmless comments that alert, of 77"] is True
    assert reached["ordinary messages that alert, of 1,000"] is False
    assert reached["disguised, of those found in plain words, %"] is None
    assert reached["rules + names, texts a second"] is True
    assert reached["with the model too, texts a second"] is None
    assert targets(measurement(90, [2, 77]))[0]["reached"] is True
    assert targets(measurement(90, [2, 77]))[6]["reached"] is False


@pytest.mark.slow
def test_the_whole_prints_one_object_and_says_the_same_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert detection.main(["--quick", "--most", "5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"rules + model", "better_profanity", "alt-profanity-check"} <= result.keys() | result[
        "missing"
    ].keys()
    assert result["rules"].keys() >= {"functions", "school", "own"}
    assert result["speed"].keys() >= {"rules", "rules + names", "rules + names, as the service"}
    assert {row["reached"] for row in result["targets"]} <= {True, False, None}
    show(result)
    words = capsys.readouterr().out
    for row in result["targets"]:
        assert row["target"] in words
    assert all(name in words for name in result["missing"])


def test_fewer_than_one_line_of_a_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        detection.main(["--most", "0"])
    assert "--most" in capsys.readouterr().err
