"""The claims stage: who is mailed, who is told, and what nobody outside learns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.claims import consider
from alerts.digest import digest
from alerts.operations import tell_incidents
from alerts.outbox import accepted, lease, refused
from monitor.claims import MAILS_A_DAY
from monitor.health import report
from monitor.register import load_register
from monitor.store import Store
from tests.alerts.telling import desk, outbox, text_of, told
from tests.conftest import HandClock
from tests.families import Families


@pytest.fixture
def families(store: Store, clock: HandClock) -> Families:
    return Families(store, clock)


def test_a_claim_with_an_address_on_the_records_is_mailed_to_it_once(families: Families) -> None:
    families.ask("Grace@Mail.Example", "@GraceOk")
    families.work()
    families.work()
    ((row, message),) = outbox(families.store)
    assert message["To"] == "grace@mail.example"
    assert (row.reason, row.role) == ("claim", "claimant")
    assert len(families.tokens()) == 1


def test_the_mail_says_nothing_that_a_stranger_typed(families: Families) -> None:
    families.ask("grace@mail.example", "call_07700900123")
    families.work()
    ((_, message),) = outbox(families.store)
    assert "07700900123" not in message.as_string() + text_of(message)
    assert "call_" not in text_of(message)


def test_a_strangers_address_is_sent_nothing(families: Families) -> None:
    families.ask("stranger@mail.example", "graceok")
    families.work()
    assert outbox(families.store) == []
    assert families.standings() == ["unmatched"]


def test_one_address_is_not_flooded(families: Families) -> None:
    for _ in range(MAILS_A_DAY + 2):
        families.ask("grace@mail.example", "graceok")
        families.work()
    assert families.standings() == ["mailed"] * MAILS_A_DAY + ["too_many"] * 2
    assert len(families.tokens("grace@mail.example")) == MAILS_A_DAY
    families.ask("birches@mail.example", "ada_b")
    families.clock.wait(days=1)
    families.ask("grace@mail.example", "graceok")
    families.work()
    assert families.standings()[-2:] == ["mailed", "mailed"]


@pytest.mark.parametrize(
    ("address", "handle"),
    [("tom@mail.example", "seven_oaks"), ("reeds@mail.example", "una_r"), ("grace@mail.example", "tom_hale")],
)
def test_a_claim_by_a_restricted_contact_reaches_the_safeguarding_lead_and_nobody_else(
    families: Families, address: str, handle: str
) -> None:
    families.follow("77", handle)
    for _ in range(2):
        families.ask(address, handle)
        families.work()
    assert families.standings() == ["restricted", "restricted"]
    assert families.state("77") == "unverified"
    assert "ask the safeguarding lead" in families.follower("77").reason
    tell_incidents(families.store, desk(), clock=families.clock)
    assert told(families.store) == [("dsl", "operations")]
    body = text_of(outbox(families.store)[0][1])
    assert "nobody was verified" in body
    for private in (address, handle, "Hale", "Reed"):
        assert private not in body


def test_a_claims_incident_is_news_that_ends_by_itself_and_no_health_check_shows_it(
    families: Families,
) -> None:
    families.ask("tom@mail.example", "anybody")
    families.work()
    health = report(families.store, [], families.clock())
    assert (health["ok"], health["incidents"]) == (True, [])
    families.clock.wait(days=8)
    families.work()
    assert families.incidents()[0].closed_at is None  # nobody was told yet
    tell_incidents(families.store, desk(), clock=families.clock)
    families.clock.wait(days=7)
    families.work()
    assert families.incidents()[0].closed_at == families.clock()


def test_the_health_check_does_not_show_whether_a_claim_was_mailed(families: Families) -> None:
    before = report(families.store, [], families.clock())
    families.ask("grace@mail.example", "graceok")
    families.work()
    assert report(families.store, [], families.clock()) == before
    bounced(families)
    assert report(families.store, [], families.clock()) == before


def bounced(families: Families, *, permanent: bool = True) -> None:
    (waiting,) = lease(families.store, families.clock())
    refused(
        families.store,
        waiting.id,
        permanent=permanent,
        says="mx said 550 5.1.1.",
        now=families.clock(),
    )


def test_a_familys_mailbox_that_takes_no_mail_is_shown_with_the_follower_and_is_no_fault_of_ours(
    families: Families,
) -> None:
    families.follow("77", "graceok")
    families.ask("grace@mail.example", "graceok")
    families.work()
    bounced(families)
    families.work()
    assert families.standings() == ["undelivered"]
    assert families.state("77") == "unverified"
    assert "takes no mail" in families.follower("77").reason
    assert families.incidents() == []
    assert outbox(families.store) == []  # the address is gone


def test_a_familys_full_mailbox_does_not_look_like_mail_that_is_not_leaving(families: Families) -> None:
    families.ask("grace@mail.example", "graceok")
    families.work()
    for _ in range(5):
        bounced(families, permanent=False)
        families.clock.wait(hours=1)
    assert families.incidents() == []


def test_a_familys_mail_that_waits_is_no_line_of_the_digest(families: Families) -> None:
    families.ask("grace@mail.example", "graceok")
    families.work()
    bounced(families, permanent=False)
    assert digest(families.store, desk(), clock=families.clock)
    body = next(text_of(mail) for row, mail in outbox(families.store) if row.reason == "digest")
    assert "550 5.1.1" not in body


def test_the_address_is_gone_when_the_mail_has_gone(families: Families) -> None:
    families.ask("grace@mail.example", "graceok")
    families.work()
    (waiting,) = lease(families.store, families.clock())
    accepted(families.store, waiting.id, reply="250", now=families.clock())
    assert outbox(families.store) == []
    sealed = families.store.vault.unseal_json(families.claims()[0].sealed, "claim.sealed")
    assert "grace@" not in str(sealed)


def test_a_claim_that_was_considered_is_not_considered_again(families: Families) -> None:
    families.ask("stranger@mail.example", "graceok")
    records = load_register(families.store)
    assert consider(families.store, desk(), records, clock=families.clock) == 1
    families.import_("Contact ID,Forename,Surname,Email\n1,Sam,Late,stranger@mail.example\n")
    assert consider(families.store, desk(), load_register(families.store), clock=families.clock) == 0
    families.clock.wait(seconds=timedelta(days=1).total_seconds())
    assert outbox(families.store) == []
