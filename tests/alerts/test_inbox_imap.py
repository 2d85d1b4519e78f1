"""The mailbox on a real IMAP server: what is read, and what a technician is told when it is not."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.inbox.imap import MOST_BYTES, opened
from alerts.oauth import Credentials, TokenSource
from alerts.smtp import Security
from monitor.errors import InboxError
from monitor.sandbox.loopback_tls import loopback_tls
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.alerts.mailbox_school import inbox
from tests.alerts.test_oauth import TokenServer
from tests.conftest import MORNING, HandClock

LONG_AGO = date(2026, 1, 31)


def trouble(room: Mailroom, **more: object) -> InboxError:
    with pytest.raises(InboxError) as told, opened(inbox(room, **more)) as box:
        box.message(box.after(0, LONG_AGO)[0])
    assert room.username not in str(told.value)
    assert room.password not in str(told.value)
    return told.value


def test_messages_are_read_in_order_and_nothing_is_changed():
    with serving(Mailroom()) as room:
        for number in range(3):
            room.arrive(letter(number=number))
        with opened(inbox(room)) as box:
            assert box.uid_validity == 1
            assert box.after(0, LONG_AGO) == [1, 2, 3]
            assert box.after(1, LONG_AGO) == [2, 3]
            assert box.after(3, LONG_AGO) == []  # though the server names the last one
            assert box.message(2) == letter(number=1)
            assert box.message(9) is None
        assert not any(said.startswith(("STORE", "SELECT", "EXPUNGE")) for said in room.said)
        assert room.said[-1] == "LOGOUT"


def test_what_arrived_long_ago_is_not_asked_for():
    with serving(Mailroom()) as room:
        room.arrive(letter(), MORNING - timedelta(days=2))
        room.arrive(letter(), MORNING)
        with opened(inbox(room)) as box:
            assert box.after(0, MORNING.date() - timedelta(days=1)) == [2]


def test_of_a_huge_message_only_the_beginning_is_fetched():
    with serving(Mailroom()) as room:
        room.arrive(letter("x" * 20 * 1024 * 1024))
        with opened(inbox(room)) as box:
            assert len(box.message(1) or b"") == MOST_BYTES


def test_the_connection_is_secured_and_the_certificate_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tls, pem = loopback_tls()
    for security, implicit in ((Security.TLS, True), (Security.STARTTLS, False)):
        with serving(Mailroom(tls=tls), implicit_tls=implicit) as room:
            room.arrive(letter())
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            told = trouble(room, security=security)
            assert "does not trust" in str(told)
            assert told.permanent
            assert "LOGIN" not in room.said
            (tmp_path / "ca.pem").write_text(pem)
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
            with opened(inbox(room, security=security)) as box:
                assert box.after(0, LONG_AGO) == [1]


def test_no_password_goes_out_in_clear():
    with serving(Mailroom()) as room:
        told = trouble(room, security=Security.STARTTLS)
        assert (
            str(told) == f'127.0.0.1:{room.port} does not offer STARTTLS; write claims.mail.security = "tls".'
        )
        assert "does not speak TLS" in str(trouble(room, security=Security.TLS))
        assert "LOGIN" not in room.said
    told = trouble(Mailroom(port=143), host="mail.school.example")
    assert "is for this machine only" in str(told)


def test_a_password_of_any_letters_signs_in():
    for password in ('with "quotes" and \\', "pässwörd"):
        with serving(Mailroom(password=password.replace("\\", "\\\\").replace('"', '\\"'))) as room:
            room.password = password if not password.isascii() else room.password
            with opened(inbox(room, password=password)) as box:
                assert box.after(0, LONG_AGO) == []


def test_a_wrong_password_is_for_a_person_to_mend():
    with serving(Mailroom()) as room:
        told = trouble(room, password="marker-wrong")
        assert "refused the sign-in; check claims.mail.username and its password" in str(told)
        assert told.permanent
        room.faults["LOGIN"] = "NO [UNAVAILABLE] the directory is away"
        assert not trouble(room).permanent


def test_an_access_token_signs_in():
    with (
        TokenServer(200, b'{"access_token": "marker-token"}') as tokens,
        serving(Mailroom(token="marker-token")) as room,
    ):
        credentials = Credentials(
            token_url=tokens.url, client_id="gate", client_secret="s3cret", scope="mail", table="claims.mail"
        )
        source = TokenSource(credentials, HandClock())
        for _ in range(2):  # each turn has an event loop of its own
            with opened(inbox(room, token=source, password=None)) as box:
                assert box.after(0, LONG_AGO) == []
        assert len(tokens.asked) == 1
        room.token = "another"
        assert "its application" in str(trouble(room, token=source, password=None))
        room.token = "marker-token"
        with opened(inbox(room, token=source, password=None)):
            assert len(tokens.asked) == 2  # the refused one is not used again


def test_a_token_that_is_not_given_names_the_right_table():
    with TokenServer(401, b'{"error": "invalid_client"}') as tokens, serving(Mailroom()) as room:
        credentials = Credentials(
            token_url=tokens.url, client_id="gate", client_secret="s3cret", scope="mail", table="claims.mail"
        )
        told = trouble(room, token=TokenSource(credentials, HandClock()))
        assert "check claims.mail.oauth_client_id" in str(told)


def test_a_folder_that_is_not_there_is_named():
    with serving(Mailroom(folders=("INBOX", "Families &- friends"))) as room:
        told = trouble(room, folder="Families")
        assert (
            str(told)
            == 'the mailbox has no folder "Families" that can be opened; correct claims.mail.folder.'
        )
        with opened(inbox(room, folder="Families & friends")) as box:  # in IMAP's own UTF-7
            assert box.after(0, LONG_AGO) == []


@pytest.mark.parametrize("command", ["greeting", "CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH"])
@pytest.mark.parametrize("fault", ["drop", "BYE", "BAD what?", "* 1 FETCH (BODY[] {99}", "\0\xff"])
def test_a_server_that_breaks_off_or_talks_nonsense_is_told_of(command: str, fault: str):
    with serving(Mailroom(faults={command: fault})) as room:
        room.arrive(letter())
        assert f"127.0.0.1:{room.port} " in str(trouble(room, timeout=0.3))


def test_a_server_that_refuses_to_search_or_fetch_is_told_of():
    for command in ("SEARCH", "FETCH"):
        with serving(Mailroom(faults={command: "NO busy"})) as room:
            room.arrive(letter())
            assert not trouble(room).permanent


def test_a_server_that_is_silent_or_away_is_told_of():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        room = Mailroom(port=silent.getsockname()[1])
        assert "did not answer within 0.2 seconds" in str(trouble(room, timeout=0.2))
    assert "cannot be reached (Connection refused)" in str(trouble(room))
    assert "has no address" in str(trouble(room, host="mail.invalid", security=Security.TLS))


def test_what_a_server_answers_without_a_validity_is_no_mailbox():
    with serving(Mailroom(uid_validity=-1)) as room:
        room.faults["EXAMINE"] = "drop"
        assert not trouble(room).permanent


def test_without_the_extra_the_cure_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "imap_tools", None)
    told = trouble(Mailroom(port=1))
    assert told.permanent
    assert "run `uv sync --frozen --extra imap`" in str(told)


def test_the_month_is_written_in_english():
    with serving(Mailroom()) as room, opened(inbox(room)) as box:
        box.after(4, datetime(2026, 3, 7, tzinfo=UTC).date())
        assert "SEARCH UID 5:* SINCE 7-Mar-2026" in room.said
