"""Names as they were written, where the normaliser made something else of them.

It takes Littlewood for two words run together, and Sterrett for a street misspelt; the register knows better. Pure.
"""

from __future__ import annotations

from monitor.detectors.normalise import Reading
from monitor.names import SHORTEST_SLIP, plain
from monitor.ports import Register


def as_written(text: str, reading: Reading, register: Register) -> Reading:
    """The reading with every name of the register as one word that stands as it was written."""
    spans, words = reading.spans, reading.words
    count = len(words)
    written = text.lower()
    if len(written) == len(text):
        last = -1
        for word, (start, end) in zip(words, spans, strict=True):
            if start == last or written[start:end] != word:
                break
            last = end
        else:
            return reading
    runs: list[tuple[str, int, int]] = []
    at = 0
    while at < count:
        end = at + 1
        while end < count and (spans[end][0] == spans[end - 1][1] or spans[end] == spans[at]):
            end += 1
        word = words[at]
        if end > at + 1 or len(word) >= SHORTEST_SLIP:
            raw = text[spans[at][0] : spans[end - 1][1]].lower()
            if raw != word and (written := plain(raw)).isalpha() and register.part_name(written) is not None:
                runs.append((written, at, end))
                at = end
                continue
        runs.append((word, at, at + 1))
        at += 1
    if len(runs) == count and all(word is words[at] for word, at, _ in runs):
        return reading
    return Reading(
        words=tuple(word for word, _, _ in runs),
        spans=tuple(reading.span(start, end) for _, start, end in runs),
        titled=tuple(reading.titled[start] for _, start, _ in runs),
        breaks=tuple(reading.breaks[start] for _, start, _ in runs),
        quoted=tuple(reading.quoted[start] for _, start, _ in runs),
        tagged=tuple(reading.tagged[start] for _, start, _ in runs),
    )
