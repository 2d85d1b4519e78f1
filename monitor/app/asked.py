"""What the commands ask of the networks and the mail without a running school. A part of the composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import connectors
from alerts.mime import header_probe
from alerts.setup import letters_for
from alerts.setup_hours import hours_of
from monitor.config import Settings
from monitor.domain import ItemKind
from monitor.families import Family
from monitor.hours import Hours


def utc_now() -> datetime:
    """The clock of a real run."""
    return datetime.now(UTC)


def account_problems(network: str, keys: Mapping[str, Any]) -> list[str]:
    """What is wrong with an account's network-specific keys: "key: what; cure", one a problem."""
    return connectors.account_problems(network, keys)


def claim_networks(settings: Settings) -> tuple[str, ...]:
    """The networks whose followers are read, so that a family's claim to one can be borne out."""
    watched = {account.network for account in settings.account if not account.paused}
    return tuple(sorted(one for one in watched if ItemKind.FOLLOWER in connectors.connector_class(one).reads))


def letter_files(
    settings: Settings, letters: Sequence[tuple[Family, str]], *, made: date, until: date
) -> dict[str, str]:
    """The letters about the claim page, by file name (alerts/letters.py)."""
    return letters_for(settings, claim_networks(settings), letters, made=made, until=until)


def school_hours(settings: Settings) -> Hours:
    """The school's clock, as the running service reads it."""
    return hours_of(settings)


def mail_header_problem() -> str | None:
    """A sentence with the cure when this Python lets a crafted text start a mail header of its own, else None."""
    return header_probe()
