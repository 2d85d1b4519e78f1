from __future__ import annotations

import pytest

from alerts.operations import tell_incidents
from monitor.incidents import close_incident, open_incident
from monitor.store import Store
from tests.alerts.telling import desk, outbox, text_of, told
from tests.conftest import HandClock


def wrong(store: Store, clock: HandClock, key: str, says: str = "page: comments are not being read") -> None:
    with store.write() as session:
        open_incident(
            store, session, key, says=says, cure="The token was revoked.\nMake a new one.", now=clock()
        )


def test_an_incident_is_mailed_once_with_its_cure(store: Store, clock: HandClock) -> None:
    wrong(store, clock, "budget:x")
    assert tell_incidents(store, desk(), clock=clock) == 1
    clock.wait(hours=1)
    wrong(store, clock, "budget:x")
    assert tell_incidents(store, desk(), clock=clock) == 0
    assert told(store) == [("it", "operations")]
    body = text_of(outbox(store)[0][1])
    assert "The token was revoked." in body
    assert "Make a new one." in body


def test_an_account_that_nobody_watches_is_told_to_the_safeguarding_side_too(
    store: Store, clock: HandClock
) -> None:
    wrong(store, clock, "stream:page:comment")
    tell_incidents(store, desk(), clock=clock)
    assert [role for role, _ in told(store)] == ["it", "esafety"]
    assert "Facebook" in str(outbox(store)[0][1]["Subject"])


@pytest.mark.parametrize("key", ["relist:page", "followers:page"])
def test_a_list_that_was_not_read_whole_or_not_believed_names_its_account(
    store: Store, clock: HandClock, key: str
) -> None:
    wrong(store, clock, key, says="page: the list of followers came back short")
    tell_incidents(store, desk(), clock=clock)
    assert told(store) == [("it", "operations")]
    assert "St Elsewhere on Facebook" in text_of(outbox(store)[0][1])


def test_what_went_wrong_again_is_told_again(store: Store, clock: HandClock) -> None:
    wrong(store, clock, "storage:disk")
    tell_incidents(store, desk(), clock=clock)
    with store.write() as session:
        assert close_incident(store, session, "storage:disk", now=clock())
        assert not close_incident(store, session, "storage:disk", now=clock())
    clock.wait(hours=1)
    wrong(store, clock, "storage:disk")
    assert tell_incidents(store, desk(), clock=clock) == 1
    assert len(told(store)) == 2


def test_an_incident_that_mended_itself_in_time_is_not_mailed(store: Store, clock: HandClock) -> None:
    wrong(store, clock, "mail")
    with store.write() as session:
        close_incident(store, session, "mail", now=clock())
    assert tell_incidents(store, desk(), clock=clock) == 0


def test_an_unknown_kind_of_incident_still_reaches_the_technician(store: Store, clock: HandClock) -> None:
    wrong(store, clock, "something:new", "a thing went wrong")
    tell_incidents(store, desk(), clock=clock)
    assert told(store) == [("it", "operations")]


def well(store: Store, clock: HandClock, *keys: str) -> None:
    with store.write() as session:
        for key in keys:
            close_incident(store, session, key, now=clock())


def test_what_one_cure_mends_is_one_mail(store: Store, clock: HandClock) -> None:
    for kind in ("comment", "post"):
        wrong(store, clock, f"stream:page:{kind}", f"page: {kind}s are not being read")
    tell_incidents(store, desk(), clock=clock)
    clock.wait(hours=1)
    wrong(store, clock, "stream:page:visitor_post")
    tell_incidents(store, desk(), clock=clock)
    assert [role for role, _ in told(store)] == ["it", "esafety"]
    assert "St Elsewhere on Facebook: comments and own posts are not being read." in text_of(
        outbox(store)[0][1]
    )


def test_the_end_is_told_once_when_everything_of_the_account_is_read_again(
    store: Store, clock: HandClock
) -> None:
    keys = ("stream:page:comment", "stream:page:post")
    for key in keys:
        wrong(store, clock, key)
    tell_incidents(store, desk(), clock=clock)
    clock.wait(hours=1)
    well(store, clock, keys[0])
    tell_incidents(store, desk(), clock=clock)
    assert len(told(store)) == 2
    well(store, clock, keys[1])
    for _ in range(2):
        clock.wait(minutes=1)
        tell_incidents(store, desk(), clock=clock)
    assert [role for role, _ in told(store)] == ["it", "esafety"] * 2
    mail = outbox(store)[-1][1]
    assert mail["Subject"] == "OPERATIONS · Facebook watched again"
    assert "HOW TO MEND IT" not in text_of(mail)


def test_an_end_of_long_ago_or_of_something_else_is_not_told(store: Store, clock: HandClock) -> None:
    keys = ("stream:page:comment", "storage:disk")
    for key in keys:
        wrong(store, clock, key)
    tell_incidents(store, desk(), clock=clock)
    before = len(told(store))
    clock.wait(hours=1)
    well(store, clock, *keys)
    clock.wait(days=2)
    tell_incidents(store, desk(), clock=clock)
    assert len(told(store)) == before
