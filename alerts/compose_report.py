"""The week's page and the term's report, as the digest's template shows them: figures, bars, and each figure in words.

`public` is for governors: no reference, no case about staff, and no number so small that a child could be recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from alerts.compose_digest import SHORT_HASH
from alerts.digest_cases import waiting_row
from alerts.digest_parts import Row, Section
from alerts.digest_watch import place, spans
from alerts.envelope import Stamp
from alerts.views_report import AccountFigures, FiguresView
from alerts.words import LocalTime, category_words, counted, day, role_words
from monitor.domain import Role

FEW = 5  # a smaller number of cases could point to one child
_ENOUGH = 10  # decisions, before a share of them says anything
_LISTED = 10  # cases that wait; the page lists the others
_WITHHELD = frozenset({"staff_allegation"})  # of these the chair is told apart, and nobody else


def weekly_values(view: FiguresView, stamp: Stamp, next_at: datetime | None) -> dict[str, Any]:
    """The headteacher's page of a week. `view` counts only cases that this reader may know of."""
    todo = len(view.waiting)
    return _values(
        view,
        stamp,
        call="THE WEEK",
        waits=f"{todo} waiting" if todo else "nothing waiting",
        headline=f"{counted(todo, 'case waits', 'cases wait')} for a decision."
        if todo
        else "Nothing waits for a decision.",
        button="Open the list" if todo else "Open Schoolgate",
        next_at=next_at,
        public=False,
    )


def termly_values(view: FiguresView, stamp: Stamp, term: str, next_at: datetime | None) -> dict[str, Any]:
    """The term's report to governors."""
    return _values(
        view,
        stamp,
        call="REPORT TO GOVERNORS",
        waits=term,
        headline=f"{term}: what was watched, found and decided on the school’s own accounts.",
        button="Open Schoolgate",
        next_at=next_at,
        public=True,
    )


def withheld(category: str) -> bool:
    """Whether a report to governors says nothing of cases of this category."""
    return category in _WITHHELD


def _values(
    view: FiguresView,
    stamp: Stamp,
    *,
    call: str,
    waits: str,
    headline: str,
    button: str,
    next_at: datetime | None,
    public: bool,
) -> dict[str, Any]:
    time = LocalTime(stamp.house.zone)
    waiting = Section("Waiting for a decision", _waiting(view, stamp, time, public=public))
    sections = (
        *(() if public else (waiting,)),
        Section("Watched", tuple(_account(one, stamp.date, time) for one in view.accounts)),
        Section("Found", _found(view.found, public=public)),
        Section("Noted, nothing to do", _found(view.noted, public=public)),
        Section("Decided", _decided(view, public=public)),
        Section("How fast", _fast(view, public=public)),
        *((waiting,) if public else ()),
        Section("Followers", _followers(view, public=public)),
        Section("Cost", _cost(view)),
    )
    hint = f"A number below {FEW} is not given, so that no child can be recognised, and allegations about staff are no part of this report."
    span = f"{day(view.first)} to {day(view.last)} {view.last.year}"
    return {
        "call": call,
        "school": stamp.house.school,
        "version": stamp.house.version,
        "tone": "medium" if view.waiting and not public else "calm",
        "day": day(view.last),
        "waits": waits,
        "headline": headline,
        "read": f"{span}. {view.read:,} comments, mentions and posts read.",
        "sections": [section.as_data() for section in sections if section.rows],
        "tally": hint if public else "",
        "paper": "For paper there is a PDF: on the page, under More, Digests." if public else "",
        "next": f"The next one comes {time.full(next_at)}. If it does not, tell {role_words(Role.IT)}."
        if next_at
        else "",
        "chain": view.chain_head[:SHORT_HASH],
        "button": button,
    }


def _number(number: int, *, public: bool) -> str:
    return f"fewer than {FEW}" if public and 0 < number < FEW else str(number)


def _waiting(view: FiguresView, stamp: Stamp, time: LocalTime, *, public: bool) -> tuple[Row, ...]:
    if public:
        return (Row("", _number(len(view.waiting), public=True) if view.waiting else "none"),)
    rows = [waiting_row(case, stamp, time) for case in view.waiting[:_LISTED]]
    if len(view.waiting) > _LISTED:
        rows.append(Row("", f"and {len(view.waiting) - _LISTED} more on the page"))
    if view.not_delivered:
        rows.append(
            Row("✖", f"{counted(view.not_delivered, 'case')} found, and nobody could be told by mail")
        )
    return tuple(rows)


def _account(one: AccountFigures, now: datetime, time: LocalTime) -> Row:
    planned = one.made + one.missed
    where = place(one.name, one.network)
    more = f"not watched {spans(one.gaps, now, time)}" if one.gaps else ""
    if not planned:
        return Row("✖", f"{where}: no reading on record", more)
    percent = 100 * one.made // planned
    says = f"{where}: {percent}% of the planned readings made ({one.made:,} of {planned:,})"
    return Row("○" if one.gaps else "✔", says, more, percent)


def _found(found: Sequence[tuple[str, int]], *, public: bool) -> tuple[Row, ...]:
    """By the words for a category, the most first. A bar shows no more than the number beside it."""
    numbers: dict[str, int] = {}
    for category, number in found:
        if not (public and withheld(category)):
            words = category_words(category).short
            numbers[words] = numbers.get(words, 0) + number
    most = max(numbers.values(), default=0)
    if public:
        most = max(most, FEW)
    rows = []
    for words, number in sorted(numbers.items(), key=lambda one: (-one[1], one[0])):
        drawn = FEW // 2 if public and number < FEW else number
        rows.append((drawn, Row("", f"{_number(number, public=public)} × {words}", "", 100 * drawn // most)))
    ordered = sorted(rows, key=lambda one: -one[0]) if public else rows
    return tuple(row for _, row in ordered)


def _decided(view: FiguresView, *, public: bool) -> tuple[Row, ...]:
    rows = [
        Row(
            "", counted(view.decided, "case") if not public else f"{_number(view.decided, public=True)} cases"
        )
    ]
    if not public and view.decided:
        share = round(100 * view.false_alarms / view.decided)
        alarms = counted(view.false_alarms, "was a false alarm", "were false alarms")
        rows.append(Row("", f"{alarms} ({share}%)", "", share))
    elif public and view.decided >= _ENOUGH:
        share = 5 * round(20 * view.false_alarms / view.decided)
        rows.append(Row("", f"about {share}% were false alarms", "", share))
    return tuple(rows)


def _fast(view: FiguresView, *, public: bool) -> tuple[Row, ...]:
    least = FEW if public else 1
    rows = []
    for spent, what in ((view.to_tell, "From seen to told"), (view.to_answer, "From told to acknowledged")):
        if len(spent) >= least:
            ordered = sorted(spent)
            most = ordered[-(-9 * len(ordered) // 10) - 1]
            half = timedelta(seconds=median(one.total_seconds() for one in ordered))
            rows.append(Row("", f"{what}: half within {_span(half)}, nine of ten within {_span(most)}"))
    if rows:
        rows[-1] = rows[-1]._replace(more="Time in which mail waits for the morning counts too.")
    return tuple(rows)


def _followers(view: FiguresView, *, public: bool) -> tuple[Row, ...]:
    if not view.followers:
        return ()
    whole = sum(number for _, number in view.followers if not public or number >= FEW) or FEW
    rows = [Row("", f"{_number(view.new_followers, public=public)} new")]
    for name, number in view.followers:
        if number:
            drawn = FEW // 2 if public and number < FEW else number
            says = f"{_number(number, public=public)} {name.lower()}"
            rows.append(Row("", says, "", min(100, 100 * drawn // whole)))
    return tuple(rows)


def _cost(view: FiguresView) -> tuple[Row, ...]:
    if not view.reads:
        return ()
    return (
        Row(
            "",
            f"£{view.pounds:,.2f} at most for {view.reads:,} paid reads",
            "In the whole calendar months that these days touch, as networks bill.",
        ),
    )


def _span(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120:  # noqa: PLR2004 - two hours are told in minutes
        return counted(minutes, "minute")
    return (
        counted(round(minutes / 60), "hour") if minutes < 48 * 60 else counted(round(minutes / 1440), "day")
    )
