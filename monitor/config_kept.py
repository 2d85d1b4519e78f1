"""What can be wrong with `[retention.category]` beside the form of its values: a category that does not exist would keep
nothing longer, and nobody would notice until it is gone."""

from __future__ import annotations

from typing import Any

from monitor.config_problems import closest
from monitor.triage import CATEGORIES


def kept_problems(document: dict[str, Any]) -> list[str]:
    """One sentence for each name that is no category, nor a family of some (`identifying`)."""
    retention = document.get("retention")
    named = retention.get("category") if isinstance(retention, dict) else None
    if not isinstance(named, dict):
        return []
    known = sorted(CATEGORIES.keys() | {name.partition(".")[0] for name in CATEGORIES})
    return [
        f"retention.category.{name}: is no category; {_cure(name, known)}"
        for name in named
        if name not in known
    ]


def _cure(name: str, known: list[str]) -> str:
    near = closest(name, known)
    return f"did you mean {near}?" if near else f"write one of {', '.join(known)}"
