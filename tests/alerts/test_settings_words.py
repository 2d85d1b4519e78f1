from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alerts.settings_words import sections
from monitor.config import Settings, load
from monitor.domain import Role
from tests.alerts.page_school import FACEBOOK, X, open_school

TODAY = date(2026, 11, 20)
ABLE = {"facebook": FACEBOOK, "x": X}
IT, HEAD = frozenset({Role.IT}), frozenset({Role.HEADTEACHER})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    from tests.school import configured

    return configured(tmp_path)


def said(settings: Settings, roles: frozenset[Role] = HEAD, today: date = TODAY) -> dict[str, str]:
    """Each section's words, by its title."""
    return {
        section.title: " ".join(f"{row.says}. {row.more}" for row in section.rows)
        for section in sections(settings, ABLE, roles, today)
    }


def changed(settings: Settings, **roles: Any) -> Settings:
    return settings.model_copy(update={"roles": settings.roles.model_copy(update=roles)})
