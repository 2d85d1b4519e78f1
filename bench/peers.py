"""Two tools that others use for this, where they are installed: `pip install -r bench/requirements.txt`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

Flag = Callable[[str], bool]


class Peer(NamedTuple):
    """`many` judges texts at once, where a tool can."""

    one: Flag
    many: Callable[[Sequence[str]], object] | None = None


def peers() -> tuple[dict[str, Peer], dict[str, str]]:
    """Those that are installed, by name, and of the others why they are not measured."""
    found: dict[str, Peer] = {}
    missing: dict[str, str] = {}
    for name, make in (
        ("better_profanity", _better_profanity),
        ("alt-profanity-check", _alt_profanity_check),
    ):
        try:
            found[name] = make()
        except ImportError as error:
            missing[name] = (
                f"{error.name} is not installed, so it is not measured: pip install -r bench/requirements.txt"
            )
    return found, missing


def _better_profanity() -> Peer:
    profanity = importlib.import_module("better_profanity").profanity
    profanity.load_censor_words()
    return Peer(lambda text: bool(profanity.contains_profanity(text)))


def _alt_profanity_check() -> Peer:
    predict = importlib.import_module("profanity_check").predict
    return Peer(lambda text: bool(predict([text])[0]), lambda texts: predict(list(texts)))
