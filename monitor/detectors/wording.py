"""A reading as the one line that the model is given: read words, the breaks between them, quotation marks. Pure.

The model is trained on exactly this form, so that a disguise costs it as little as it costs the rules. Change it and
the model must be trained again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from monitor.detectors.normalise import COMMA, NO_BREAK, SENTENCE, Reading

MOST_WORDS = 48  # of one window; a longer text is read in several
SHORTEST = 4  # words of a sentence that is weighed by itself too
MOST_WINDOWS = 32  # of one text, the first ones and the last; rules and names still look at all of it
_SIGNS = {COMMA: ",", SENTENCE: "."}


def windows(reading: Reading) -> Iterator[tuple[int, int]]:
    """The words [start, end) of each window of the text, cut at the end of a sentence where there is one."""
    places = list(_windows(reading))
    if len(places) > MOST_WINDOWS:
        places = places[: MOST_WINDOWS * 3 // 4] + places[-(MOST_WINDOWS // 4) :]
    yield from places


def _windows(reading: Reading) -> Iterator[tuple[int, int]]:
    start, count = 0, len(reading.words)
    while start < count:
        end = min(start + MOST_WORDS, count)
        if end < count:
            ends = [at for at in range(start + MOST_WORDS // 2, end) if reading.breaks[at] == SENTENCE]
            end = ends[-1] if ends else end
        yield start, end
        start = end


def passages(reading: Reading, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The whole window, and each of its sentences of some length: kind words around it must not hide one that is not."""
    yield start, end
    edges = [start, *(at for at in range(start + 1, end) if reading.breaks[at] == SENTENCE), end]
    if len(edges) > 2:  # noqa: PLR2004 - one sentence
        yield from ((low, high) for low, high in pairwise(edges) if high - low >= SHORTEST)


def wording(reading: Reading, start: int, end: int) -> tuple[list[str], list[int]]:
    """The pieces of the words [start, end) as the model reads them, and to which word each belongs."""
    pieces: list[str] = []
    owners: list[int] = []
    inside = False
    for at in range(start, end):
        if at > start and reading.breaks[at] != NO_BREAK:
            pieces.append(_SIGNS[reading.breaks[at]])
            owners.append(at)
        if reading.quoted[at] is not inside:
            inside = reading.quoted[at]
            pieces.append('"')
            owners.append(at)
        word = "@" if reading.words[at].startswith("@") else reading.words[at]
        if not word or (word == "@" and pieces[-1:] == ["@"]):
            continue  # hidden, or one of the many names before a reply, of which one is enough
        pieces.append(word)
        owners.append(at)
    return pieces, owners
