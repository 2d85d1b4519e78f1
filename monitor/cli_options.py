"""Options that many commands share. Words only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The configuration (default: $SCHOOLGATE_CONFIG, ./config.toml, /etc/schoolgate/config.toml).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]
