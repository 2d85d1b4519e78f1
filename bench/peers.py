"""Two tools that others use for this, where they are installed: `pip install -r bench/requirements.txt`."""

from __future__ import annotations

import importlib
from collections.abc import Callable

Flag = Callable[[str], bool]


def peers() -> tuple[dict[str, Flag], list[str]]:
    """Those that are installed, by name, and the names of those that are not."""
    found: dict[str, Flag] = {}
    missing: list[str] = []
    for name, make in (
        ("better_profanity", _better_profanity),
        ("alt-profanity-check", _alt_profanity_check),
    ):
        try:
            found[name] = make()
        except ImportError:
            missing.append(name)
    return found, missing


def _better_profanity() -> Flag:
    profanity = importlib.import_module("better_profanity").profanity
    profanity.load_censor_words()
    return lambda text: bool(profanity.contains_profanity(text))


def _alt_profanity_check() -> Flag:
    check = importlib.import_module("profanity_check")
    return lambda text: bool(check.predict([text])[0])
