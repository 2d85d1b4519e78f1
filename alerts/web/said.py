"""What was written, as a page may show it: safe, masked until somebody asks. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import safe, words
from monitor.tables import FindingRow


def extract(text: str, findings: Sequence[FindingRow], category: str) -> str:
    if words.family(category) in words.NEVER_QUOTED:
        return ""
    names = [(one.start, one.end) for one in findings if words.family(one.category) == "identifying"]
    return safe.masked(text, [(one.start, one.end) for one in findings if one.end > one.start], names)
