"""Many cases in one mail: the worst of each thread by themselves, and of the others how many there are, and where.

References and counts only. A thread is called by the school's own account: no word of a network gets in here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from alerts.desk import Desk
from alerts.digest_parts import MAX_ROWS
from alerts.rows import group_row
from alerts.views import Crowd, GroupRow
from monitor.tables import CaseRow, ItemRow

_OF_A_THREAD = 5  # shown of one thread before the rest of it is only counted


def rolled_up(
    session: Session, desk: Desk, cases: Sequence[CaseRow]
) -> tuple[tuple[GroupRow, ...], tuple[Crowd, ...]]:
    """The rows to show and the crowds behind them, in the order of `cases` (the worst first)."""
    shown: list[CaseRow] = []
    of_thread: dict[tuple[str, str | None], int] = {}
    rest: dict[tuple[str, str | None], list[CaseRow]] = {}
    for case in cases:
        thread = session.get_one(ItemRow, case.item_id).thread_id
        key = (case.account, thread)
        of_thread[key] = of_thread.get(key, 0) + 1
        if len(shown) >= MAX_ROWS or (thread and of_thread[key] > _OF_A_THREAD):
            rest.setdefault(key, []).append(case)
        else:
            shown.append(case)
    crowds = tuple(
        Crowd(
            account=desk.accounts.get(account, account),
            in_thread=bool(thread),
            refs=tuple(case.ref for case in sorted(more, key=lambda one: one.number)),
        )
        for (account, thread), more in sorted(rest.items(), key=lambda one: -len(one[1]))
    )
    return tuple(group_row(session, case) for case in shown), crowds
