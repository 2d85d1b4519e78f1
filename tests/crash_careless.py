"""A service with one mistake, to see that the kills of tests/test_bench_crash.py find it: it marks a message as sent first."""

from __future__ import annotations

import sys
from pathlib import Path

from alerts.deliver import Outgoing, deliver_one
from alerts.outbox import accepted, lease
from bench import crash_service
from monitor.app.mailing import Mailing
from monitor.crash import point


async def deliver(mailing: Mailing) -> int:
    taken = 0
    while waiting := lease(mailing.store, mailing.clock(), most=1, hours=mailing.hours):
        one = waiting[0]
        accepted(mailing.store, one.id, reply="250", now=mailing.clock())
        point("deliver.leased")
        await deliver_one(Outgoing(one.id, one.to, one.message), mailing.server, mailing.tls)
        taken += 1
    return taken


if __name__ == "__main__":
    Mailing.deliver = deliver  # type: ignore[method-assign]
    crash_service.main(Path(sys.argv[1]))
