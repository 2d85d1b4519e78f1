"""Which shares go out by themselves, which together and which wait, so that nobody can fill a mailbox by writing a lot.

Pure: it puts one recipient's shares into mails, and `alerts/notify.py` makes them. Nothing is dropped here: what does
not go now waits for the next mail. The cap holds for every mail about a case, the first mail of a critical one too:
otherwise five hundred threats would be five hundred mails. What is critical is never silent for long all the same: the
last places of an hour are kept for mails that put a crowd together, at most APART apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain import Reason, Severity
from monitor.hours import Hours, may_tell

NAGS = frozenset({Reason.REMINDER.value, Reason.ESCALATION.value})
APART = timedelta(minutes=15)  # between two mails that put a crowd together
FOR_CROWDS = int(timedelta(hours=1) / APART)  # places of an hour that are kept for them
FOR_GRAVE = 2  # more places that a mail about a closed case leaves free
HOUR = timedelta(hours=1)
_RANK = (Reason.FIRST, Reason.UPDATED, Reason.ESCALATION, Reason.REMINDER, Reason.CLOSED)


@dataclass(frozen=True, slots=True)
class Share:
    """What one recipient is to hear of one case: the rows that one mail tells at once, the first foremost."""

    case_id: int
    ids: tuple[int, ...]
    reason: Reason
    severity: Severity

    @property
    def calm(self) -> bool:
        return self.severity <= Severity.MEDIUM and self.reason not in NAGS


@dataclass(frozen=True, slots=True)
class Recent:
    """What one recipient has had: mails on their way or accepted within the hour, when the last crowd and the last
    calm ones were put together, and whether a crowd's mail has not left yet."""

    mails: int = 0
    crowd_at: datetime | None = None
    crowd_waits: bool = False
    calm_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One mail. `together`: a list of cases, even of one."""

    shares: tuple[Share, ...]
    together: bool


def shares_of(rows: Iterable[tuple[int, int, str, int]]) -> list[Share]:
    """Rows of (id, case_id, reason, severity) by case, the gravest and oldest first."""
    by_case: dict[int, list[tuple[int, Reason, int]]] = {}
    for row_id, case_id, reason, severity in rows:
        by_case.setdefault(case_id, []).append((row_id, Reason(reason), severity))
    shares = []
    for case_id, told in by_case.items():
        told.sort(key=lambda row: (_RANK.index(row[1]), row[0]))
        worst = Severity(max(severity for _, _, severity in told))
        shares.append(Share(case_id, tuple(row_id for row_id, _, _ in told), told[0][1], worst))
    return sorted(shares, key=lambda one: (one.reason is Reason.CLOSED, -one.severity, one.ids[0]))


def batches(
    waiting: Sequence[Share], recent: Recent, now: datetime, hours: Hours, mails_per_hour: int
) -> list[Batch]:
    """The mails that go to one recipient now.

    What presses goes alone until only the crowds' places are left in the hour; the rest is told together. What can wait
    is always together, at most once in `hours.medium_every`. Nothing goes outside the hours of its severity.
    """
    now_may = [share for share in waiting if may_tell(share.severity, now, hours)]
    made: list[Batch] = []
    crowd: list[Share] = []
    for share in (share for share in now_may if not share.calm):
        kept = FOR_CROWDS + (FOR_GRAVE if share.reason is Reason.CLOSED else 0)
        if crowd or recent.mails + len(made) >= mails_per_hour - kept:
            crowd.append(share)
        else:
            made.append(Batch((share,), together=False))
    lately = recent.crowd_waits or (recent.crowd_at is not None and now - recent.crowd_at < APART)
    if crowd and not lately and recent.mails + len(made) < mails_per_hour:
        made.append(Batch(tuple(crowd), together=True))
    calm = tuple(share for share in now_may if share.calm)
    rested = recent.calm_at is None or now - recent.calm_at >= hours.medium_every
    if calm and rested and recent.mails + len(made) < mails_per_hour:
        made.append(Batch(calm, together=len(calm) > 1))
    return made
