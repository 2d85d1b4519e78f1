"""The words of `schoolgate keys`; the work is in monitor/commands/keys.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences

keys_app = typer.Typer(no_args_is_help=True, help="The master key, and the keys that it wraps.")
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="The key in this file, instead of the one in use.")
]


@keys_app.command("show")
def show(
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say which master key is in use and how many keys it wraps; never a key."""
    from monitor.commands.keys import show as work

    with sentences():
        work(config, as_json=as_json)


@keys_app.command("rotate")
def rotate(
    new_key_file: Annotated[
        Path, typer.Option("--new-key-file", help="The new master key; made where there is no such file.")
    ],
    config: Config = None,
) -> None:
    """Change the master key; the old one works until the service has started with the new one."""
    from monitor.commands.keys import rotate as work

    with sentences():
        work(config, new_key_file)


@keys_app.command("paper")
def paper(
    target: Annotated[Path, typer.Option("--out", help="The PDF; only you can read it.")],
    config: Config = None,
    key_file: KeyFile = None,
) -> None:
    """Write the master key as a page to print for the school's safe."""
    from monitor.commands.keys import paper as work

    with sentences():
        work(config, target, key_file)


@keys_app.command("check-paper")
def check_paper(
    config: Config = None,
    target: Annotated[
        Path | None,
        typer.Option("--out", help="Make a key file of the page instead; needs no configuration."),
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Type the printed page and hear whether it is the key; 1 when it is another."""
    from monitor.commands.keys import check_paper as work

    with sentences():
        raise typer.Exit(work(config, target, key_file))
