"""Pieces of text as the model's tokens, and which piece each token belongs to.

Most words stand in the model's vocabulary whole: their tokens are looked up. The tokenizer would say the same and needs
many times as long; it is asked for all others. A test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenizers import Tokenizer

MOST_TOKENS = 128  # of one window
_BEFORE, _AFTER = "[CLS]", "[SEP]"
_PLAIN = re.compile(
    r"[a-z0-9]+|[!-/:-@\[-`{-~£]"
)  # a word or a sign that the tokenizer takes whole if it knows it


class Tokens:
    """Built once from `tokens.json`; `cut` may be called from any thread."""

    def __init__(self, described: str) -> None:
        self._tokenizer = Tokenizer.from_str(described)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        known = self._tokenizer.get_vocab()
        self._before, self._after = known[_BEFORE], known[_AFTER]
        self._whole = {token: number for token, number in known.items() if _PLAIN.fullmatch(token)}

    def cut(self, pieces: Sequence[str], owners: Sequence[int]) -> tuple[list[int], list[int | None]]:
        """The tokens' numbers, MOST_TOKENS at the most, and the owner of each; None for the two at the edges."""
        numbers, words = [self._before], list[int | None]([None])
        for piece, owner in zip(pieces, owners, strict=True):
            whole = self._whole.get(piece)
            if whole is None:
                parts = self._tokenizer.encode(piece, add_special_tokens=False).ids
                numbers += parts
                words += [owner] * len(parts)
            else:
                numbers.append(whole)
                words.append(owner)
        del numbers[MOST_TOKENS - 1 :], words[MOST_TOKENS - 1 :]
        return [*numbers, self._after], [*words, None]
