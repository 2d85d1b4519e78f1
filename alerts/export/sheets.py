"""One printed A4 sheet for each piece of evidence: what a copy's JSON says, in words, exactly and with its hash. Pure.

Llandough's policy asks for hard copies. Reads copies of every format that Schoolgate has written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.export.history import Event
from alerts.words import LocalTime, network_words
from monitor.evidence import LEFT_OUT, METHOD, NEVER_FETCHED
from monitor.given import NOT_CAPTURED, Provenance
from monitor.tables_evidence import GivenRow

# UKCIS, "Sharing nudes and semi-nudes" (2024), sections 1.3 and 2.6
NEVER_LOOK = (
    "Do not open, copy, save, print or forward any picture or video that belongs to this. Leave it where it is, and "
    "give its address and ids, which the copy holds, to the police, CEOP or the Internet Watch Foundation."
)
_NAMED = (
    "A character that paper cannot show is named in brackets; the JSON beside this sheet has it as it was."
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every sheet of one export says: `head` is the audit log's, (entry, hash)."""

    ref: str
    school: str
    account: str
    zone: ZoneInfo
    head: tuple[int, str]
    made_at: datetime
    withheld: bool

    @property
    def foot(self) -> str:
        return f"{self.school} · case {self.ref} · audit log {self.head[0]}: {self.head[1][:16]}…"


def times(at: datetime | str | None, zone: ZoneInfo) -> str:
    """Fri 20 Nov 2026, 12:40:03 (Europe/London) = 2026-11-20T12:40:03Z"""
    if at is None:
        return "not known"
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)
    local = LocalTime(zone.key).full(moment)
    return f"{local}:{moment.astimezone(zone):%S} ({zone.key}) = {moment:%Y-%m-%dT%H:%M:%SZ}"


def copy_sheet(
    frame: Frame,
    copy: Mapping[str, Any],
    *,
    number: int,
    of: int,
    sha256: str,
    name: str,
    done: Sequence[Event],
) -> dict[str, Any]:
    """The values of one copy's sheet; `name` is the JSON's in the ZIP, `done` what happened in the case."""
    zone = frame.zone
    network, _ = network_words(str(copy["network"]))
    withheld = frame.withheld or copy.get("media") == LEFT_OUT
    parts = [
        {
            "title": "What was written",
            "text": copy["text"],
            "hint": _NAMED,
            "facts": [
                ["Where", f"{network}, {frame.account}: {str(copy['kind']).replace('_', ' ')}"],
                *_author(copy["author"]),
                ["Address", copy.get("url") or "the network gives none"],
                ["Network's id", copy["external_id"]],
                ["Version", f"{copy['version']} that Schoolgate read"],
                ["Posted", f"{times(copy.get('posted_at'), zone)}, as the network says"],
                ["First read", times(copy.get("seen_at"), zone)],
            ],
        },
        *(_around(one, zone) for one in copy.get("thread", ())),
        {
            "title": "How it was copied",
            "text": "",
            "hint": "",
            "facts": [
                ["Copied", times(copy.get("captured_at"), zone)],
                ["Method", copy.get("method") or METHOD],
                ["Interface", copy.get("api") or "not noted at the time"],
                ["Media", copy.get("media") or NEVER_FETCHED],
                ["Program", f"Schoolgate {copy.get('schoolgate', '')}, format {copy.get('format', 1)}"],
            ],
        },
        _bound(frame, name, sha256),
        _done(done, zone),
    ]
    return {
        "title": f"Evidence {frame.ref}, copy {number} of {of}",
        "foot": frame.foot,
        "lead": f"{frame.school}. Printed from an export of {times(frame.made_at, zone)}.",
        "warnings": [NEVER_LOOK] if withheld else [],
        "parts": parts,
    }


def given_sheet(
    frame: Frame,
    row: GivenRow,
    provenance: Provenance | None,
    *,
    number: int,
    name: str,
    by: str,
    done: Sequence[Event],
) -> dict[str, Any]:
    """The values of the sheet of what somebody gave. The file itself is never set into our own page."""
    said = provenance or Provenance("no longer kept", "", "")
    return {
        "title": f"Evidence {frame.ref}, given by a person: {number}",
        "foot": frame.foot,
        "lead": f"{frame.school}. Printed from an export of {times(frame.made_at, frame.zone)}.",
        "warnings": [
            f"This was {NOT_CAPTURED}. It proves what was handed in, not what stood on the network."
        ],
        "parts": [
            {
                "title": "Who gave it",
                "text": "",
                "hint": "",
                "facts": [
                    ["Who", f"{said.relation}{f': {said.name}' if said.name else ''}"],
                    ["Received", times(row.received_at, frame.zone)],
                    ["Entered", f"{times(row.entered_at, frame.zone)}, by {by}"],
                    ["Said of it", said.note or "nothing"],
                ],
            },
            {
                "title": "The file",
                "text": "",
                "hint": "Print it from the file itself.",
                "facts": [
                    ["Kind", f"{row.kind}, {row.size} bytes"],
                    ["Hidden data", "as it came, nothing taken out"],
                ],
            },
            _bound(frame, name, row.sha256),
            _done(done, frame.zone),
        ],
    }


def chronology_page(frame: Frame, events: Sequence[Event]) -> dict[str, Any]:
    """The values of the chronology."""
    return {
        "title": f"Chronology of case {frame.ref}",
        "foot": frame.foot,
        "lead": f"{frame.school}. Times are {frame.zone.key}; UTC stands below each.",
        "events": [
            {
                "local": f"{LocalTime(frame.zone.key).full(one.at)}:{one.at.astimezone(frame.zone):%S}",
                "utc": f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "who": one.who,
                "what": one.what,
                "more": one.more,
            }
            for one in events
        ],
    }


def _author(author: Mapping[str, Any]) -> list[list[str]]:
    shown = [["Author's name", author.get("name")], ["Handle", author.get("handle")]]
    shown += [["Author's id", author.get("external_id")], ["Says of itself", author.get("bio")]]
    told = [[str(name), str(says)] for name, says in shown if says]
    return told or [["Author", "the network does not say"]]


def _around(one: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    title = f"What {one['is']}"
    if "text" not in one:
        facts = [["Network's id", one["external_id"]], ["Its words", one["words"]]]
        return {"title": title, "text": "", "hint": "", "facts": facts}
    return {
        "title": title,
        "text": one["text"],
        "hint": "As Schoolgate had it stored when the copy was made.",
        "facts": [
            *_author(one["author"]),
            ["Address", one.get("url") or "the network gives none"],
            ["Posted", times(one.get("posted_at"), zone)],
        ],
    }


def _bound(frame: Frame, name: str, sha256: str) -> dict[str, Any]:
    return {
        "title": "How to check it",
        "text": "",
        "hint": "",
        "facts": [
            ["File", name],
            ["SHA-256", _figures(sha256)],
            ["Audit log's head", f"entry {frame.head[0]}: {_figures(frame.head[1])}"],
            ["Offline", "python3 verify.py, in the folder of the export"],
        ],
    }


def _figures(digest: str) -> str:
    """In eights, so that a person can compare them."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def _done(events: Sequence[Event], zone: ZoneInfo) -> dict[str, Any]:
    time = LocalTime(zone.key)
    return {
        "title": "What was done",
        "text": "",
        "hint": "" if events else "Nothing has been decided.",
        "facts": [
            [time.full(one.at), f"{one.who} {one.what}{f' ({one.more})' if one.more else ''}"]
            for one in events
        ],
    }
