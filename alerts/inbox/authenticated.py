"""Did this message come from the domain that its From names? What our own mail server says, and nobody else. Pure.

The server checks DKIM and DMARC when a message comes in and writes what it found on top (RFC 8601). Whoever sends a
message can write such a header too, so only the topmost counts, and only if it bears the configured name. Microsoft
365 leaves the name out, against RFC 8601 §2.2; there the topmost counts if it bears none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

LONGEST = 16_384  # characters of a header; real ones have a few hundred
_ID = re.compile(r"([^\s=]+)(?:\s+1)?")  # the version of RFC 8601, if any
_RESULT = re.compile(r"([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)\b", re.IGNORECASE)
_PROPERTY = re.compile(r"(?<!\S)([a-z]+\.[a-z][a-z0-9_-]*)\s*=\s*(\S+)", re.IGNORECASE)
_QUOTED = "\0"  # stands for whatever stood in quotation marks: a stranger may have written it
_NO_POLICY = frozenset(
    {"none", "bestguesspass"}
)  # DMARC: the domain asks for nothing, so that DKIM alone decides


class Result(NamedTuple):
    """One check: "dkim", "pass", {"header.d": "mail.example"}."""

    method: str
    outcome: str
    properties: dict[str, str]


def is_proven(header: str | None, *, trusted: str | None, domain: str) -> bool:
    """Whether `header`, the message's topmost Authentication-Results, says that DMARC passed for `domain`, or that a
    DKIM signature of `domain` or of one above it did.

    `trusted`: the name that our server writes first; None for a server that writes none. `domain`: of the From, in
    its ASCII form.
    """
    if header is None or len(header) > LONGEST:
        return False
    read = parsed(header)
    if read is None or (read[0] or "").lower() != (trusted or "").lower():
        return False
    dmarc = [one for one in read[1] if one.method == "dmarc"]
    if len(dmarc) > 1:
        return False
    if dmarc and dmarc[0].outcome == "pass":
        return _ascii(dmarc[0].properties.get("header.from", "")) == domain
    if dmarc and dmarc[0].outcome not in _NO_POLICY:
        return False
    return any(
        one.method == "dkim" and one.outcome == "pass" and _is_above(_signer(one), domain) for one in read[1]
    )


def parsed(header: str) -> tuple[str | None, Sequence[Result]] | None:
    """(authserv-id, results); None for what is no such header. Comments and quoted words are left out."""
    parts = _parts(header)
    if parts is None:
        return None
    name = None
    if "=" not in parts[0]:
        found = _ID.fullmatch(parts[0].strip())
        if found is None:
            return None
        name, parts = found[1], parts[1:]
    results = []
    for part in filter(None, map(str.strip, parts)):
        if part.lower() == "none":
            continue
        found = _RESULT.match(part)
        if found is None:
            return None
        given = _PROPERTY.findall(part, found.end())
        properties = {key.lower(): value for key, value in reversed(given)}  # of two the first stands
        results.append(Result(found[1].lower(), found[2].lower(), properties))
    return name, results


def _parts(header: str) -> list[str] | None:
    """What stands between semicolons, without comments; None where a comment or a quotation does not end."""
    parts = [""]
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in header:
        if escaped:
            escaped = False
        elif char == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == "(":
            depth += 1
        elif depth:
            depth -= char == ")"
        elif char == '"':
            quoted = True
            kept.append(_QUOTED)
        elif char == ";":
            parts[-1] = "".join(kept)
            parts.append("")
            kept = []
        else:
            kept.append(char)
    parts[-1] = "".join(kept)
    return None if depth or quoted or escaped else parts


def _signer(dkim: Result) -> str:
    """Whose signature it is: header.d, or, where the server gives only the identity, what follows its @."""
    given = dkim.properties.get("header.d") or dkim.properties.get("header.i", "").rpartition("@")[2]
    return _ascii(given)


def _is_above(signer: str, domain: str) -> bool:
    """The same domain, or one that it is part of. One below it proves nothing: it may be rented to anybody."""
    return "." in signer and (signer == domain or domain.endswith(f".{signer}"))


def _ascii(domain: str) -> str:
    try:
        return domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
