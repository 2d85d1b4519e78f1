"""`doctor`: everything that can be asked about the service, in plain words and the school's own time, gravest first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from monitor.checked import HealthPoint
from monitor.commands.opened import app_of, out

if TYPE_CHECKING:
    from monitor.app import App

_PATIENCE = 10.0  # seconds for the service's own page
_HEADERS = "mail headers"  # the mail server's part of `asked`
_ADVICE = frozenset(
    {"python", _HEADERS}
)  # known holes of Python: no stranger's word is in a header, mail goes on


class Weight(IntEnum):
    """How grave a point is."""

    WELL = 0
    SOON = 1  # something is to be done in time
    OUTSIDE = 2  # a network or a mail server is not well
    HERE = 3  # Schoolgate itself or this machine is not


EXIT = {Weight.WELL: 0, Weight.SOON: 0, Weight.OUTSIDE: 75, Weight.HERE: 1}
_SIGNS = {
    Weight.WELL: ("✔", "green"),
    Weight.SOON: ("○", "yellow"),
    Weight.OUTSIDE: ("✖", "bold red"),
    Weight.HERE: ("✖", "bold red"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the answer. `weight` counts while `found` is not well."""

    area: str
    found: HealthPoint
    fault: Weight = Weight.OUTSIDE

    @property
    def weight(self) -> Weight:
        if self.found.ok:
            return Weight.WELL
        return Weight.SOON if self.found.name in _ADVICE else self.fault


def doctor(config: Path | None, *, as_json: bool) -> int:
    """Everything that can be asked: the service, the machine, the database, what waits, each network, the mail server.
    The exit code is that of the gravest point (EXIT)."""
    with app_of(config) as app:
        points = [
            *(Point("service", point, Weight.HERE) for point in _running(app)),
            *(Point("this machine", point, Weight.HERE) for point in _machine(app)),
            *_read(app),
            *_troubles(app),
            # what Python lacks is said of this machine already
            *(point for point in asked(app) if point.found.name != _HEADERS),
        ]
        return shown(points, app, as_json=as_json)


def asked(app: App) -> list[Point]:
    """What the networks and the mail server answer now."""
    found = [Point(watch.key, point) for watch in app.watches for point in watch.connector.check().points]
    found += [Point("mail", point) for point in asyncio.run(app.mail.probe())]
    found += [Point("claims by mail", point) for point in app.letters.probe()]
    return found + [Point("answers by mail", point) for point in app.answers.probe()]


def shown(points: Iterable[Point], app: App, *, as_json: bool) -> int:
    """Print them, gravest first; returns the exit code."""
    listed = sorted(points, key=lambda point: -point.weight)
    gravest = max((point.weight for point in listed), default=Weight.WELL)
    if as_json:
        rows = [
            {
                "area": point.area,
                "name": point.found.name,
                "ok": point.found.ok,
                "weight": point.weight.name.lower(),
                "says": _says(point.found, app),
            }
            for point in listed
        ]
        out.print_json(json.dumps({"ok": gravest <= Weight.SOON, "exit": EXIT[gravest], "points": rows}))
        return EXIT[gravest]
    for point in listed:
        sign, style = _SIGNS[point.weight]
        line = Text.assemble((sign, style), f" {point.area} · {point.found.name}: {_says(point.found, app)}")
        out.print(line, highlight=False)
    out.print(_summary(listed), highlight=False)
    return EXIT[gravest]


def _summary(points: list[Point]) -> str:
    wrong = sum(point.weight > Weight.SOON for point in points)
    soon = sum(point.weight is Weight.SOON for point in points)
    later = f" {soon} of {len(points)} can wait a while (○)." if soon else ""
    if not wrong:
        return f"All is well.{later}"
    need = "1 point needs" if wrong == 1 else f"{wrong} points need"
    return f"{need} attention.{later}"


def _says(point: HealthPoint, app: App) -> str:
    return f"last read {_local(point.last_read, app)}; {point.says}" if point.last_read else point.says


def _local(at: datetime, app: App) -> str:
    """Fri 20 Nov 2026, 14:02, as the school's clocks say."""
    return f"{at.astimezone(app.settings.school.zone):%a %d %b %Y, %H:%M}"


def _running(app: App) -> Iterator[HealthPoint]:
    from monitor.daemon import is_running
    from monitor.runs import running_since

    if not is_running(app.settings.storage.state_dir):
        yield HealthPoint(
            "process",
            ok=False,
            says="it is not running: nothing is read and no mail leaves; start it (systemctl start schoolgate), and if it"
            " ends again look at `journalctl -u schoolgate`",
        )
        return
    since = running_since(app.store)
    yield HealthPoint(
        "process",
        ok=True,
        says=f"it has been running since {_local(since, app)}" if since else "it is running",
    )
    hung = _hung(app)
    if hung is None:
        yield HealthPoint(
            "page",
            ok=False,
            says=f"it does not answer at {app.settings.page.listen}; if it has only just started, ask again in a minute",
        )
        return
    yield HealthPoint("page", ok=True, says=f"it answers at {app.settings.page.listen}")
    stuck = ", ".join(hung)
    yield HealthPoint(
        "turns",
        ok=not hung,
        says=f"stuck in {stuck}; systemd restarts the service by itself within minutes, else do it"
        if hung
        else "none is stuck",
    )


def _hung(app: App) -> list[str] | None:
    """What the running service says hangs; None when it does not answer."""
    import requests

    host = app.settings.page.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{app.settings.page.port}/healthz"
    try:
        with requests.Session() as session:
            session.trust_env = False
            said = session.get(address, headers={"Host": "127.0.0.1"}, timeout=_PATIENCE).json()
            return [str(name) for name in said["hung"]]
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return None


def _machine(app: App) -> Iterator[HealthPoint]:
    from monitor import backup_watch
    from monitor.app import mail_header_problem
    from monitor.disk import room_at
    from monitor.evidence_check import check

    problem = mail_header_problem()
    yield HealthPoint("python", problem is None, problem or "mail headers cannot be forged")
    room = room_at(app.store.path.parent)
    yield HealthPoint("disk", not room.is_low, f"{room.free // 2**20} MiB are free where the database is")
    mode = app.store.path.stat().st_mode & 0o077
    yield HealthPoint(
        "database file",
        not mode,
        "only this user can read it" if not mode else f"others can read it; chmod 600 {app.store.path}",
    )
    if app.settings.backup.daily == "on":
        yield backup_watch.point(app.store, app.settings.school.zone, app.clock())
    report = check(app.store)
    yield HealthPoint(
        "evidence and audit log",
        report.holds,
        f"all hold: {report.copies + report.given} of evidence, {report.entries} entries of the log"
        if report.holds
        else f"{report.problems[0]}; keep the database file, tell the safeguarding lead, and look with"
        " `schoolgate evidence verify`",
    )


def _read(app: App) -> Iterator[Point]:
    report = app.health()
    for stream in report["streams"]:
        name = f"{stream['account']} {stream['kind'].replace('_', ' ')}"
        last = stream["last_success"]
        says = (
            f"last read {_local(datetime.fromisoformat(last), app)}"
            if last
            else "not read yet; is the service running?"
        )
        yield Point("service", HealthPoint(name, stream["ok"], says))
    for key, what in (
        ("items_to_assess", "items wait to be assessed"),
        ("mails_to_send", "mails wait to be sent"),
        ("decisions_to_carry_out", "decisions wait to be carried out"),
        ("mails_failed", "mails could not be delivered, of all that are still kept"),
    ):
        yield Point("service", HealthPoint(key.replace("_", " "), True, f"{report[key]} {what}"))


def _troubles(app: App) -> Iterator[Point]:
    from monitor.troubles import area, kind_of

    for incident in app.incidents():
        if area(incident.key) == "claim":  # told to the safeguarding lead and to nobody else
            continue
        kind = kind_of(incident.key)
        says = f"{incident.says} (since {_local(incident.opened_at, app)}). {' '.join(incident.cure.split())}"
        fault = Weight.SOON if kind.soon else Weight.OUTSIDE if kind.outside else Weight.HERE
        yield Point("trouble", HealthPoint(kind.title, ok=False, says=says), fault)
