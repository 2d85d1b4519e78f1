from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from alerts.sessions import sign_out, who
from alerts.signin import (
    BROWSERS_A_CODE,
    CODES_AN_HOUR,
    TRIES_A_BROWSER,
    TRIES_A_CODE,
    Refusal,
    ask,
    awaited,
    new_code,
    prove,
    tries_left,
)
from monitor.domain import Role
from monitor.tables_people import CodeRow, SignInRow
from tests.alerts.fresh import fresh_store

NOW = datetime(2026, 11, 20, 12, 40, tzinfo=UTC)
TEN = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


class Door:
    """Asks and proves as a browser would; `mailed` is what reached the mailbox."""

    def __init__(self, store):
        self.store = store
        self.mailed = []

    def ask(self, now=NOW, recipient="hash-of-head", role=Role.HEADTEACHER):
        with self.store.write() as session:
            return ask(
                self.store,
                session,
                role=role,
                recipient=recipient,
                now=now,
                valid=TEN,
                send=self.mailed.append,
            )

    def prove(self, challenge, typed, now=NOW):
        with self.store.write() as session:
            return prove(
                self.store,
                session,
                challenge=challenge,
                typed=typed,
                now=now,
                valid=timedelta(hours=12),
            )

    def who(self, token, now=NOW):
        with self.store.read() as session:
            return who(self.store, session, token, now=now)

    def rows(self, table):
        with self.store.read() as session:
            return session.exec(select(table)).all()


@pytest.fixture
def door(tmp_path):
    store = fresh_store(tmp_path)
    yield Door(store)
    store.close()


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08d}"


def test_the_mailed_code_signs_the_reviewer_in(door):
    asked = door.ask()
    token = door.prove(asked.challenge, door.mailed[0])
    signed_in = door.who(token)
    assert signed_in.role is Role.HEADTEACHER
    assert signed_in.recipient == "hash-of-head"


def test_a_code_is_eight_digits_and_may_be_typed_with_spaces(door):
    assert all(len(code) == 8 and code.isdigit() for code in (new_code() for _ in range(50)))
    asked = door.ask()
    code = door.mailed[0]
    assert not isinstance(door.prove(asked.challenge, f" {code[:4]} {code[4:]}\n"), Refusal)


def test_the_database_holds_neither_code_nor_token(door):
    asked = door.ask()
    token = door.prove(asked.challenge, door.mailed[0])
    held = str(door.rows(CodeRow)) + str(door.rows(SignInRow))
    for secret in (door.mailed[0], token, asked.challenge):
        assert secret not in held


def test_a_wrong_code_opens_nothing_and_counts(door):
    asked = door.ask()
    assert door.prove(asked.challenge, wrong(door.mailed[0])) is Refusal.WRONG
    with door.store.read() as session:
        row = awaited(door.store, session, asked.challenge, now=NOW)
    assert tries_left(row) == TRIES_A_BROWSER - 1


def test_after_five_wrong_tries_the_right_code_is_refused(door):
    asked = door.ask()
    for _ in range(TRIES_A_BROWSER):
        assert door.prove(asked.challenge, wrong(door.mailed[0])) is Refusal.WRONG
    assert door.prove(asked.challenge, door.mailed[0]) is Refusal.SPENT
    assert not door.rows(SignInRow)


def test_many_browsers_do_not_give_more_than_ten_tries_at_one_code(door):
    first = door.ask()
    code = door.mailed[0]
    answers = [
        door.prove(challenge, wrong(code))
        for challenge in (first.challenge, door.ask().challenge, door.ask().challenge)
        for _ in range(TRIES_A_BROWSER)
        if challenge
    ]
    assert answers.count(Refusal.WRONG) == TRIES_A_CODE
    refused = door.ask(NOW + timedelta(minutes=5))
    assert refused.challenge is None
    assert refused.again_at == NOW + TEN


def test_a_code_ends_after_ten_minutes(door):
    asked = door.ask()
    assert door.prove(asked.challenge, door.mailed[0], NOW + TEN) is Refusal.EXPIRED
    assert not isinstance(door.prove(asked.challenge, door.mailed[0], NOW + TEN - SECOND), Refusal)


def test_a_code_works_once(door):
    asked = door.ask()
    door.prove(asked.challenge, door.mailed[0])
    assert door.prove(asked.challenge, door.mailed[0]) is Refusal.EXPIRED
    assert len(door.rows(SignInRow)) == 1


@pytest.mark.parametrize("challenge", [None, "", "somebody-else"])
def test_the_right_code_in_a_browser_that_never_asked_opens_nothing(door, challenge):
    door.ask()
    assert door.prove(challenge, door.mailed[0]) is Refusal.EXPIRED


def test_a_scanner_that_presses_the_button_neither_floods_nor_shuts_out(door):
    for _ in range(40):
        door.ask()
    assert len(door.mailed) == 1
    assert len(door.rows(CodeRow)) == BROWSERS_A_CODE
    human = door.ask(NOW + timedelta(minutes=2))
    assert not human.mailed
    assert door.who(door.prove(human.challenge, door.mailed[0], NOW + timedelta(minutes=3)))
    assert all(row.used_at for row in door.rows(CodeRow))


def test_a_used_code_lets_a_new_one_be_mailed_after_a_minute(door):
    door.prove(door.ask().challenge, door.mailed[0])
    assert door.ask(NOW + timedelta(seconds=59)).challenge is None
    assert door.ask(NOW + timedelta(seconds=60)).mailed


def test_no_recipient_gets_more_than_five_codes_in_any_hour(door):
    for minute in range(0, 10, 2):
        asked = door.ask(NOW + timedelta(minutes=minute))
        door.prove(asked.challenge, door.mailed[-1], NOW + timedelta(minutes=minute))
    assert len(door.mailed) == CODES_AN_HOUR
    refused = door.ask(NOW + timedelta(minutes=10))
    assert refused.challenge is None
    assert refused.again_at == NOW + timedelta(hours=1)
    assert door.ask(refused.again_at).mailed


def test_one_recipients_codes_do_not_use_up_anothers(door):
    door.ask()
    assert door.ask(recipient="hash-of-dsl", role=Role.DSL).mailed


def test_the_same_person_in_two_roles_signs_in_as_the_one_that_asked(door):
    door.ask()
    second = door.ask(role=Role.DSL)
    assert door.who(door.prove(second.challenge, door.mailed[0])).role is Role.DSL


def test_a_sign_in_ends_by_itself_and_by_signing_out(door):
    token = door.prove(door.ask().challenge, door.mailed[0])
    assert door.who(token, NOW + timedelta(hours=12)) is None
    signed_in = door.who(token, NOW + timedelta(hours=11))
    with door.store.write() as session:
        sign_out(door.store, session, signed_in, now=NOW + timedelta(hours=11))
    assert door.who(token, NOW + timedelta(hours=11)) is None


@pytest.mark.parametrize("token", [None, "", "guess"])
def test_no_other_token_is_anybody(door, token):
    door.prove(door.ask().challenge, door.mailed[0])
    assert door.who(token) is None


def test_codes_asked_for_under_a_clock_that_was_ahead_keep_nobody_out(door):
    for number in range(CODES_AN_HOUR):
        door.ask(NOW + timedelta(days=365) + number * TEN + number * SECOND)
    assert door.ask(NOW).mailed
