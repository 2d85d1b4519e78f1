"""Who outside watches the service itself: [watching]. Reads nothing; `monitor.config` loads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from monitor.config_names import PingAddress
from monitor.config_values import Between, Table

SHORTEST = 16  # characters


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SHORTEST:
        raise ValueError(
            f"is too short; make one of {SHORTEST} characters or more with `openssl rand -hex 32`"
        )
    return value


class Watching(Table):
    """Without `metrics_token` there are no metrics, without `heartbeat_url` no sign of life is sent."""

    heartbeat_url: PingAddress | None = Field(
        default=None,
        description="the address that your watching service gave you",
        examples=["https://watch.example/ping/3f0c"],
    )
    heartbeat_every: Annotated[timedelta, Between("1m", "1h")] = Field(
        default=timedelta(minutes=5), description="an interval", examples=["5m"]
    )
    metrics_token: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None, description="a secret of 16 characters or more", examples=["…"]
    )
