"""What can be wrong with `[detection]` beside the form of its values: a school's own rules, and names of rules that do
not exist. A rule that is silenced under a mistyped name would go on alarming, or worse, be believed to look.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.config_problems import closest
from monitor.config_toml import beside
from monitor.detectors import load_rules

# Detectors that are code, not rules; each of these and whatever stands below it may be named.
_BUILT_IN = ("name", "contact", "model")


def place_rules(document: dict[str, Any], file: Path) -> None:
    """detection.rules as written, from the file's folder."""
    detection = document.get("detection")
    if isinstance(detection, dict):
        beside(file, detection, "rules")


def detection_problems(document: dict[str, Any]) -> list[str]:
    """One sentence for own rules that cannot be used, and one for each name that no rule has."""
    detection = document.get("detection")
    if not isinstance(detection, dict):
        return []
    folder = detection.get("rules")
    named = [
        (key, name)
        for key in ("silenced", "shadow")
        if isinstance(detection.get(key), list)
        for name in detection[key]
        if isinstance(name, str)
    ]
    if not named and not isinstance(folder, str):
        return []
    if isinstance(folder, str) and not Path(folder).is_dir():
        return [f"detection.rules: {folder} is no folder; make it, or leave the key out"]
    try:
        ids = load_rules(Path(folder) if isinstance(folder, str) else None).ids
    except (ValueError, OSError) as error:
        return [f"detection.rules: {error}"]
    known = {part for one in ids for part in _beginnings(one)}
    return [
        f"detection.{key}: {name} is no rule; {_cure(name, known)}"
        for key, name in named
        if name.strip() not in known and name.strip().split(".")[0] not in _BUILT_IN
    ]


def _beginnings(rule: str) -> list[str]:
    parts = rule.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _cure(name: str, known: set[str]) -> str:
    near = closest(name, sorted(known))
    return f"did you mean {near}?" if near else "every mail and page names the rule beside its finding"
