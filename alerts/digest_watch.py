"""A digest's and a report's rows about what was watched. Pure."""

from __future__ import annotations

from datetime import datetime

from alerts import safe
from alerts.digest_parts import Row
from alerts.envelope import Stamp
from alerts.views_digest import WatchRow
from alerts.words import LocalTime, listed, network_words

MOST_GAPS = 10  # of one account; a report is one page


def watched(row: WatchRow, stamp: Stamp, time: LocalTime) -> Row:
    """One account of a day: watched, watched again, or not."""
    where = place(row.account, row.network)
    if row.last_success is None:
        return Row("✖", f"{where}: never read yet")
    last = f"last read {time.near(row.last_success, stamp.date)}"
    open_since = next((start for start, end in row.gaps if end is None), None)
    if open_since:
        return Row("✖", f"{where}: NOT WATCHED since {time.near(open_since, stamp.date)}", last)
    if row.gaps:
        return Row(
            "○",
            f"{where}: watched again, {last}",
            f"not watched {spans(row.gaps, stamp.date, time)}; read since then",
        )
    return Row("✔", f"{where}: watched, {last}")


def spans(gaps: tuple[tuple[datetime, datetime | None], ...], now: datetime, time: LocalTime) -> str:
    """Times as a person says them: Thu 19 Nov, 06:15 to 09:02 and since 13:00."""
    shown = gaps if len(gaps) <= MOST_GAPS else gaps[: MOST_GAPS - 1]
    said = [
        f"since {time.near(start, now)}"
        if end is None
        else f"{time.near(start, now)} to {time.clock(end) if time.date(start) == time.date(end) else time.near(end, now)}"
        for start, end in shown
    ]
    more = len(gaps) - len(shown)
    return listed((*said, f"{more} times more") if more else tuple(said))


def place(account: str, network: str) -> str:
    """The account as a person calls it: St Elsewhere on Facebook."""
    return f"{safe.shown(account, 80)} on {network_words(network)[0]}"
