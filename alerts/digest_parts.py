"""What a digest is made of: sections of rows. Pure values, and the same as plain data, to be kept."""

from __future__ import annotations

from typing import Any, NamedTuple

MAX_ROWS = 30  # a section


class Row(NamedTuple):
    sign: str  # ✔ ○ ✖ or nothing
    says: str
    more: str = ""
    bar: int | None = None  # a small picture of the number that `says` tells: 0 to 100, None: none


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

    def as_data(self) -> dict[str, Any]:
        """What the templates of mail, page and paper read; JSON."""
        rows = [row._asdict() for row in self.capped().rows]
        return {"title": self.title, "rows": rows, "hint": self.hint}
