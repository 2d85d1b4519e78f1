"""The master key on paper: eight short rows that can be typed again, each with a check of its own. Pure.

A row is four bytes of the key and the first byte of SHA-256 over the row's number (one byte) and those four: five bytes,
which are eight letters of Crockford's base 32 (https://www.crockford.com/base32.html), where no sign looks like another.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from monitor.errors import MonitorError

ROWS = 8
_BYTES = 4
_LENGTH = 8
_OURS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_THEIRS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648
_TO_OURS, _TO_THEIRS = str.maketrans(_THEIRS, _OURS), str.maketrans(_OURS, _THEIRS)
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def rows_of(key: bytes) -> tuple[str, ...]:
    """Eight rows such as "1A2B-3C4D", for a key of 32 bytes."""
    found = []
    for number in range(ROWS):
        part = key[number * _BYTES : (number + 1) * _BYTES]
        letters = base64.b32encode(part + _check(number, part)).decode().translate(_TO_OURS)
        found.append(f"{letters[:4]}-{letters[4:]}")
    return tuple(found)


def part_of(number: int, row: str) -> bytes | None:
    """The four bytes that row `number` (from 0) says; None when it was mistyped, or is another row."""
    letters = row.strip().upper().translate(_MEANT)
    if len(letters) != _LENGTH or not set(letters) <= set(_OURS):
        return None
    read = base64.b32decode(letters.translate(_TO_THEIRS))
    part = read[:_BYTES]
    return part if read[_BYTES:] == _check(number, part) else None


def key_of(rows: Sequence[str]) -> bytes:
    """The key that eight rows say; MonitorError names every row that was mistyped, none of them in full."""
    if len(rows) != ROWS:
        raise MonitorError(f"the paper has {ROWS} rows, and {len(rows)} were given; type them all, in order")
    parts = [part_of(number, row) for number, row in enumerate(rows)]
    wrong = [str(number + 1) for number, part in enumerate(parts) if part is None]
    if wrong:
        which = f"row {wrong[0]} does" if len(wrong) == 1 else f"rows {', '.join(wrong)} do"
        raise MonitorError(f"{which} not read as printed; look at it again, letter by letter")
    return b"".join(part or b"" for part in parts)


def _check(number: int, part: bytes) -> bytes:
    return hashlib.sha256(bytes([number]) + part).digest()[:1]
