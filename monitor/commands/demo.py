"""`demo`: a whole invented school day on this machine, once through or to be looked at."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.commands.opened import err, out, say
from monitor.domain import Role

if TYPE_CHECKING:
    from monitor.demo.day import Day


def demo(*, once: bool, as_json: bool, port: int) -> int:
    """0 when nothing planted was missed, nothing was lost and there was no false alarm; else 1."""
    from monitor import logs

    logs.configure("error", "text")
    with tempfile.TemporaryDirectory(prefix="schoolgate-demo-") as folder:
        return _once(Path(folder), port, as_json=as_json) if once else _stay(Path(folder), port)


def _once(folder: Path, port: int, *, as_json: bool) -> int:
    from monitor.demo.day import DAY_ENDS, Day, as_rows, decide, served, turn_of
    from monitor.demo.score import perfect, score
    from monitor.demo.world import DayClock, world
    from monitor.sandbox.day import load_script

    began = time.monotonic()
    script = load_script()
    clock = DayClock(script.school.first_poll)
    with world(folder, clock, page_port=port or _free_port(), script=script) as built:
        day = Day(built, clock)
        _watch(day, day.at(DAY_ENDS))
        with served(built) as page:
            done = decide(day, page)
        clock.move_to(day.next_school_morning())
        turn_of(built)
        result: dict[str, Any] = score(built, day.stage.ids)
        result["actions"] = as_rows(done)
        result["seconds"] = round(time.monotonic() - began, 1)
    well = perfect(result) and all(action["outcome"] != "waiting" for action in done_rows(result))
    if as_json:
        out.print_json(json.dumps(result))
    else:
        _told(result)
    return 0 if well else 1


def done_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result["actions"]
    return rows


def _watch(day: Day, end: datetime) -> None:
    """Play to `end`, with a line that shows how far the day has come."""
    from rich.progress import BarColumn, Progress, TextColumn

    start = day.clock()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as progress:
        task = progress.add_task("The school day", total=(end - start).total_seconds())
        for now in day.play_until(end):
            local = now.astimezone(day.world.settings.school.zone)
            progress.update(
                task, completed=(now - start).total_seconds(), description=f"The school day, {local:%H:%M}"
            )


def _told(result: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(title="A school day, from comment to digest", show_header=False, title_justify="left")
    planted = result["planted"]
    total = planted["found"] + len(planted["missed"])
    table.add_row(
        "Items read",
        ", ".join(f"{network} {sum(kinds.values())}" for network, kinds in result["items"].items()),
    )
    table.add_row("Cases", ", ".join(f"{n} {word}" for word, n in result["cases"]["by_severity"].items()))
    table.add_row("Planted cases found", f"{planted['found']} of {total}")
    table.add_row("False alarms", str(len(result["false_alarms"])))
    table.add_row("Mails accepted", ", ".join(f"{role} {n}" for role, n in result["mails_accepted"].items()))
    table.add_row("Actions", str(len(result["actions"])))
    table.add_row("Digest", ", ".join(result["digest_sent"]) or "not sent")
    table.add_row("Seconds", str(result["seconds"]))
    out.print(table)
    for kind in ("missed", "misrouted"):
        if planted[kind]:
            say(f"{kind}: {', '.join(planted[kind])}")
    if result["false_alarms"]:
        say(f"false alarms: {', '.join(result['false_alarms'])}")
    for what, lost in result["lost"].items():
        if lost:
            say(f"lost, {what.replace('_', ' ')}: {lost}")


def _stay(folder: Path, port: int) -> int:
    """Play the day to the end of school, then keep everything running, on the demo's own time."""
    import asyncio

    from monitor.daemon import Daemon, bind
    from monitor.demo.day import SCHOOL_ENDS, Day
    from monitor.demo.world import DayClock, world
    from monitor.sandbox.day import load_script

    script = load_script()
    clock = DayClock(script.school.first_poll)
    with world(folder, clock, page_port=port or _free_port(), script=script) as built:
        day = Day(built, clock)
        _watch(day, day.at(SCHOOL_ENDS))
        stopped = threading.Event()
        running = threading.Thread(target=_tick, args=(day, stopped), name="demo-time")
        running.start()
        head = script.school.roles[Role.HEADTEACHER]
        out.print(
            f"It is {script.school.day:%A} {SCHOOL_ENDS:%H:%M} at {script.school.name} (invented).\n",
            highlight=False,
        )
        out.print(f"  mailbox  {built.mailbox_url}", highlight=False)
        out.print(f"  page     {built.settings.page.public_url}", highlight=False)
        out.print(f"  claims   {built.settings.page.public_url}/claim", highlight=False)
        out.print(
            f"\nTo sign in: open the mailbox, read a mail to {head.address}, tap its link, press “Send me a code”,\n"
            "then read the code in the mailbox (it comes within seconds) and type it.\n"
            "As a family: open the claims address and sign in with X as Kaz Holloway. The office's page, /followers, then\n"
            "shows that follower as verified.\nStop with Ctrl-C.",
            highlight=False,
        )

        async def serve() -> None:
            await Daemon(built.app, bind(built.settings.page.host, built.settings.page.port)).run()

        try:
            asyncio.run(serve())
        finally:
            stopped.set()
            running.join()
    return 0


def _tick(day: Day, stopped: threading.Event) -> None:
    """Time goes on at its own pace, and the rest of the script with it."""
    last = time.monotonic()
    while not stopped.wait(0.5):
        now = time.monotonic()
        day.clock.move_to(day.clock() + timedelta(seconds=now - last))
        last = now
        day.stage.play(until=day.clock())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
