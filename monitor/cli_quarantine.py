"""`schoolgate quarantine ...`: words and options only; the work is in monitor/commands/quarantine.py."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences

quarantine_app = typer.Typer(
    no_args_is_help=True, help="What failed again and again and is set aside, so that it stops nothing else."
)

Ids = Annotated[list[str], typer.Argument(help="Ids as `quarantine list` shows them, or the word all.")]


@quarantine_app.command("list")
def quarantine_list(
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what is set aside: its id, its stage, its number, why and since when. No content."""
    from monitor.commands.quarantine import listed as work

    with sentences():
        work(config, as_json=as_json)


@quarantine_app.command("replay")
def quarantine_replay(ids: Ids, config: Config = None) -> None:
    """Have it handled once more in the service's next turn."""
    from monitor.commands.quarantine import replay as work

    with sentences():
        raise typer.Exit(work(config, ids))


@quarantine_app.command("drop")
def quarantine_drop(ids: Ids, config: Config = None) -> None:
    """Leave it as it is and take it off the list."""
    from monitor.commands.quarantine import drop as work

    with sentences():
        raise typer.Exit(work(config, ids))
