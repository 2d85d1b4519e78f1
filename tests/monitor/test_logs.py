"""The log as it is written: one line an event, ids and types only, whatever a call or a library hands it."""

from __future__ import annotations

import ast
import asyncio
import gc
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from monitor import logs

SECRET = "Robin Example lives at 1 Example Row"  # what a stranger might write


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {
        name: logger.level
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    yield
    root.handlers[:], root.level = handlers, level
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    said = capsys.readouterr()
    assert said.out == ""
    assert SECRET not in said.err
    return [json.loads(line) for line in said.err.splitlines()]


def test_an_event_is_one_json_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.get_logger("monitor.poll").info("page stored", account="x-main", count=3)
    (line,) = written(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "page stored", "level": "info", "account": "x-main", "count": 3}


def test_what_is_not_on_the_list_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.get_logger("monitor.poll").info("page stored", text=SECRET, name=SECRET, to=SECRET, id=7)
    (line,) = written(capsys)
    assert set(line) == {"event", "level", "timestamp", "id"}


@pytest.mark.parametrize("style", ["json", "text"])
def test_an_exception_is_its_type_and_its_place(capsys: pytest.CaptureFixture[str], style: Any) -> None:
    logs.configure("info", style)
    for logger in (structlog.get_logger("monitor.poll"), logging.getLogger("some.library")):
        try:
            int(SECRET)  # quotes it in its message
        except ValueError:
            logger.exception("poll failed")
    said = capsys.readouterr().err
    assert SECRET not in said
    assert "Traceback" not in said
    assert said.count("ValueError") == 2
    assert said.count("test_logs.py:") == 2


def test_an_exception_that_nobody_awaited_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")

    async def fails() -> None:
        raise ValueError(SECRET)

    async def forgets() -> None:
        task = asyncio.ensure_future(fails())
        await asyncio.wait({task})
        del task
        gc.collect()

    asyncio.run(forgets())
    (line,) = written(capsys)
    assert line["event"] == "Task exception was never retrieved"
    assert line["error"] == "ValueError"


def test_libraries_that_print_tokens_are_quiet_even_at_debug(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("debug", "json")
    for name in (
        "tweepy.client",
        "urllib3.connectionpool",
        "requests_oauthlib",
        "aiosmtplib",
        "uvicorn.access",
    ):
        logging.getLogger(name).info(SECRET)
    structlog.get_logger("monitor.poll").debug("page stored")
    assert [line["event"] for line in written(capsys)] == ["page stored"]


def test_the_level_is_kept_to(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    structlog.get_logger("monitor.poll").info("page stored")
    structlog.get_logger("monitor.poll").warning("mail not accepted")
    assert [line["event"] for line in written(capsys)] == ["mail not accepted"]


@pytest.mark.parametrize("style", ["text", "json"])
def test_what_a_server_or_a_library_says_is_one_line_and_steers_no_terminal(
    capsys: pytest.CaptureFixture[str], style: Any
) -> None:
    logs.configure("info", style)
    said = "refused\x1b[2J\r2026-11-21 forged\nsecond\x85third\u2028\u202e\ud800"
    structlog.get_logger("alerts.deliver").info("mail refused", reply=said)
    logging.getLogger("library").warning("%s", said)
    lines = capsys.readouterr().err.removesuffix("\n").split("\n")
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_what_our_own_calls_say_is_on_the_list() -> None:
    """What is not is dropped without a word: "an old copy of a remembered device was used" would not say which."""
    root = Path(logs.__file__).parents[1]
    calls = [
        call
        for folder in ("monitor", "alerts", "connectors")
        for path in (root / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "log"
    ]
    said = {word.arg for call in calls for word in call.keywords} - {"exc_info"}
    assert len(calls) > 30
    assert said <= logs._KEYS
