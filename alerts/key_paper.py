"""The master key as a printed page for the school's safe. Pure: values in, a PDF out; nothing is kept."""

from __future__ import annotations

from datetime import datetime

import segno

from alerts.pdf import pdf
from alerts.words import day as in_words
from monitor.key_paper import rows_of


def key_page(school: str, key: bytes, fingerprint: str, made_at: datetime) -> bytes:
    """One A4 page, as a PDF. `made_at` is aware, in the school's zone."""
    values = {
        "school": school,
        "rows": list(rows_of(key)),
        "square": square_of(key),
        "key": fingerprint[:8],
        "day": f"{in_words(made_at.date())} {made_at.year}",
    }
    return pdf("key", values, made_at=made_at)


def square_of(key: bytes) -> list[str]:
    """The eight rows, a space between, as a QR code (ISO/IEC 18004) without its margin: a line a string, "#" is dark."""
    made = segno.make(" ".join(rows_of(key)), error="m", micro=False, boost_error=False)
    return ["".join("#" if dark else "." for dark in line) for line in made.matrix]
