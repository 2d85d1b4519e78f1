"""The words of `schoolgate subject`; the work is in monitor/commands/subject.py."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences

subject_app = typer.Typer(
    no_args_is_help=True, help="What is kept about one person: their right to a copy, erasure, restriction."
)
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", help="A network and its own number of the account: x:1234567."),
]
Handles = Annotated[list[str] | None, typer.Option("--handle", help="A network and a handle: x:kaz_99.")]
Emails = Annotated[list[str] | None, typer.Option("--email", help="An e-mail address.")]
Refs = Annotated[list[str] | None, typer.Option("--ref", help="A case: whoever wrote what it is about.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(subject_app, name="subject")


@subject_app.command("export")
def export(
    out: Annotated[
        Path, typer.Option("--out", help="The folder that the ZIP goes into; only you can read it.")
    ],
    account: Accounts = None,
    handle: Handles = None,
    email: Emails = None,
    ref: Refs = None,
    received: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When the request came (default: today).")
    ] = None,
    config: Config = None,
) -> None:
    """All that is kept about one person, others taken out, with a list of what to look at before it is sent."""
    from monitor.commands.subject import asked_for
    from monitor.commands.subject import export as work

    with sentences():
        work(config, asked_for(account, handle, email, ref), out, received.date() if received else None)


@subject_app.command("erase")
def erase(
    account: Accounts = None,
    handle: Handles = None,
    email: Emails = None,
    ref: Refs = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it only says what would happen.")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Erase what may be erased of one person; first it says what is kept, and why."""
    from monitor.commands.subject import asked_for
    from monitor.commands.subject import erase as work

    with sentences():
        work(config, asked_for(account, handle, email, ref), yes=yes, as_json=as_json)


@subject_app.command("restrict")
def restrict(
    why: Annotated[
        str, typer.Option(help="Why, in a few words; it is sealed.", prompt="Why is it restricted?")
    ],
    account: Accounts = None,
    handle: Handles = None,
    email: Emails = None,
    ref: Refs = None,
    config: Config = None,
) -> None:
    """Keep everything of one person, neither pruned nor erased, until the hold is lifted."""
    from monitor.commands.subject import asked_for
    from monitor.commands.subject import restrict as work

    with sentences():
        work(config, asked_for(account, handle, email, ref), why)
