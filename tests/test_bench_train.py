"""The lines that the model is trained on: read as they were meant, and none of those that it is measured with."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest

from bench.quality import HOLDOUT
from bench.train import seeds
from bench.train.heads import HEADS
from bench.train.noise import noisy
from monitor.triage import CATEGORIES

GIVEN = """\
# a comment
$ fruit = apple | pear

@ said : threat ?insult
I will throw (an|one) {fruit} at {name}
@ group : discrimination
{people:race} are lazy
@ said.twin :
{name} ate a {fruit} :)
"""


@pytest.fixture
def read(tmp_path: Path) -> list[seeds.Seed]:
    path = tmp_path / "some.seeds"
    path.write_text(GIVEN)
    return seeds.read(path)


def made(seed: seeds.Seed) -> list[seeds.Text]:
    return list(seeds.texts(seed, random.Random(1)))


def test_a_seed_makes_different_texts_of_its_choices(read: list[seeds.Seed]) -> None:
    texts = [one.text for one in made(read[0])]
    assert len(texts) == len(set(texts)) == seeds.MOST_OF_ONE
    assert all("{" not in text and "|" not in text for text in texts)
    assert {text.split()[3] for text in texts} <= {"an", "one"}


def test_what_is_not_named_is_a_no_and_what_is_undecided_is_left_out(read: list[seeds.Seed]) -> None:
    labels = made(read[0])[0].labels
    assert labels["threat"] == 1
    assert labels["spam"] == 0
    assert not labels.keys() & {"insult", "bullying", "profanity"}
    assert set(made(read[2])[0].labels.values()) == {0}
    assert made(read[2])[0].labels.keys() == set(HEADS)


def test_the_group_of_a_line_gives_its_characteristic(read: list[seeds.Seed]) -> None:
    for one in made(read[1]):
        assert (
            one.labels["discrimination"],
            one.labels["discrimination.race"],
            one.labels["discrimination.age"],
        ) == (1, 1, 0)


def test_a_smile_is_no_bracket(read: list[seeds.Seed]) -> None:
    assert all(one.text.endswith(":)") for one in made(read[2]))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("@ x : thret", "there is no category 'thret'"),
        ("@ x :\n{nobody}", r"there is no slot \{nobody\}"),
        ("@ x :\n(a|b", "a bracket is not closed"),
        ("@ x :\n{people:martians}", "no group or characteristic 'martians'"),
        ("words", "the first line must be a heading"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "bad.seeds").write_text(line)
    with pytest.raises(ValueError, match=rf"bad\.seeds:\d: .*{says}"):
        seeds.read(tmp_path / "bad.seeds")


def test_noise_is_the_same_for_the_same_seed() -> None:
    text = "you are not going to school tomorrow because of the snow"
    assert [noisy(text, random.Random(n)) for n in range(20)] == [
        noisy(text, random.Random(n)) for n in range(20)
    ]
    assert any(noisy(text, random.Random(n)) != text for n in range(20))


def test_every_head_is_a_category() -> None:
    assert set(HEADS) - {"discrimination"} <= CATEGORIES.keys()


def test_nothing_that_is_measured_with_is_trained_on() -> None:
    """Very short cries ("kys") stand in both; nothing of four words or more does."""
    measured = {
        " ".join(row["text"].lower().split())
        for name in ("school", "functions")
        for half in ("dev", "test", "fresh")
        for row in next(iter(tomllib.loads((HOLDOUT / f"{name}_{half}.toml").read_text("utf-8")).values()))
    }
    trained = {" ".join(one.text.lower().split()) for one in seeds.everything(2026)}
    assert len(trained) > 20_000
    assert {text for text in measured & trained if len(text.split()) > 3} == set()
