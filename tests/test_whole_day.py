"""The demo's scripted day through the real service, once: what was found, told, decided, done and kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import select

from monitor.demo.day import DAY_ENDS, DEEDS, Day, Done, decide, served, turn_of
from monitor.demo.score import perfect, score
from monitor.demo.world import DayClock, World, world
from monitor.domain import Role
from monitor.sandbox.day import load_script
from monitor.sandbox.mailbox import Mail
from monitor.sealed import COLUMNS
from monitor.tables import OutboxRow
from monitor.tables_keys import SealingKeyRow
from monitor.vault import key_id_of
from tests.school import free_port

REMOVED = {
    ("f-threat-gates", "remove"): ("hidden", "hidden"),
    ("x-threat-kestle", "remove"): ("hidden", "hidden"),
    ("f-homophobic", "remove"): ("hidden", "hidden"),
    ("f-homophobic", "delete"): ("deleted", "deleted"),
    ("f-ableist", "remove"): ("hidden", "hidden"),
    ("f-ableist", "undo"): ("visible", "visible"),
    ("x-kys", "remove"): ("hidden", "hidden"),
}


@dataclass(repr=False)
class Played:
    result: dict[str, Any]
    done: list[Done]
    mails: list[Mail]
    page: str
    outbox: list[OutboxRow]
    addresses: dict[str, Role]
    built: World


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    script = load_script()
    clock = DayClock(script.school.first_poll)
    with world(tmp_path_factory.mktemp("day"), clock, page_port=free_port(), script=script) as built:
        played = Day(built, clock)
        for _ in played.play_until(played.at(DAY_ENDS)):
            pass
        with served(built) as page:
            done = decide(played, page)
        clock.move_to(played.next_school_morning())
        turn_of(built)
        with built.app.store.read() as session:
            outbox = list(session.exec(select(OutboxRow)).all())
        yield Played(
            result=score(built, played.stage.ids),
            done=done,
            mails=built.mailbox.all(),
            page=page,
            outbox=outbox,
            addresses={staff.address: role for role, staff in script.school.roles.items()},
            built=built,
        )


def test_nothing_is_lost(day: Played) -> None:
    assert {what: lost for what, lost in day.result["lost"].items() if lost} == {}


def test_every_planted_case_is_found_and_told_to_the_right_person(day: Played) -> None:
    assert (day.result["planted"]["missed"], day.result["planted"]["misrouted"]) == ([], [])


def test_nothing_harmless_is_a_case(day: Played) -> None:
    assert day.result["false_alarms"] == []


def test_the_score_calls_that_a_perfect_day(day: Played) -> None:
    assert perfect(day.result)
    assert not perfect(day.result | {"false_alarms": ["x-breakfast: insult"]})
    assert not perfect(day.result | {"lost": {"items": ["x-breakfast"]}})
    assert not perfect(day.result | {"digest_sent": []})


def test_every_deed_of_a_reviewer_came_out_as_it_is_on_the_network(day: Played) -> None:
    assert [(one.entry, one.choice) for one in day.done] == [(deed.entry, deed.choice) for deed in DEEDS]
    assert "waiting" not in {one.outcome for one in day.done}
    came = {(one.entry, one.choice): (one.outcome, one.on_network) for one in day.done}
    assert {deed: came[deed] for deed in REMOVED} == REMOVED
    # X has no way to ask whether a reply is hidden: its own answer is believed, and not called a reading
    read_back = {one.entry: one.read_back for one in day.done if (one.entry, one.choice) in REMOVED}
    assert read_back == {entry: entry.startswith("f-") for entry in read_back}
    untouched = {one.on_network for one in day.done if one.choice in {"acknowledge", "dismiss", "close"}}
    assert untouched == {"visible"}


def test_each_mail_has_one_recipient_who_holds_a_role(day: Played) -> None:
    assert day.mails
    assert {len(mail.recipients) for mail in day.mails} == {1}
    assert {mail.recipients[0] for mail in day.mails} <= set(day.addresses)
    assert all(mail.message["To"] == mail.recipients[0] for mail in day.mails)
    assert all(mail.message["Cc"] is None and mail.message["Bcc"] is None for mail in day.mails)
    assert all(mail.tls for mail in day.mails)


def test_the_only_address_in_a_mail_is_the_pages(day: Played) -> None:
    for mail in day.mails:
        for kind in ("plain", "html"):
            found = set(re.findall(r"https?://[^\s\"'<>]+", mail.body(kind) or ""))
            assert len(found) <= 1
            assert all(url.startswith(f"{day.page}/") for url in found)


def test_no_message_was_sent_twice_or_failed(day: Played) -> None:
    assert max(Counter(mail.message["Message-ID"] for mail in day.mails).values()) == 1
    assert len(day.mails) == len(day.outbox) == day.result["mails_in_mailbox"]
    assert [row.id for row in day.outbox if row.failed_at or row.sent_at is None] == []


def test_the_digest_went_to_its_readers_on_both_school_days(day: Played) -> None:
    assert day.result["digest_sent"] == ["2026-11-20", "2026-11-23"]
    went = Counter(row.role for row in day.outbox if row.reason == "digest")
    assert went == {
        "office": 2,
        "esafety": 2,
        "headteacher": 2,
        "dsl": 1,
    }  # the first day had nothing of the lead's yet


def test_both_networks_and_every_kind_were_read(day: Played) -> None:
    assert set(day.result["items"]) == {"x", "facebook"}
    assert sum(sum(kinds.values()) for kinds in day.result["items"].values()) >= 60
    assert day.result["items"]["x"]["follower"] >= 25


def test_everything_that_is_kept_sealed_has_a_key_that_can_be_destroyed(day: Played) -> None:
    """The key of a case seals what is the case's, and nothing is sealed with the master key's own."""
    store = day.built.app.store
    with store.read() as session:
        known = {
            row.key_id: (row.purpose, row.ref)
            for row in session.exec(select(SealingKeyRow).where(SealingKeyRow.school_id == store.school))
        }
        for column in COLUMNS:
            for row in session.exec(select(column.table)):
                sealed = getattr(row, column.column)
                assert sealed == b"" or key_id_of(sealed) in known, column.place
                if sealed and column.of_case and row.case_id is not None:
                    assert known[key_id_of(sealed)] == ("case", str(row.case_id)), column.place


def test_the_audit_chain_holds_and_the_database_is_whole(day: Played) -> None:
    assert day.built.app.chain_broken_at() is None
    day.built.app.store.check()
