"""The short mail that a case is closed, to those who were told of it and did not close it. Pure, as `alerts.compose`."""

from __future__ import annotations

from datetime import datetime

from alerts import words
from alerts.compose import steps_of
from alerts.envelope import Stamp
from alerts.mime import assembled
from alerts.render import rendered
from alerts.views import AlertView
from monitor.domain import Role


def compose_closed(view: AlertView, stamp: Stamp, *, at: datetime, by: Role | None) -> bytes:
    """Who closed it (a role), when, and whether it is still public. Neither outcome nor reason: they are on the page."""
    house, time = stamp.house, words.LocalTime(stamp.house.zone)
    near = time.near(at, stamp.date)
    who = words.role_words(by, house.jurisdiction) if by else "a reviewer"
    values = {
        "school": house.school,
        "version": house.version,
        "link": view.link,
        "tone": "calm",
        "drill": view.drill,
        **words.state_of(view.reason, one_thread=house.one_thread),
        "call": words.CALL[view.severity],
        "ref": view.ref,
        "short": words.category_words(view.category).short,
        "network": words.network_words(view.network)[0],
        "headline": f"Case {view.ref} was closed {'on' if ',' in near else 'at'} {near} by {who}.",
        "step": steps_of(view, stamp)[1],
        "button": f"Open case {view.ref}",
    }
    return assembled(rendered("closed", values), stamp, view.link)
