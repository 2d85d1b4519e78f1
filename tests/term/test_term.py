"""A term of followers through the real service: how each of them ends, who was told what, what it cost, what was kept.

The story is tests/term/cast.py. With -m slow it has 1,000 followers and 200 bots, otherwise few of each fate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.follower_words import STATES
from monitor.domain import Role, VerificationState
from tests.school import address
from tests.term import looking
from tests.term.drive import BAD_DAYS, Term
from tests.term.ends import CLAIMS, ENDS
from tests.term.looking import of_fate
from tests.term.people import BURST, DAYS, IMPORT, PLANTED, at
from tests.term.world import BEGINS, term_in


@pytest.fixture(
    scope="module",
    params=[pytest.param(True, id="few"), pytest.param(False, id="1000", marks=pytest.mark.slow)],
)
def term(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Term]:
    with term_in(tmp_path_factory.mktemp("term"), few=request.param) as played:
        played.play()
        yield played


def number(term: Term, *deeds: str) -> int:
    return sum(deed.do in deeds for one in term.cast.followers for deed in one.deeds)


def test_as_many_come_as_the_term_is_to_have(term: Term) -> None:
    bots = sum(one.fate.startswith("bot") for one in term.cast.followers)
    assert (len(term.cast.followers) - bots, bots) == ((150, 40) if term.cast.few else (1000, 200))
    assert {one.fate for one in term.cast.followers} == set(ENDS)


def test_each_follower_ends_as_expected(term: Term) -> None:
    assert looking.ends(term, ENDS) == {one.key: ENDS[one.fate] for one in term.cast.followers}


def test_the_page_and_the_digest_count_them(term: Term) -> None:
    wanted = {words.lower(): 0 for state, words in STATES.items() if state is not VerificationState.NEW}
    for one in term.cast.followers:
        wanted[STATES[VerificationState(ENDS[one.fate].state)].lower()] += 1
    last = looking.digest(term, BEGINS.date() + timedelta(days=DAYS))
    waiting = wanted["not verified"] + wanted["claimed, not proven yet"]
    assert looking.counts_on_page(term) == looking.counts_in(last) == wanted
    assert f"{waiting} follow now without being verified." in last
    assert f"{waiting} follow now without being verified." in term.page("/followers").main.get_text(
        " ", strip=True
    )


def test_what_is_kept_of_the_claims_is_as_expected(term: Term) -> None:
    kept = {fate: looking.claims_of(term, fate) for fate in ENDS}
    assert kept == {
        fate: Counter(
            {what: count * len(of_fate(term, fate)) for what, count in CLAIMS.get(fate, {}).items()}
        )
        for fate in ENDS
    }
    facebook = Counter(one.standing for one in looking.claims(term) if one.way == "facebook")
    assert facebook == {"confirmed": len(of_fate(term, "signed in at Facebook")), "unmatched": 1}


def test_a_verified_account_is_somebody_of_the_records(term: Term) -> None:
    rows = term.rows().values()
    assert all(row.person and row.role == "parent" for row in rows if row.state == "verified")
    assert len(set(looking.persons(term, "one parent, two handles"))) == 1
    assert len(set(looking.persons(term, "two parents, one address"))) == 1
    assert all(looking.persons(term, "typed"))


def test_the_page_says_the_same_to_everybody(term: Term) -> None:
    assert {do: len(said) for do, said in term.answers.items()} == dict.fromkeys(term.answers, 1)
    status = {do: code for do, said in term.answers.items() for code, _ in said}
    assert (status["replay"], status["answer_late"]) == (200, 410)
    assert (
        term.answers["replay"] == term.answers["answer"]
    )  # who says No to what is confirmed changes nothing


def test_each_family_is_written_to_for_each_claim_and_nobody_else_ever_is(term: Term) -> None:
    theirs = {one.address for one in term.cast.records if one.restricted != "always"}
    deeds = [(one.fate, deed) for one in term.cast.followers for deed in one.deeds]
    theirs -= {deed.said for _, deed in deeds if deed.do == "break_mailbox"}
    wanted = Counter(
        deed.said for _, deed in deeds if deed.do in {"claim", "invite", "write"} and deed.said in theirs
    )
    wanted[of_fate(term, "asked five times")[0].deeds[1].said] = 3
    assert Counter(mail.recipients[0] for mail in looking.mails(term, to_school=False)) == wanted
    assert all(len(mail.recipients) == 1 for mail in term.built.mailbox.all())


def test_the_safeguarding_lead_is_told_of_each_restricted_contact_once(term: Term) -> None:
    told = [str(mail.message["Subject"]) for mail in term.built.mailbox.to(address(Role.DSL))]
    assert told == ["OPERATIONS · a follower's claim"] * 3


def test_whoever_seems_to_be_somebody_is_a_case(term: Term) -> None:
    seem = {"impersonation": "look-alike", "underage": "child"}
    assert looking.cases(term) == {
        category: term.ids[of_fate(term, fate)[0].key] for category, fate in seem.items()
    }


def test_a_burst_of_bots_is_a_line_in_the_digest_and_no_mail_of_its_own(term: Term) -> None:
    day = BEGINS.date() + timedelta(days=BURST)
    assert looking.told_on(term, day, days=2) == {"DIGEST": 4}  # the headteacher has nothing of theirs
    said = looking.digest(term, day + timedelta(days=1))
    (crowd,) = re.findall(r"○ (\d+) accounts · X · not on the register; the page lists them", said)
    assert (int(crowd) >= term.cast.bots, "cheap_" in said) == (True, False)


def test_a_burst_of_bots_costs_a_few_times_their_number(term: Term) -> None:
    listed = term.turns[at(BURST, 1)].listed - term.turns[at(BURST)].listed
    assert term.cast.bots <= listed <= 3 * term.cast.bots + 23


def test_nobody_is_flooded_with_mail(term: Term) -> None:
    days = Counter(
        (mail.at.date(), mail.recipients[0])
        for mail in looking.mails(term, to_school=True)
        if mail.at.date() > BEGINS.date()
    )
    assert max(days.values()) <= 3


def test_on_a_bad_day_of_x_nobody_is_marked_as_left_and_nothing_is_read_again(term: Term) -> None:
    whens = sorted(term.turns)
    for bad in BAD_DAYS:
        place = whens.index(bad)
        before, then, after = (term.turns[whens[place + one]] for one in (-1, 0, 1))
        assert before.left == then.left == after.left
        assert after.listed - then.listed < 100
    told = [entry.thing for entry in looking.audit(term) if entry.event == "incident opened"]
    assert told.count("followers:x-main") == 1
    assert term.turns[at(IMPORT + 7)].left > term.turns[at(IMPORT)].left  # the next list was whole


def test_the_term_s_paid_reads_are_those_that_x_bills_and_under_their_bound(term: Term) -> None:
    billed, profile = term.built.x.bill.served, 10  # a profile costs ten times as much as a follower
    signed_in = term.members["x"].tokens_asked  # each shows one profile
    others = sum(billed.values()) - billed["users"]
    assert looking.spent(term) == others + profile * (billed["users"] + signed_in)
    everybody, lists = len(term.cast.followers), 6
    assert billed["followers"] <= lists * everybody + 5 * term.cast.bots + 3 * len(term.turns)
    assert (
        looking.spent(term) * 4 <= 3 * 3 * 10_000
    )  # of three months' budget less than three quarters: nothing stopped
    stopped = ("budget", "relist")
    assert not [one for one in looking.audit(term) if one.thing.startswith(stopped)]


def test_the_audit_entries_tell_the_same_story(term: Term) -> None:
    assert term.app.chain_broken_at() is None
    entries = looking.audit(term)
    events = Counter((entry.actor, entry.event) for entry in entries)
    theirs = {one.address for one in term.cast.records if one.restricted != "always"}
    signed = sum(
        deed.do.startswith("sign_in") and deed.said in theirs
        for one in term.cast.followers
        for deed in one.deeds
    )
    back = ("verified and back", "unknown and back", "back after weeks", "removed and back")
    wanted = {
        ("office", "register.imported"): 2,
        ("claimant", "claim confirmed"): number(term, "answer"),
        ("schoolgate", "claim confirmed"): signed,
        ("claimant", "claim denied"): number(term, "deny"),
        ("schoolgate", "claim expired"): number(term, "answer_late"),
        ("schoolgate", "claim restricted"): 2,
        ("schoolgate", "claim too many"): 2,
        ("schoolgate", "claim handle changed"): len(of_fate(term, "renamed", "renamed, proven again")),
        ("office", "follower approved"): number(term, "approve"),
        ("office", "follower turned away"): number(term, "reject", "reject_bot"),
        ("office", "decision on a follower taken back"): number(term, "undo"),
        ("office", "follower invited"): number(term, "invite"),
        ("office", "block said to be done"): 2,
        ("office", "remove follower said to be done"): 3,
        ("schoolgate", "case opened"): 2,
    }
    assert {what: events[what] for what in wanted} == wanted
    left = sum(int(entry.detail) for entry in entries if entry.event == "followers left")
    assert left == len(of_fate(term, *back)) + sum(
        ENDS[one.fate].state == "left" for one in term.cast.followers
    )
    accepted = sum(entry.event.startswith("mail accepted") for entry in entries)
    assert accepted == len(term.built.mailbox.all())


def test_the_organisation_whose_review_is_due_is_shown_to_the_office(term: Term) -> None:
    last = looking.digest(term, BEGINS.date() + timedelta(days=DAYS))
    assert "1 organisation to be looked at again; their review is due" in last
    assert "To be looked at again since Mon 9 Nov 2026" in term.page("/followers").main.get_text(
        " ", strip=True
    )


def test_no_name_address_or_handle_is_kept_in_clear(term: Term, tmp_path: Path) -> None:
    kept = looking.kept(term, tmp_path / "copy.db")
    assert {"copy.db", "schoolgate.db", "schoolgate.db-wal", "log"} <= kept.keys()
    assert b"mail accepted" in kept["log"]
    for name, written in kept.items():
        there = written.lower()
        assert [one for one in PLANTED if one.lower().encode() in there] == [], name
