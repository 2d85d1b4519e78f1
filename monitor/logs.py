"""Logging: one line an event, ids only, JSON when nobody watches. Libraries that print tokens are kept quiet."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

# tweepy and urllib3 print Authorization headers and query strings at DEBUG; aiosmtplib prints recipients.
_QUIET = ("tweepy", "urllib3", "requests", "requests_oauthlib", "oauthlib", "aiosmtplib", "mail.log", "httpx")
_KEYS = frozenset(
    (
        *("timestamp", "level", "event", "logger", "error", "where", "at", "reference", "version"),
        *(
            "account",
            "kind",
            "item",
            "case",
            "notices",
            "decision",
            "id",
            "message_id",
            "stage",
            "rule",
            "role",
            "reason",
        ),
        *("step", "notice", "shares", "device", "service", "place"),
        *("count", "seconds", "signal", "port", "status", "network", "permanent", "reply", "fault"),
    )
)


def _known_keys(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is not on the list: a name, a text or a token can then not get in by a careless call."""
    return {key: value for key, value in event.items() if key in _KEYS or key.startswith("_")}


def _without_values(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its type and where it was raised: its message may quote what a stranger wrote."""
    info = event.pop("exc_info", None)
    if info:
        given = info[1] if isinstance(info, tuple) else info  # libraries hand over a tuple, or only True
        error = given if isinstance(given, BaseException) else sys.exc_info()[1]
        if error is not None:
            trace, where = error.__traceback__, []
            while trace is not None:
                code = trace.tb_frame.f_code
                where.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}")
                trace = trace.tb_next
            event["error"] = type(error).__name__
            event["where"] = " > ".join(where[-6:])
    return event


def _without_signs(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Line ends, control characters and signs that turn or hide text as their escapes (ASVS 5.0 16.4.1): what a server or a
    library says must neither look like a second entry nor steer the terminal that shows it."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = _escaped(value)
    return event


def _escaped(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def _first_line(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of what a library says, its first line: asyncio's second one shows the exception with all that it quotes."""
    event["event"] = str(event.get("event", "")).partition("\n")[0]
    return event


def configure(level: str = "info", style: Literal["auto", "text", "json"] = "auto") -> None:
    """Set up logging for the process, to standard error."""
    json = style == "json" or (style == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_values,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            *shared,
            _known_keys,
            _without_signs,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _first_line, _without_signs],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("alembic", "apscheduler"):  # what they say of themselves helps nobody
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # paths hold link tokens
