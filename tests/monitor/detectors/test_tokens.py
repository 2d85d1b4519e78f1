"""What is looked up is what the tokenizer would say."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from monitor.detectors import reader as module
from monitor.detectors.tokens import MOST_TOKENS, Tokens

DESCRIBED = (Path(module.__file__).parent / module.FOLDER / "tokens.json").read_text("utf-8")


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens(DESCRIBED)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """By itself, with the limit of a window."""
    made = Tokenizer.from_str(DESCRIBED)
    made.enable_truncation(MOST_TOKENS)
    return made


def said(tokenizer: Tokenizer, pieces: list[str]) -> tuple[list[int], list[int | None]]:
    encoded = tokenizer.encode(pieces, is_pretokenized=True)
    return encoded.ids, encoded.word_ids


def test_what_is_looked_up_is_what_the_tokenizer_says(tokens: Tokens, tokenizer: Tokenizer) -> None:
    known = list(tokenizer.get_vocab())
    assert len(known) > 20_000
    for start in range(0, len(known), MOST_TOKENS // 4):
        some = known[start : start + MOST_TOKENS // 4]
        assert tokens.cut(some, range(len(some))) == said(tokenizer, some), some


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        ["the", "skibidi", "toilet", ",", '"', "@", "don't", "£5"],
        ["The", "[CLS]", "[SEP]", "[PAD]", "##ing", "ing"],
        ["żółć", "\u200d", "\U0001f389", "naïve"],
        ["x" * 41, "well"],
        ["a-b.c", "y7", "8th", "o'clock"],
    ],
)
def test_what_is_not_known_whole_is_cut_as_the_tokenizer_cuts_it(
    tokens: Tokens, tokenizer: Tokenizer, pieces: list[str]
) -> None:
    assert tokens.cut(pieces, range(len(pieces))) == said(tokenizer, pieces)


@pytest.mark.parametrize("count", [MOST_TOKENS - 3, MOST_TOKENS - 2, MOST_TOKENS - 1, 3 * MOST_TOKENS])
@pytest.mark.parametrize("piece", ["school", "skibidi"])
def test_what_is_over_a_window_s_limit_is_left_out_as_the_tokenizer_does(
    tokens: Tokens, tokenizer: Tokenizer, piece: str, count: int
) -> None:
    numbers, words = tokens.cut([piece] * count, range(count))
    assert (numbers, words) == said(tokenizer, [piece] * count)
    assert len(numbers) == len(words) <= MOST_TOKENS


def test_a_token_belongs_to_the_owner_of_its_piece(tokens: Tokens) -> None:
    _, words = tokens.cut(["school", "skibidi", "."], [7, 8, 8])
    assert words[0] is words[-1] is None
    assert words[1] == 7
    assert set(words[2:-1]) == {8}
    assert len(words) > 5


def test_only_what_is_not_known_whole_costs_the_tokenizer(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = tokens._tokenizer

    class Asked:
        def encode(self, piece: str, **how: bool) -> object:
            asked.append(piece)
            return real.encode(piece, **how)

    monkeypatch.setattr(tokens, "_tokenizer", Asked())
    tokens.cut(["the", "skibidi", "school", "."], range(4))
    assert asked == ["skibidi"]
