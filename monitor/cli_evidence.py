"""The words of `schoolgate evidence`; the work is in monitor/commands/evidence.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.opened import sentences

evidence_app = typer.Typer(no_args_is_help=True, help="Copies, and the audit log that they rest on.")
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The configuration (default: $SCHOOLGATE_CONFIG, ./config.toml, /etc/schoolgate/config.toml).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]


@evidence_app.command("verify")
def verify(
    config: Config = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head", help="A head from a digest or a sheet, which the log must still hold; may be repeated."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every copy and the whole audit log; 1 when anything was changed, cut or lost."""
    from monitor.commands.evidence import verify as work

    with sentences():
        raise typer.Exit(work(config, head or [], as_json=as_json))
