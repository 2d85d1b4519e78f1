"""What a digest says of answers to alerts that did nothing: how many and why, never whose."""

from __future__ import annotations

from alerts.digest_parts import Row
from alerts.words import counted


def answered(answers: tuple[tuple[str, int], ...]) -> tuple[Row, ...]:
    """One row, or none where every answer counted."""
    if not answers:
        return ()
    number = sum(number for _, number in answers)
    why = "; ".join(f"{number} {says}" for says, number in answers)
    return (Row("○", f"{counted(number, 'answer')} to alerts did nothing", f"{why}."),)
