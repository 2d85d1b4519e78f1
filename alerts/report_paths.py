"""How a case is reported to its network: what to choose there in its own words, and the form where one exists.

Read from `reports.toml`, which a school may lay its own over. An address that does not lead to the network is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from alerts.known_link import known_link
from alerts.offers import HOSTS
from alerts.words import family
from monitor.errors import ConfigError

SHIPPED = Path(__file__).parent / "reports.toml"
_KEYS = frozenset({"paste", "gives", "choose", "form"})


@dataclass(frozen=True, slots=True)
class ReportPath:
    """For one category on one network. `choose`: menu by menu; `form`: an address on the network, or nothing."""

    choose: tuple[str, ...] = ()
    form: str = ""
    paste: str = ""
    gives: str = ""


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """All of them. `reviewed`: when a person last compared them with the networks."""

    reviewed: date
    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def path(self, network: str, category: str) -> ReportPath:
        """An empty path for a network or category that the file does not speak of."""
        table = self.networks.get(network, {})
        return ReportPath(
            choose=tuple(table.get("choose", {}).get(family(category), ())),
            form=table.get("form", {}).get(family(category), ""),
            paste=table.get("paste", ""),
            gives=table.get("gives", ""),
        )


@cache
def load_report_paths(own: Path | None = None) -> ReportPaths:
    """The shipped file with the school's `own` over it. Raises ConfigError with the file, the key and the cure."""
    reviewed, merged = date.min, {}  # type: tuple[date, dict[str, dict[str, Any]]]
    for path in (SHIPPED, *([own] if own else [])):
        data = _read(path)
        given = data.pop("reviewed", reviewed)
        if not isinstance(given, date):
            raise ConfigError(
                [f"{path}: reviewed is no date; write one without quotation marks: 2026-11-20."]
            )
        reviewed = given
        for network, table in data.items():
            _check(path, network, table)
            known = merged.setdefault(network, {})
            for key, value in table.items():
                known[key] = {**known.get(key, {}), **value} if isinstance(value, dict) else value
    return ReportPaths(reviewed, merged)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error}); mend it, or take it out of the configuration."]
        ) from error


def _check(path: Path, network: str, table: object) -> None:
    if network not in HOSTS or not isinstance(table, dict):
        raise ConfigError([f"{path}: {network} is no table of a network; use {', '.join(sorted(HOSTS))}."])
    if unknown := sorted(set(table) - _KEYS):
        raise ConfigError(
            [f"{path}: {network}.{unknown[0]} is unknown; the keys are {', '.join(sorted(_KEYS))}."]
        )
    for category, choices in table.get("choose", {}).items():
        if not isinstance(choices, list) or not all(isinstance(one, str) for one in choices):
            raise ConfigError([f"{path}: {network}.choose.{category} must be a list, such as ['Hate']."])
    for category, address in table.get("form", {}).items():
        if not isinstance(address, str) or not known_link(address, HOSTS[network]):
            raise ConfigError(
                [f"{path}: {network}.form.{category} does not lead to {network}; leave it out or mend it."]
            )
