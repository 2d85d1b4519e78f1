"""The table [backup]: what may be written in it, and where its folder is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.config import load
from monitor.settings_backup import Backup
from tests.conftest import HandClock
from tests.school import school


def test_the_default_is_every_night_for_a_month_in_the_state(tmp_path: Path) -> None:
    table = Backup()
    assert (table.daily, table.at, table.keep_days) == ("on", time(3, 30), 30)
    assert table.folder(tmp_path) == tmp_path / "backups"


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        ({"keep_days": 31}, "less than or equal to 30"),
        ({"keep_days": 0}, "greater than or equal to 1"),
        ({"at": "01:30"}, "when the clocks change"),
        ({"daily": "sometimes"}, "'on' or 'off'"),
    ],
)
def test_what_cannot_be_is_refused(odd: Mapping[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Backup.model_validate(odd)


def test_a_folder_is_found_from_the_configuration_file_on(tmp_path: Path, clock: HandClock) -> None:
    with school(tmp_path, clock, more='[backup]\ndir = "elsewhere"\n') as built:
        settings = load(built.config, env={})
    assert settings.backup.folder(settings.storage.state_dir) == tmp_path / "elsewhere"
