"""The words of `schoolgate evidence`; the work is in monitor/commands/evidence.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli_options import Config, Json
from monitor.commands.opened import sentences
from monitor.domain import Role

evidence_app = typer.Typer(no_args_is_help=True, help="Copies, and the audit log that they rest on.")


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


@evidence_app.command("export")
def export(
    case: Annotated[str, typer.Argument(help="The case's reference, such as SM-0142.")],
    wanted_by: Annotated[
        Role, typer.Option("--for", help="Who asked for it; it must be somebody who may see the case.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder that the ZIP goes into.")] = Path(),
    config: Config = None,
) -> None:
    """Write a case's evidence as a ZIP for somebody who may see it. What they can do on the page needs nobody else."""
    from monitor.commands.evidence import export as work

    with sentences():
        work(config, case, wanted_by, out)
