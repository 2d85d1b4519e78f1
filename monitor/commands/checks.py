"""`check-config` and `send-test-mail`: is it right, does mail arrive. `doctor` is in monitor/commands/doctor.py."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from monitor.commands.doctor import asked, shown
from monitor.commands.opened import app_of, out, settings_of
from monitor.domain import Role
from monitor.errors import DeliveryError


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
        return shown(asked(app), app, as_json=as_json)


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
