"""The model that reads a text as a whole: which of its heads say yes, how surely, and because of which words.

A small transformer in eight-bit numbers, run on one core. Each window of a text is run by itself: in a batch the eight-bit
scale of one text would depend on its neighbours, and evidence must not. The same text always gets the same answer.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.detectors.normalise import Reading
from monitor.detectors.wording import passages, windows, wording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "model"
FILES = ("model.onnx", "tokens.json", "model.toml")
_FREE = (
    3  # passages; each further one is one more chance to be wrong, and the odds must be so many times as good
)
_SURE = 30.0  # beyond it a chance is 0 or 1 in floating point


class ModelError(Exception):
    """The model cannot be used; the text is one sentence with the cure."""


@dataclass(frozen=True, slots=True)
class Head:
    """One head as `model.toml` describes it. From the chance `alert` on it is a finding; from `doubt` down, a rule
    of the same kind that is not `firm` is not believed."""

    name: str
    alert: float
    notice: float
    doubt: float
    policy: str
    reason: str


@dataclass(frozen=True, slots=True)
class Impression:
    """What the model makes of one text: the chance of each head, and the words [start, end) that tell most for it."""

    chances: Mapping[str, float]
    places: Mapping[str, tuple[int, int]]


class Model:
    """Loaded once; `look` may be called from any thread. About 130 MB of memory."""

    def __init__(self, folder: Path | None = None) -> None:
        """ModelError: a file or a library is missing or damaged."""
        try:
            import onnxruntime

            from monitor.detectors.tokens import Tokens
        except ImportError as error:
            raise ModelError(
                f"the model cannot be loaded ({error.name} is not installed); install Schoolgate with all that it "
                'needs, or set detection.model = "off"'
            ) from error
        place: Traversable = folder or resources.files("monitor.detectors").joinpath(FOLDER)
        try:
            described = tomllib.loads(place.joinpath("model.toml").read_text("utf-8"))
            self._tokens = Tokens(place.joinpath("tokens.json").read_text("utf-8"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3  # errors
            self._session = onnxruntime.InferenceSession(
                place.joinpath("model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the libraries raise types of their own
            raise ModelError(
                f"the model in {place} cannot be loaded ({type(error).__name__}); install Schoolgate again, or set "
                'detection.model = "off"'
            ) from error
        self.name: str = described["name"]
        self.heads: Mapping[str, Head] = {
            name: Head(name, row["alert"], row["notice"], row["doubt"], row["policy"], row["reason"])
            for name, row in described["head"].items()
        }

    def look(self, reading: Reading) -> Impression:
        """The chances of a text: for each head those of the window, or the sentence in it, where they are highest.

        A long letter has many sentences, and the one that looks worst looks worse the more there are: its odds are
        divided by their number over _FREE.
        """
        chances = dict.fromkeys(self.heads, 0.0)
        places = dict.fromkeys(self.heads, (0, len(reading.words)))
        parts = [(start, end, list(passages(reading, start, end))) for start, end in windows(reading)]
        many = math.log(max(1.0, sum(len(some) for _, _, some in parts) / _FREE))
        for start, end, some in parts:
            numbers, words = self._tokens.cut(*wording(reading, start, end))
            logits = self._logits(numbers)
            told = [slice(None), *(_within(words, passage) for passage in some[1:])]
            means = [_mean(logits[inside]) for inside in told]
            for column, (name, of_passages) in enumerate(
                zip(self.heads, zip(*means, strict=True), strict=True)
            ):
                highest = max(of_passages)
                chance = _chance(highest - many)
                if chance > chances[name]:
                    chances[name] = chance
                    if chance >= self.heads[name].notice:
                        at = of_passages.index(highest)
                        inside = told[at]
                        places[name] = _telling(logits[inside, column], words[inside], some[at])
        return Impression(chances, places)

    def _logits(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Of each token those of each head."""
        import numpy as np

        ids = np.array([numbers], dtype=np.int64)
        logits: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        return logits


def _within(words: Sequence[int | None], passage: tuple[int, int]) -> slice:
    """The tokens of a passage: they stand in the order of its words."""
    at = [place for place, word in enumerate(words) if word is not None and passage[0] <= word < passage[1]]
    return slice(at[0], at[-1] + 1) if at else slice(None)


def _mean(logits: NDArray[np.float32]) -> list[float]:
    """Of each head; `logits.mean(0)` says the same in three times the time."""
    means: list[float] = (logits.sum(axis=0) / len(logits)).tolist()
    return means


def _chance(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-_SURE, min(_SURE, logit))))


def _telling(
    logits: NDArray[np.float32], words: Sequence[int | None], window: tuple[int, int]
) -> tuple[int, int]:
    """The run of words that adds most to the mean: exact, because the logit of a text is the mean of its tokens'."""
    added: dict[int, float] = {}
    for value, word in zip(logits, words, strict=True):
        if word is not None:
            added[word] = added.get(word, 0.0) + float(value)
    if not added or max(added.values()) <= 0:
        return window
    best, place, total, start = 0.0, window, 0.0, window[0]
    for word in range(*window):
        if total <= 0:
            total, start = 0.0, word
        total += added.get(word, 0.0)
        if total > best:
            best, place = total, (start, word + 1)
    return place
