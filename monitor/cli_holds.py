"""The words of `schoolgate hold`; the work is in monitor/commands/holds.py."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences
from monitor.domain import Role

hold_app = typer.Typer(
    no_args_is_help=True, help="What is kept whatever its age, until somebody says otherwise."
)
WantedBy = Annotated[
    Role, typer.Option("--for", help="Who asked for it: headteacher, dsl or chair, who must see the case.")
]
Case = Annotated[str, typer.Argument(help="The case's reference, such as SM-0142.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(hold_app, name="hold")


@hold_app.command("list")
def listed(
    config: Config = None,
    as_json: Json = False,
) -> None:
    """What is held, since when and by whom; not why."""
    from monitor.commands.holds import listed as work

    with sentences():
        work(config, as_json=as_json)


@hold_app.command("place")
def placed(
    case: Case,
    wanted_by: WantedBy,
    why: Annotated[str, typer.Option(help="Why, in a few words; it is sealed.", prompt="Why is it held?")],
    config: Config = None,
) -> None:
    """Keep a case and everything that belongs to it, whatever its age."""
    from monitor.commands.holds import placed as work

    with sentences():
        work(config, case, wanted_by, why)


@hold_app.command("lift")
def lifted(
    case: Annotated[str, typer.Argument(help="A case's reference, or the number of a hold on an account.")],
    wanted_by: WantedBy,
    config: Config = None,
) -> None:
    """Let a case's retention go on."""
    from monitor.commands.holds import lifted as work

    with sentences():
        work(config, case, wanted_by)
