"""/metrics: how the service is, for Prometheus. Names of accounts and networks, numbers and times; no person, no text.

Answers only to whoever sends the configured token (`[watching] metrics_token`), and like any unknown page while there is
none: the page may be open to the internet.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor import __version__
from monitor.troubles import KINDS, area

_WAITING = {
    "items_to_assess": "Items that wait to be judged.",
    "mails_to_send": "Mails that wait to be sent.",
    "mails_failed": "Mails that could not be delivered.",
    "decisions_to_carry_out": "Decisions that wait to be carried out.",
}


class _Collected(Collector):
    """One reading of the service. `report` is that of monitor/health.py."""

    def __init__(self, report: Mapping[str, Any], hung: Iterable[str], free: int) -> None:
        self._report, self._hung, self._free = report, list(hung), free

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("schoolgate", "Which version runs.", value={"version": __version__})
        yield _number("schoolgate_ok", "1 while nothing is wrong.", self._report["ok"])
        yield _number(
            "schoolgate_watching",
            "1 while every account is read and mail leaves.",
            self._report["watching"] and not self._hung,
        )
        yield _number("schoolgate_hung", "Lanes whose step is over its deadline.", len(self._hung))
        yield _number("schoolgate_disk_free_bytes", "Free where the database is.", self._free)
        for key, says in _WAITING.items():
            yield _number(f"schoolgate_{key}", says, self._report[key])
        yield from self._streams()
        open_ones = GaugeMetricFamily("schoolgate_incidents", "Open incidents by kind.", labels=["kind"])
        kinds = [area(key) for key in self._report["incidents"]]
        for kind in sorted({*KINDS, *kinds} - {"claim"}):
            open_ones.add_metric([kind], kinds.count(kind))
        yield open_ones

    def _streams(self) -> Iterator[Metric]:
        names = ["account", "kind"]
        well = GaugeMetricFamily("schoolgate_stream_ok", "1 while it is read in time.", labels=names)
        last = GaugeMetricFamily(
            "schoolgate_stream_last_success_seconds", "When it was last read (Unix time).", labels=names
        )
        errors = GaugeMetricFamily("schoolgate_stream_errors", "Failed tries in a row.", labels=names)
        for row in self._report["streams"]:
            where = [row["account"], row["kind"]]
            well.add_metric(where, row["ok"])
            errors.add_metric(where, row["errors"])
            if row["last_success"]:
                last.add_metric(where, datetime.fromisoformat(row["last_success"]).timestamp())
        yield from (well, last, errors)


def metrics_of(
    token: str | None,
    report: Callable[[], Mapping[str, Any]],
    alive: Callable[[], list[str]],
    free: Callable[[], int],
) -> Route:
    """The route. `token` None: there are no metrics. `alive` names what hangs, `free` gives the disk's free bytes."""

    def metrics(request: Request) -> Response:
        if token is None:
            raise HTTPException(404)
        given = request.headers.get("authorization", "").encode()
        if not secrets.compare_digest(given, f"Bearer {token}".encode()):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(report(), alive(), free()))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics, methods=["GET"])


def _number(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=float(value))
