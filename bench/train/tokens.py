"""Texts as token ids: the normaliser's reading, then MiniLM's word pieces, of which only plain Latin ones are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from monitor.detectors.normalise import Normaliser, Reading
from monitor.detectors.rules import load_rules
from monitor.detectors.wording import wording

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
LONGEST = 80  # tokens
_PLAIN = re.compile(r"(?:##)?[a-z0-9]+|[!-/:-@\[-`{-~£]")


def kept(vocabulary: Path) -> list[tuple[int, str]]:
    """(MiniLM's id, token) of what the model keeps: in its order, special tokens first."""
    tokens = vocabulary.read_text("utf-8").splitlines()
    special = [(tokens.index(token), token) for token in SPECIAL]
    return special + [(at, token) for at, token in enumerate(tokens) if _PLAIN.fullmatch(token)]


def tokenizer(tokens: Sequence[str]) -> Tokenizer:
    made = Tokenizer(
        WordPiece(
            {token: at for at, token in enumerate(tokens)}, unk_token="[UNK]", max_input_chars_per_word=40
        )
    )
    made.normalizer = Lowercase()
    made.pre_tokenizer = BertPreTokenizer()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_truncation(LONGEST)
    return made


@cache
def _normaliser() -> Normaliser:
    rules = load_rules()
    return Normaliser(rules.vocabulary, rules.rude, rules.slang)


def read(text: str) -> Reading:
    return _normaliser().read(text)


def line(text: str) -> str:
    """What the model is given for a text, here always its first LONGEST words."""
    reading = read(text)
    return " ".join(wording(reading, 0, min(len(reading.words), LONGEST))[0])
