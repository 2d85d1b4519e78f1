"""`schoolgate sign-ins ...`: words and options only; the work is in monitor/commands/sign_ins.py."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences
from monitor.domain import Role

sign_ins_app = typer.Typer(no_args_is_help=True, help="Who is signed in to the page, by role.")


@sign_ins_app.command("list")
def sign_ins_list(
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show every open sign-in and every remembered device: its id, its role, its times."""
    from monitor.commands.sign_ins import listed as work

    with sentences():
        work(config, as_json=as_json)


@sign_ins_app.command("revoke")
def sign_ins_revoke(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Ids as `sign-ins list` shows them, such as device-3.")
    ] = None,
    config: Config = None,
    role: Annotated[Role | None, typer.Option(help="Everything of this role.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything of everybody.")] = False,
) -> None:
    """End sign-ins and remembered devices; whoever held them needs a new code."""
    from monitor.commands.sign_ins import revoke as work

    if sum((bool(ids), role is not None, every)) != 1:
        raise typer.BadParameter("say what ends: ids, or --role ROLE, or --all; one of them")
    with sentences():
        raise typer.Exit(work(config, ids or [], role, every=every))
