"""The digest's lines on what is public two days after its report: time to ask somebody outside. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import words
from alerts.digest_parts import Row, Section
from alerts.views_digest import WaitingCase


def reported(cases: Sequence[WaitingCase]) -> Section:
    """One line a case, and once what to do."""
    rows = tuple(Row("✖", f"{case.ref} · {words.network_words(case.network)[0]}") for case in cases)
    return Section(
        "Still public two days after its report",
        rows,
        "The POSH helpline can speak with the network: 0344 381 4772, Monday to Friday, 10am to 4pm.",
    )
