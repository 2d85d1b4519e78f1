"""Words that are harmless where they stand, whatever they mean elsewhere: pussy willow, a walk along the dyke. Pure.

The rules know such places from their own conditions. The model knows words by their company, and of a rude one it has
mostly met the rude company; so it is not shown them. The list is `harmless` in words/_context.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.detectors.index import Index
from monitor.detectors.normalise import Reading
from monitor.detectors.phrases import Who

INSTEAD = "thing"


class Harmless:
    """Finds the phrases of the list in a reading."""

    def __init__(self, index: Index[None], people: Mapping[str, Who]) -> None:
        self._index = index
        self._people = people

    def hidden(self, reading: Reading) -> Reading:
        """The reading with INSTEAD for every such phrase: for its first word, and nothing for the others, so that places
        and breaks stay."""
        words = list(reading.words)
        for place, phrase, _ in self._index.among(reading.words):
            match = phrase.match(reading, place, self._people)
            if match is not None:
                words[match[0] : match[1]] = [INSTEAD, *[""] * (match[1] - match[0] - 1)]
        return reading if words == list(reading.words) else replace(reading, words=tuple(words))
