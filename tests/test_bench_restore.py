"""The measurements of backups and of installing, in their short forms."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import install, install_root, restore
from bench.attack import held


@pytest.mark.slow
def test_every_promise_about_backups_holds_under_attack() -> None:
    rows = restore.measure(full=False)
    assert held(rows), rows
    assert len(rows) == 6


@pytest.mark.slow
@pytest.mark.skipif(bool(install_root.missing()), reason="needs root, debootstrap, unshare, uv and git")
def test_a_clean_debian_takes_it_confines_it_upgrades_it_and_takes_it_back() -> None:
    ready = os.environ.get("SCHOOLGATE_CLEAN_ROOT")  # a clean root to copy, instead of minutes of debootstrap
    rows = install.measure(ready=Path(ready) if ready else None)
    assert held(rows), rows
    assert len(rows) == 9


def test_what_a_machine_lacks_for_an_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert install_root.missing()[:4] == ["debootstrap", "unshare", "chroot", "uv"]
    with pytest.raises(install_root.InstallError, match="lacks debootstrap"):
        install.measure()
