"""Other people taken out of what goes to one person: each becomes the same token wherever they stand. Pure.

Handles, e-mail addresses, telephone numbers and what a detector found to identify a child are taken out. A bare name is not
told from a word by any rule: so every text in which something might be left is on the list that a person goes through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_OTHERS = re.compile(
    r"(?P<email>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})"
    r"|(?P<handle>(?<![\w@])@\w[\w.]{0,49}(?<!\.))"
    r"|(?P<phone>(?<!\w)\+?\d[\d ()-]{7,18}\d(?!\w))"
)


_WITHHELD = "[withheld]"


@dataclass
class Redactor:
    """`own`: what the person's own handles and addresses look like, in small letters without @: these stay."""

    own: frozenset[str]
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, who: str) -> str:
        """[person 1] and so on: the same person is the same token in the whole export."""
        return self.tokens.setdefault(who.casefold().lstrip("@"), f"[person {len(self.tokens) + 1}]")

    def text(self, text: str, hidden: Iterable[tuple[int, int]] = ()) -> tuple[str, int]:
        """The text without others, and how many places were taken out. `hidden`: spans that identify a child."""
        found = [one for one in _OTHERS.finditer(text) if not self._is_own(one)]
        spans = [(one.start(), one.end(), one[0]) for one in found]
        spans += [_widened(start, end, found) for start, end in hidden if start < end and start < len(text)]
        pieces: list[str] = []
        at = taken = 0
        for start, end, who in sorted(
            spans, key=lambda one: (one[0], one[2], -one[1])
        ):  # what is withheld first
            if start < at:  # part of what was taken out before
                at = max(at, end)
                continue
            pieces += [text[at:start], self.token(who) if who else _WITHHELD]
            at, taken = end, taken + 1
        return "".join([*pieces, text[at:]]), taken

    def _is_own(self, found: re.Match[str]) -> bool:
        return found[0].casefold().lstrip("@") in self.own


def _widened(start: int, end: int, found: Iterable[re.Match[str]]) -> tuple[int, int, str]:
    """A hidden span with the whole of every other person that it touches: half a handle is still a handle."""
    touched = [one for one in found if one.start() < end and start < one.end()]
    return (
        max(0, min([start, *(one.start() for one in touched)])),
        max([end, *(one.end() for one in touched)]),
        "",
    )
