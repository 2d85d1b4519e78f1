"""Good answers, files and messages, broken: JSON with parts replaced, removed, doubled or moved; bytes cut, bent, joined."""

from __future__ import annotations

import gzip
import json
import marshal
import random
import zlib
from typing import Any

from bench.fuzz import texts

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**30, 1.5, -0.0, 1e308, float("nan"), float("inf"), "", " ", "0", "null", "true", "-1",
    "\ud800", "a\x00b", [], {}, [[]], [None], {"id": None}, {"data": []}, {"data": {}}, {"error": {}}, {"errors": [{}]}, [{"id": "1"}],
    "2026-99-99T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-20T10:00:00+0000", 253402300800, -62135596801,
)  # fmt: skip


def value(chance: random.Random, good: Any) -> Any:
    """The same JSON with up to four of its parts changed."""
    broken = copied(good)
    for _ in range(chance.randint(1, 4)):
        spot = _spot(chance, broken)
        if spot is None:
            return broken
        holder, key = spot
        change = chance.randrange(6)
        if change == 0 and isinstance(holder, dict):
            del holder[key]
        elif change == 1 and isinstance(holder, list):
            holder.append(copied(holder[key]))
        elif change == 2:
            other = _spot(chance, broken)
            assert other is not None
            holder[key] = copied(other[0][other[1]])
        elif change == 3:
            holder[key] = texts.text(chance)
        elif change == 4:
            holder[key] = nested(chance)
        else:
            holder[key] = copied(chance.choice(ODD))
    return broken


def copied(good: Any) -> Any:
    """The same JSON again. By marshal, which is ten times as quick as a deep copy and takes lone surrogates too."""
    return marshal.loads(marshal.dumps(good))


def _spot(chance: random.Random, whole: Any) -> tuple[Any, Any] | None:
    """(holder, key) of some part; None where there is none. Goes down by chance, so that it costs no more for a long list."""
    holder, found = whole, None
    while isinstance(holder, dict | list) and holder and (found is None or chance.random() < 0.75):
        key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
        found = holder, key
        holder = holder[key]
    return found


def nested(chance: random.Random) -> Any:
    """Lists or objects within each other, now and then deeper than anybody may read."""
    found: Any = chance.choice(ODD[:12])
    for _ in range(chance.choice((2, 10, 60, 400))):
        found = [found] if chance.random() < 0.5 else {"data": found}
    return found


def data(chance: random.Random, good: bytes, pieces: tuple[bytes, ...] = ()) -> bytes:
    """The same bytes with up to six places changed: cut, doubled, bent, filled with other pieces."""
    broken = bytearray(good)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(broken))
        change = chance.randrange(7)
        if change == 0:
            del broken[at : at + chance.choice((1, 4, 40))]
        elif change == 1:
            broken[at:at] = broken[at : at + chance.choice((1, 8, 200))]
        elif change == 2 and at < len(broken):
            broken[at] = chance.randrange(256)
        elif change == 3:
            broken[at:at] = texts.line(chance).encode("utf-8", "surrogatepass")
        elif change == 4 and pieces:
            broken[at:at] = chance.choice(pieces)
        elif change == 5:
            other = chance.randint(0, len(broken))
            broken[at:at] = broken[other : other + 30]
        elif chance.random() < 0.1:
            del broken[at:]
    return bytes(broken)


def body(chance: random.Random, good: Any) -> tuple[bytes, dict[str, str]]:
    """An answer's body and what its headers say of it: broken JSON, bytes that are none, compressed rightly and wrongly."""
    said = json.dumps(value(chance, good) if chance.random() < 0.8 else good).encode()
    headers = {"content-type": chance.choice(("application/json", "application/json", "text/html", ""))}
    kind = chance.randrange(12)
    if kind == 0:
        said = data(chance, said)
    elif kind == 1:
        said = chance.choice(
            (
                b"",
                b"null",
                b"7",
                b'"x"',
                b"<html>blocked</html>",
                b"\xff\xfe{",
                b"[" * 3000,
                b"{}" * 9,
                b"9" * 5000,
            )
        )
    elif kind == 2:
        headers["content-encoding"], said = "gzip", gzip.compress(said, 1)
    elif kind == 3:
        headers["content-encoding"], said = "gzip", data(chance, gzip.compress(said, 1))
    elif kind == 4:
        headers["content-encoding"] = chance.choice(("gzip", "deflate", "br", "zstd", "x", "gzip, gzip"))
    elif kind == 5:
        headers["content-encoding"], said = "deflate", zlib.compress(said)[: chance.choice((9, 9999))]
    if chance.random() < 0.3:
        name = chance.choice(
            ("retry-after", "x-rate-limit-reset", "x-rate-limit-remaining", "date", "x-app-usage")
        )
        headers[name] = chance.choice(
            (
                "0",
                "-1",
                "9" * 40,
                "nan",
                "1e9",
                "Fri, 99 Nov 2026 99:00:00 GMT",
                "{",
                '{"call_count": "x"}',
                "é",
            )
        )
    return said, headers
