"""The words of `db backup`, `db restore` and `db drill`. Words and options only; the work is in monitor/commands/backups.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli_options import Config
from monitor.commands.opened import sentences

_Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]


def backup(
    target: Annotated[
        Path | None, typer.Argument(help="The new file (default: in the configured folder).")
    ] = None,
    config: Config = None,
    as_json: _Json = False,
) -> None:
    """A sealed, consistent copy of the database, while the service runs; it makes one a day by itself."""
    from monitor.commands.backups import backup as work

    with sentences():
        raise typer.Exit(work(config, target, as_json=as_json))


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    target: Annotated[
        Path | None, typer.Option("--to", help="A new file, instead of the database's own place.")
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Yes, in the place of what is there; that is kept under another name."
        ),
    ] = False,
    for_rollback: Annotated[
        bool, typer.Option("--for-rollback", help="Leave its shape as it was, for an older version.")
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="The master key of that time, where it was changed since."),
    ] = None,
    config: Config = None,
    as_json: _Json = False,
) -> None:
    """Put a backup in the place of the database, while the service is stopped."""
    from monitor.commands.backups import restore as work

    with sentences():
        raise typer.Exit(
            work(
                config,
                file,
                target,
                replace=replace,
                for_rollback=for_rollback,
                key_file=key_file,
                as_json=as_json,
            )
        )


def drill(config: Config = None, as_json: _Json = False) -> None:
    """Restore the newest backup to see that it can be, and throw it away; the service does it once a week."""
    from monitor.commands.backups import drill as work

    with sentences():
        raise typer.Exit(work(config, as_json=as_json))


def add_to(app: typer.Typer) -> None:
    """Put these words beside the others of `db`."""
    for one in (backup, restore, drill):
        app.command()(one)
