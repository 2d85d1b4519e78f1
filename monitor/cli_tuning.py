"""The words of `drill` and `rules`. Words and options only; the work is in monitor/commands/tuning.py."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences
from monitor.drill_mark import TEXTS

rules_app = typer.Typer(no_args_is_help=True, help="Changes of rules that reviewers proposed.")


def drill(
    what: Annotated[
        Literal["start", "report"], typer.Argument(help="start one, or report how the last ones went.")
    ] = "start",
    category: Annotated[str | None, typer.Option(help=f"One of {', '.join(TEXTS)}.")] = None,
    account: Annotated[
        str | None, typer.Option(help="The key of the account it pretends to come from.")
    ] = None,
    at_night: Annotated[
        bool, typer.Option("--at-night", help="Yes, also outside waking hours: it wakes people.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Send an invented, marked case through the whole way, and see how long each person takes."""
    from monitor.commands.tuning import drill_report, start_drill

    if what == "start" and category is None:
        raise typer.BadParameter("say what kind: --category threat; or see the last ones: drill report")
    if what == "report" and (category or account or at_night):
        raise typer.BadParameter("`drill report` shows every drill; leave the other options out")
    with sentences():
        if what == "report":
            drill_report(config, as_json=as_json)
        else:
            start_drill(config, category or "", account, at_night=at_night)


@rules_app.command("proposals")
def proposals(config: Config = None, as_json: Json = False) -> None:
    """The changes that reviewers proposed, by rule, with what could stand in the configuration; no word of a comment."""
    from monitor.commands.tuning import rule_proposals

    with sentences():
        rule_proposals(config, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Put these words beside the others."""
    app.command()(drill)
    app.add_typer(rules_app, name="rules")
