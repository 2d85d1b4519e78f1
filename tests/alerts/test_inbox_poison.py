"""Messages and servers that would hold up a mailbox for good: set aside, cut off, tried again less and less often."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from alerts.inbox import reading
from alerts.inbox.imap import Inbox, opened
from alerts.smtp import Security
from monitor import quarantine
from monitor.errors import InboxError
from monitor.incidents import open_incidents
from monitor.store import Store
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.alerts.mailbox_school import School
from tests.conftest import HandClock
from tests.families import Families


@pytest.fixture
def room() -> Iterator[Mailroom]:
    with serving(Mailroom()) as serves:
        yield serves


@pytest.fixture
def school(room: Mailroom, store: Store, clock: HandClock) -> School:
    return School(room, Families(store, clock))


def aside(school: School) -> list[str]:
    with school.store.read() as session:
        return [row.thing for row in quarantine.listed(session, school.store)]


def keys(school: School) -> set[str]:
    with school.store.read() as session:
        return {one.key for one in open_incidents(session, "school")}


def poisoned(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """Whoever keeps a claim of @poison meets this."""
    kept = reading.claim_rows.ask

    def ask(store, session, **given):  # type: ignore[no-untyped-def]
        if given["handle"] == "poison":
            raise error
        return kept(store, session, **given)

    monkeypatch.setattr(reading.claim_rows, "ask", ask)


def turns(school: School, number: int) -> None:
    for _ in range(number):
        school.clock.wait(hours=2)
        school.turn()


def test_a_message_that_nobody_can_keep_is_set_aside_and_the_next_is_read(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch, ZeroDivisionError)
    school.room.arrive(letter("My handle is @poison"))
    school.room.arrive(letter("My handle is @fine", number=2))
    turns(school, 3)
    assert aside(school) == ["letter 1.1"]
    assert len(school.families.claims()) == 1
    assert keys(school) == {"quarantine:letter"}
    monkeypatch.undo()
    with school.store.write() as session:
        for row in quarantine.listed(session, school.store):
            quarantine.again(session, school.store, row, school.clock())
    turns(school, 1)
    assert len(school.families.claims()) == 2
    assert (aside(school), keys(school)) == ([], set())


def test_a_message_that_ends_the_process_is_set_aside_at_the_fourth_start(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch, KeyboardInterrupt)
    school.room.arrive(letter("My handle is @poison"))
    school.room.arrive(letter("My handle is @fine", number=2))
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            turns(school, 1)
    turns(school, 1)
    assert aside(school) == ["letter 1.1"]
    assert len(school.families.claims()) == 1


def test_a_message_at_which_the_connection_always_breaks_is_set_aside(school: School) -> None:
    school.room.arrive(letter("My handle is @broken"))
    school.room.arrive(letter("My handle is @fine", number=2))
    school.room.breaks_at = 1
    turns(school, 4)
    assert aside(school) == ["letter 1.1"]
    assert len(school.families.claims()) == 1


def test_what_nobody_foresaw_waits_longer_each_time_and_is_told(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after(*_: object) -> list[int]:
        raise ZeroDivisionError

    monkeypatch.setattr("alerts.inbox.imap.Opened.after", after)
    asked = len(school.room.said)
    for _ in range(60):
        school.clock.wait(minutes=1)
        school.turn()
    assert 0 < school.room.said[asked:].count("LOGIN") < 15
    assert "inbox:claims" in keys(school)


@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_a_server_that_drips_its_greeting_is_cut_off(security: Security) -> None:
    cut = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            one, _ = listening.accept()
            with one:
                try:
                    for _ in range(200):  # ten seconds, each byte well within the wait for one
                        one.sendall(b"*" if security is Security.NONE else b"\x16")
                        time.sleep(0.05)
                except OSError:
                    cut.set()

        thread = threading.Thread(target=drip)
        thread.start()
        dripping = Inbox(
            host="127.0.0.1",
            port=listening.getsockname()[1],
            username="us",
            password="x",
            trusted=None,
            security=security,
            timeout=5.0,
            longest=0.3,
        )
        with pytest.raises(InboxError), opened(dripping):
            pass
        thread.join()
    assert cut.is_set()
