"""The words that answer an alert by mail, and the code that says which alert. Pure values; nothing is decided here."""

from __future__ import annotations

import secrets
from enum import StrEnum

from monitor.domain import Choice

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_SYMBOLS, _GROUP = 12, 4  # 60 random bits


class Word(StrEnum):
    """What may be answered. Never a word for deleting."""

    ACK = "ACK"
    HIDE = "HIDE"
    DSL = "DSL"

    @classmethod
    def said(cls, line: str) -> Word | None:
        """The word that this line is, in capitals or not; None for every other line."""
        return next((word for word in cls if line.isascii() and line.upper() == word.value), None)

    @property
    def choice(self) -> Choice:
        return _CHOICES[self]


_CHOICES = {Word.ACK: Choice.ACKNOWLEDGE, Word.HIDE: Choice.REMOVE, Word.DSL: Choice.ASK_DSL}


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(_SYMBOLS))


def printed(code: str) -> str:
    """As it stands in a mail: K7QM-4TXD-9HWP"""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def address_with(code: str, mailbox: str) -> str:
    """The mailbox's address with the code in it: replies+k7qm4txd9hwp@school.example"""
    local, _, domain = mailbox.partition("@")
    return f"{local}+{code.lower()}@{domain}"
