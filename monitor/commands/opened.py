"""How a command gets at the school: its settings, its database, the whole app; and how errors become sentences."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console

from monitor.errors import ConfigError, MonitorError

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.config import Settings
    from monitor.store import Store

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def say(sentence: str) -> None:
    """One plain line to standard error; never markup, for it may hold what a file or a network said."""
    err.print(sentence, markup=False, highlight=False)


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Every error that Schoolgate raises on purpose ends the command with its sentence and its exit code."""
    try:
        yield
    except ConfigError as error:
        many = len(error.problems)
        say(f"The configuration has {many} problem{'s' if many > 1 else ''}:")
        for problem in error.problems:
            say(f"  {problem}")
        _leave(error.exit_code)
    except MonitorError as error:
        say(str(error))
        _leave(error.exit_code)


def _leave(code: int) -> NoReturn:
    sys.exit(code)


def settings_of(config: Path | None) -> Settings:
    """The checked configuration. ConfigError with every problem, the networks' own keys included."""
    from monitor.app import account_problems
    from monitor.config import load

    return load(config, env=os.environ, account_check=account_problems)


@contextlib.contextmanager
def store_of(settings: Settings, *, upgrade: bool = True) -> Iterator[Store]:
    """The open database, brought to this program's shape first (after a backup beside it when it was older)."""
    from monitor import schema
    from monitor.retention_files import copy_before
    from monitor.store import Store
    from monitor.vault import Vault

    path = settings.storage.database_path
    if upgrade:
        before = schema.revision(path)
        if before is not None and before != schema.head():
            kept = copy_before(path, schema.head())
            if not kept.exists():
                schema.copy(path, kept)
        schema.upgrade(path)
    store = Store(path, Vault(settings.storage.master_key.get_secret_value()), school=settings.school.id)
    try:
        store.check()
        yield store
    finally:
        store.close()


@contextlib.contextmanager
def app_of(config: Path | None) -> Iterator[App]:
    """The school, joined up, with logging set."""
    from monitor import logs
    from monitor.app import App

    settings = settings_of(config)
    logs.configure(settings.log.level, settings.log.format)
    with store_of(settings) as store:
        yield App(settings, store)
