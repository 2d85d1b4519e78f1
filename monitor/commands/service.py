"""`run` and `poll --once`: the service itself, and one turn of it by hand."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from functools import partial
from pathlib import Path

from monitor.commands.opened import app_of, out, say
from monitor.errors import MonitorError


def run(config: Path | None) -> None:
    """Until told to stop. A second process on the same database is refused."""
    from monitor.app import failure_told, leave
    from monitor.commands.opened import settings_of
    from monitor.daemon import Daemon, bind, only_one

    settings = settings_of(config)
    with only_one(settings.storage.state_dir), failure_told(settings), app_of(config) as app:
        app.store.on_failure = partial(leave, settings)
        listening = bind(settings.page.host, settings.page.port)

        async def serve() -> None:
            if await Daemon(app, listening).run():
                # Python waits for every thread before it ends; what is stored is stored, and the lock goes with us
                logging.shutdown()
                os._exit(0)

        asyncio.run(serve())


def poll_once(config: Path | None, account: str | None, *, as_json: bool) -> None:
    """Poll every account now (or one), judge, tell, deliver, act; then say what was done."""
    from monitor.commands.opened import settings_of
    from monitor.daemon import only_one

    # the lock first: opening an older database changes its shape, and the service may be running on it
    with only_one(settings_of(config).storage.state_dir), app_of(config) as app:
        watches = [watch for watch in app.watches if account in {None, watch.key}]
        if not watches:
            known = ", ".join(watch.key for watch in app.watches) or "none"
            raise MonitorError(f"there is no account {account!r} to poll; the configuration has: {known}")
        if account is None:
            app.read_letters()
        counted: dict[str, object] = {
            "items": {watch.key: app.poll(watch, at_once=True) for watch in watches},
            "handled": app.work(),
            "acted": app.act(),
        }
        app.slow()
        counted["mails"] = asyncio.run(app.deliver())
        trouble = [
            f"{stream['account']} {stream['kind']}: {stream['errors']} failed attempts"
            for stream in app.health()["streams"]
            if stream["errors"]
        ]
        counted["trouble"] = trouble
    if as_json:
        out.print_json(json.dumps(counted))
    else:
        for key, number in dict(counted["items"]).items():  # type: ignore[call-overload]
            out.print(f"{key}: {number} new or changed", highlight=False)
        out.print(f"{counted['handled']} handled, {counted['mails']} mails accepted", highlight=False)
        for line in trouble:
            say(line)
    if trouble:
        raise SystemExit(75)
