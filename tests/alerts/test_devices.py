"""What a remembered device's token can do, and what ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from alerts import devices, sessions
from alerts.devices import MOST, TURN, Ended
from monitor.domain import Role
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow, SpentTokenRow
from tests.alerts.fresh import fresh_store

NOW = datetime(2026, 11, 20, 12, 40, tzinfo=UTC)
MONTH, HOURS = timedelta(days=30), timedelta(hours=12)


class Phone:
    """One browser that keeps what it is given, and the school's database."""

    def __init__(self, store):
        self.store = store
        self.now = NOW
        self.token = self.remember()

    def remember(self, recipient="hash-of-head", role=Role.HEADTEACHER):
        with self.store.write() as session:
            return devices.remember(
                self.store,
                session,
                role=role,
                recipient=recipient,
                label="Safari on iPhone",
                now=self.now,
                valid=MONTH,
            )

    def known(self, token):
        with self.store.read() as session:
            return devices.known(self.store, session, token, now=self.now)

    def use(self, token):
        with self.store.write() as session:
            return devices.use(self.store, session, token, now=self.now, valid=HOURS)

    def tap(self):
        """Press the button a day later, and keep what comes."""
        self.now += timedelta(days=1)
        used = self.use(self.token)
        self.token = used.token or self.token
        return used

    def rows(self, table):
        with self.store.read() as session:
            return session.exec(select(table)).all()

    def who(self, token):
        with self.store.read() as session:
            return sessions.who(self.store, session, token, now=self.now)


@pytest.fixture
def phone(tmp_path):
    store = fresh_store(tmp_path)
    yield Phone(store)
    store.close()


def test_a_remembered_device_signs_its_owner_in(phone):
    used = phone.tap()
    signed_in = phone.who(used.sign_in)
    assert (signed_in.role, signed_in.recipient) == (Role.HEADTEACHER, "hash-of-head")


def test_a_token_has_256_bits_and_the_database_holds_none(phone):
    tokens = [phone.token, phone.tap().token, phone.tap().token]
    assert all(len(token) == 43 for token in tokens)
    held = str(phone.rows(DeviceRow)) + str(phone.rows(SpentTokenRow))
    assert not any(token in held for token in tokens)


def test_each_use_gives_a_new_token_and_spends_the_one_before(phone):
    first = phone.token
    for _ in range(4):
        before = phone.token
        assert phone.tap().token
        assert phone.token != before
    assert phone.known(first).copied
    assert not phone.known(phone.token).copied


def test_an_answer_that_was_lost_on_the_way_shuts_nobody_out(phone):
    phone.now += timedelta(days=1)
    phone.use(phone.token)  # the phone lost its signal, and never got the answer
    for _ in range(3):
        assert phone.tap()


def test_two_tabs_at_once_keep_one_cookie(phone):
    phone.now += timedelta(days=1)
    first, second = phone.use(phone.token), phone.use(phone.token)
    assert first.token
    assert second.token is None
    assert phone.who(second.sign_in)
    phone.token = first.token
    assert phone.tap()


def test_after_a_theft_whoever_comes_second_is_found_out(phone):
    """The thief copies the cookie and uses it; both then go on."""
    stolen = phone.token
    phone.now += timedelta(days=1)
    thief = phone.use(stolen)
    phone.tap()  # the owner shows the old token, which is still good, and is given another
    phone.tap()
    assert phone.known(thief.token).copied
    assert phone.use(thief.token) is None


def test_an_owner_who_comes_after_a_thief_that_went_on_is_told(phone):
    stolen = phone.token
    phone.now += timedelta(days=1)
    second = phone.use(stolen).token
    phone.now += timedelta(days=1)
    assert phone.use(second)
    assert phone.known(phone.token).copied
    assert phone.use(phone.token) is None


def test_it_ends_after_thirty_days_however_often_it_is_used(phone):
    for _ in range(29):
        phone.tap()
    phone.now = NOW + MONTH
    assert phone.known(phone.token) is None
    assert phone.use(phone.token) is None


def test_ending_a_device_ends_what_it_opened_and_nothing_else(phone):
    other = phone.remember()
    mine, theirs = phone.tap(), phone.use(other)
    with phone.store.write() as session:
        row = session.exec(select(DeviceRow).order_by(DeviceRow.id)).first()
        devices.end(phone.store, session, row, Ended.PERSON, now=phone.now)
    assert phone.who(mine.sign_in) is None
    assert phone.use(phone.token) is None
    assert phone.who(theirs.sign_in)


@pytest.mark.parametrize("token", [None, "", "guess", "x" * 5000, "é" * 43])
def test_no_other_token_is_a_device(phone, token):
    assert phone.known(token) is None
    assert (
        phone.use(
            token or "",
        )
        is None
    )
    assert not phone.rows(SignInRow)


def test_one_more_than_the_most_ends_the_one_that_was_used_longest_ago(phone):
    for _ in range(MOST):
        phone.now += timedelta(minutes=1)
        last = phone.remember()
    assert phone.known(phone.token) is None
    assert phone.known(last)
    with phone.store.read() as session:
        assert len(devices.open_ones(phone.store, session, phone.now, "hash-of-head")) == MOST
        assert phone.remember("hash-of-dsl", Role.DSL)
        assert len(devices.open_ones(phone.store, session, phone.now, "hash-of-head")) == MOST


def test_what_was_remembered_for_a_former_holder_ends_for_good(phone):
    sign_in = phone.tap().sign_in
    dsl = phone.remember("hash-of-dsl", Role.DSL)
    with phone.store.write() as session:
        ended = devices.end_those_of_others(
            phone.store, session, lambda recipient, _role: recipient == "hash-of-dsl", now=phone.now
        )
    assert ended == 1  # the sign-in went with its device
    assert phone.known(phone.token) is None
    assert phone.who(sign_in) is None
    assert phone.known(dsl)
    assert phone.rows(DeviceRow)[0].why == Ended.ROLE.value


def test_the_turn_is_short(phone):
    assert timedelta(minutes=1) >= TURN
