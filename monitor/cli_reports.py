"""The words and options of `schoolgate report`; the work is in monitor/commands/reports.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli_options import Config
from monitor.commands.opened import sentences

report_app = typer.Typer(no_args_is_help=True, help="Reports on what was watched, found and decided.")


@report_app.command("termly")
def termly(
    target: Annotated[Path, typer.Option("--out", help="The new PDF; only you can read it.")],
    config: Config = None,
) -> None:
    """The report to governors on the term so far, as a PDF: figures only."""
    from monitor.commands.reports import termly as work

    with sentences():
        work(config, target)
