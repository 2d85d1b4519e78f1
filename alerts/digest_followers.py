"""A digest's section on all followers in figures: the same facts as the page's head. Pure."""

from __future__ import annotations

from alerts.digest_parts import Row, Section
from alerts.views_digest import FollowingView
from alerts.words import counted


def following(view: FollowingView | None) -> Section:
    """Counts by state, what a person must still do, and what nobody can refuse."""
    if view is None:
        return Section("Followers", ())
    counts = " · ".join(f"{name.lower()} {number}" for name, number in view.counts)
    rows = [Row("", f"{counts[:1].upper()}{counts[1:]}")] if counts else []
    if view.overdue:
        who = counted(view.overdue, "account has", "accounts have")
        rows.append(Row("○", f"{who} waited longer than {counted(view.overdue_days, 'day')} to be verified"))
    if view.possible:
        who = counted(view.possible, "account", "accounts")
        verb = "has a name that resembles" if view.possible == 1 else "have names that resemble"
        rows.append(Row("○", f"possible: {who} {verb} one on the records; the page says whom to ask"))
    if view.by_hand:
        rows.append(
            Row(
                "○",
                f"{counted(view.by_hand, 'account')} to be removed or blocked by hand; the page has the steps",
            )
        )
    if view.reviews:
        rows.append(
            Row("○", f"{counted(view.reviews, 'organisation')} to be looked at again; their review is due")
        )
    if view.followed:
        which = counted(view.followed, "account")
        rows.append(Row("○", f"{which} followed by the school and on no list; the page names them"))
    if view.letters:
        number = sum(number for _, number in view.letters)
        why = "; ".join(f"{number} {says}" for says, number in view.letters)
        rows.append(
            Row(
                "",
                f"{counted(number, 'message')} about an account came to nothing; nobody was answered",
                f"{why}.",
            )
        )
    for says, number in view.doors:
        verb = "follow" if number > 1 else "follows"
        rows.append(Row("", says, f"{number or 'Nobody'} {verb} now without being verified."))
    return Section("Followers", tuple(rows))
