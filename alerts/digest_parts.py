"""What a digest is made of: sections of rows. Pure values."""

from __future__ import annotations

from typing import NamedTuple

MAX_ROWS = 30  # a section


class Row(NamedTuple):
    sign: str  # ✔ ○ ✖ or nothing
    says: str
    more: str = ""


class Section(NamedTuple):
    title: str
    rows: tuple[Row, ...]
    hint: str = ""  # what to do about all of them, said once

    def capped(self) -> Section:
        """At most MAX_ROWS rows: a mail program cuts a long mail off, and then the end is lost."""
        more = len(self.rows) - MAX_ROWS
        if more <= 0:
            return self
        return self._replace(rows=(*self.rows[:MAX_ROWS], Row("", f"and {more} more on the page")))
