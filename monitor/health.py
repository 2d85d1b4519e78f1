"""How the service is: for /healthz, `doctor` and the administrator's mail. Names and times only, no content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from monitor import spend
from monitor.checked import Health
from monitor.domain import Reason
from monitor.incidents import close_incident, open_incident, open_incidents
from monitor.poll import Watch, is_silent
from monitor.store import Store
from monitor.tables import DecisionRow, ItemRow, OutboxRow, StreamRow
from monitor.troubles import area, kind_of

SOON = timedelta(days=14)  # an access that runs out within this is told of
CLAIM = "claim"  # told to people and to nobody else: who asks here must not learn what the register made of a claim
# of these nobody may think that all is watched
STOPS = frozenset({"stream", "offline", "mail", "storage", "full", "clock"})
CLOCK_OFF = 120  # seconds


def note(store: Store, account: str, network: str, health: Health, now: datetime) -> None:
    """What a connector's check found becomes incidents, or closes them; what it cost is counted."""
    with store.write() as session:
        spend.add(session, store, network, health.reads, now)
        if health.ok:  # a failure may have had a point of its own, which a check that goes well does not name
            for row in open_incidents(session, store.school):
                if row.key.startswith(f"check:{account}:"):
                    close_incident(store, session, row.key, now=now)
        for one in health.points:
            key = f"check:{account}:{one.name}"
            if one.ok:
                close_incident(store, session, key, now=now)
            else:
                open_incident(
                    store,
                    session,
                    key,
                    says=f"{account}: the check of its {one.name} failed",
                    cure=one.says,
                    now=now,
                )
            key = f"expires:{account}:{one.name}"
            if one.expires_at is not None and one.expires_at - now < SOON:
                open_incident(
                    store,
                    session,
                    key,
                    says=f"{account}: its {one.name} runs out on {one.expires_at:%d %b %Y}",
                    cure=one.says,
                    now=now,
                )
            else:
                close_incident(store, session, key, now=now)


def check_clock(store: Store, off: Iterable[float], now: datetime) -> None:
    """A clock of ours that is wrong is told of: codes, links, the digest and the order of what was said go by it. `off` as
    in `monitor.ports.Dated`, one for each network that said; one network alone that differs from the others is wrong
    itself."""
    told = sorted(off, key=abs)
    if not told:
        return
    least = told[0]
    wrong = abs(least) > CLOCK_OFF and all((one > 0) == (least > 0) for one in told)
    with store.write() as session:
        if not wrong:
            close_incident(store, session, "clock", now=now)
            return
        amount = f"{round(abs(least) / 60)} minutes {'slow' if least > 0 else 'fast'}"
        open_incident(
            store,
            session,
            "clock",
            says=f"this machine's clock is {amount}, by what the networks say",
            cure="Switch the machine's time service on (`timedatectl set-ntp true`) and see that it reaches a time server.",
            now=now,
        )


def note_python(store: Store, problem: str | None, now: datetime) -> None:
    """A Python that lets a crafted text start a mail header is told of once; mail goes on, for no stranger's word is
    ever put into a header. `problem` is the sentence with the cure, None when all is well."""
    with store.write() as session:
        if problem:
            open_incident(
                store,
                session,
                "python:headers",
                says="the Python that Schoolgate runs on has a known hole in how it writes mail headers",
                cure=problem,
                now=now,
            )
        else:
            close_incident(store, session, "python:headers", now=now)


def report(store: Store, watches: Iterable[Watch], now: datetime) -> dict[str, Any]:
    """One object that says whether all is well (`ok`), and each part: streams, what waits, incidents by key. `watching`:
    whether every account is read and mail leaves, whatever else is not well."""
    watched = {(watch.key, kind.value): every for watch in watches for kind, every in watch.intervals.items()}
    with store.read() as session:
        streams = session.exec(select(StreamRow).where(StreamRow.school_id == store.school)).all()
        waiting = {
            "items_to_assess": session.exec(
                select(func.count())
                .select_from(ItemRow)
                .where(ItemRow.school_id == store.school, col(ItemRow.assessed_at).is_(None))
            ).one(),
            "mails_to_send": session.exec(
                select(func.count())
                .select_from(OutboxRow)
                .where(
                    OutboxRow.school_id == store.school,
                    OutboxRow.reason != Reason.CLAIM.value,
                    col(OutboxRow.sent_at).is_(None),
                    col(OutboxRow.failed_at).is_(None),
                )
            ).one(),
            "mails_failed": session.exec(
                select(func.count())
                .select_from(OutboxRow)
                .where(
                    OutboxRow.school_id == store.school,
                    OutboxRow.reason != Reason.CLAIM.value,
                    col(OutboxRow.failed_at).is_not(None),
                    col(OutboxRow.replaced).is_(False),
                )
            ).one(),
            "decisions_to_carry_out": session.exec(
                select(func.count())
                .select_from(DecisionRow)
                .where(DecisionRow.school_id == store.school, col(DecisionRow.done_at).is_(None))
            ).one(),
        }
        keys = [incident.key for incident in open_incidents(session, store.school)]
    incidents = [key for key in keys if area(key) != CLAIM]
    rows = []
    for stream in streams:
        every = watched.get((stream.account, stream.kind))
        if every is None:
            continue
        success = stream.last_success_at
        late = success is not None and now - success >= 3 * every + timedelta(minutes=5)
        well = stream.blocked_at is None and not late and not is_silent(stream, every, now)
        rows.append(
            {
                "account": stream.account,
                "kind": stream.kind,
                "ok": well,
                "last_success": success.isoformat() if success else None,
                "next": stream.next_due.isoformat(),
                "errors": stream.error_count,
            }
        )
    read = all(row["ok"] for row in rows)
    return {
        "ok": read and all(kind_of(key).soon for key in incidents),
        "watching": read and not any(area(key) in STOPS for key in incidents),
        "streams": rows,
        **waiting,
        "incidents": incidents,
    }
