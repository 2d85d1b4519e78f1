"""`check-config`, `doctor`, `send-test-mail`: is it right, is it well, does mail arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from monitor.checked import HealthPoint
from monitor.commands.opened import app_of, out, settings_of
from monitor.domain import Role
from monitor.errors import DeliveryError

if TYPE_CHECKING:
    from monitor.app import App

_TEMPFAIL = 75


def check_config(config: Path | None, *, online: bool, as_json: bool) -> int:
    """0 when the configuration is right; with `online`, also asks each network and the mail server (75: one is not well)."""
    settings = settings_of(config)
    if not online:
        if as_json:
            out.print_json(
                json.dumps({"ok": True, "accounts": [account.key for account in settings.account]})
            )
        else:
            number = len(settings.account)
            accounts = f"{number} account" if number == 1 else f"{number} accounts"
            out.print(f"The configuration is right: {accounts}.", highlight=False)
        return 0
    with app_of(config) as app:
        return _shown(_asked(app), as_json=as_json)


def doctor(config: Path | None, *, as_json: bool) -> int:
    """Everything that can be asked: the machine, the database, what waits, each network, the mail server."""
    with app_of(config) as app:
        points = [("this machine", point) for point in _machine(app)]
        points += [("service", point) for point in _service(app)]
        return _shown([*points, *_asked(app)], as_json=as_json)


def send_test_mail(config: Path | None, role: Role) -> int:
    """A mail that says that mail works, through the outbox like every other."""
    with app_of(config) as app:
        address = asyncio.run(app.mail.test(role))
    if address is None:
        raise DeliveryError(
            "the mail server did not accept the test mail; `schoolgate check-config --online` says why"
        )
    out.print(
        f"The mail server accepted a test mail to {address}. Look for it there.",
        markup=False,
        highlight=False,
    )
    return 0


def _asked(app: App) -> list[tuple[str, HealthPoint]]:
    found = [(watch.key, point) for watch in app.watches for point in watch.connector.check().points]
    found += [("mail", point) for point in asyncio.run(app.mail.probe())]
    found += [("claims by mail", point) for point in app.letters.probe()]
    return found + [("answers by mail", point) for point in app.answers.probe()]


def _machine(app: App) -> Iterable[HealthPoint]:
    from monitor import backup_watch
    from monitor.app import mail_header_problem
    from monitor.evidence_check import check
    from monitor.health import LOW_DISK, free_disk

    problem = mail_header_problem()
    yield HealthPoint("python", problem is None, problem or "mail headers cannot be forged")
    free = free_disk(app.store)
    yield HealthPoint("disk", free >= LOW_DISK, f"{free // 2**20} MiB are free where the database is")
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
        f"{report.copies + report.given} pieces and {report.entries} entries hold"
        if report.holds
        else f"{report.problems[0]}; keep the database file, tell the safeguarding lead, and look with"
        " `schoolgate evidence verify`",
    )


def _service(app: App) -> Iterable[HealthPoint]:
    report = app.health()
    for stream in report["streams"]:
        name = f"{stream['account']} {stream['kind'].replace('_', ' ')}"
        last = stream["last_success"]
        yield HealthPoint(
            name, stream["ok"], f"last read {last}" if last else "not read yet; is the service running?"
        )
    for key, what in (
        ("items_to_assess", "items wait to be assessed"),
        ("mails_to_send", "mails wait to be sent"),
        ("decisions_to_carry_out", "decisions wait to be carried out"),
    ):
        yield HealthPoint(key.replace("_", " "), True, f"{report[key]} {what}")
    failed = report["mails_failed"]
    yield HealthPoint("mails failed", not failed, f"{failed} mails could not be delivered")
    for incident in app.incidents():
        yield HealthPoint(incident.key, False, f"{incident.says}. {incident.cure}")


def _shown(points: Iterable[tuple[str, HealthPoint]], *, as_json: bool) -> int:
    listed = list(points)
    well = all(point.ok for _, point in listed)
    if as_json:
        rows = [{"area": area, "name": p.name, "ok": p.ok, "says": p.says} for area, p in listed]
        out.print_json(json.dumps({"ok": well, "points": rows}))
    else:
        table = Table(show_header=False, box=None, pad_edge=False)
        for area, point in listed:
            sign = Text("✔", "green") if point.ok else Text("✖", "bold red")
            table.add_row(sign, Text(area), Text(point.name), Text(point.says))
        out.print(table)
        wrong = sum(not point.ok for _, point in listed)
        out.print(
            "All is well." if well else f"{wrong} of {len(listed)} points need attention.", highlight=False
        )
    return 0 if well else _TEMPFAIL
