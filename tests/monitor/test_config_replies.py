"""The table [replies]: its secret, its bounds, and what it may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.monitor.test_config import CLAIMS_MAIL, GOOD, Written, load, problems, write

__all__ = ["write"]  # the fixture

REPLIES = """[replies]
host = "imap.school.example"
username = "replies@school.example"
authserv_id = "mx.school.example"
address = "replies@school.example"
"""
PASSWORD = 'password_file = "token"\n'


def test_without_the_table_nothing_is_answered_by_mail(write: Written):
    assert load(write(GOOD), SCHOOLGATE_REPLIES_PASSWORD="x").replies is None


def test_its_secret_is_taken_from_where_it_is_kept(write: Written, tmp_path: Path):
    (tmp_path / "replies.password").write_text("from-systemd")
    for text, env, secret in (
        (PASSWORD, {}, "tok"),
        ("", {"SCHOOLGATE_REPLIES_PASSWORD": "from-env"}, "from-env"),
        ("", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, "from-systemd"),
    ):
        replies = load(write(GOOD + REPLIES + text), **env).replies
        assert replies is not None
        assert replies.password is not None
        assert replies.password.get_secret_value() == secret
        assert (replies.port, replies.security, replies.folder, replies.plus) == (993, "tls", "INBOX", True)
        assert (replies.every.total_seconds(), replies.valid.days) == (30, 3)
        assert f"'{secret}'" not in repr(replies)


@pytest.mark.parametrize(
    ("written", "instead", "says"),
    [
        ('address = "replies@school.example"', "", "replies.address: is missing"),
        ('authserv_id = "mx.school.example"', "", "replies.authserv_id: is missing"),
        ('"replies@school.example"\nauth', '""\nauth', "replies.username: is missing"),
        ('address = "replies@', f'address = "{"r" * 49}@', "replies.address: has more than 48 characters"),
        ('address = "replies@school.example"', 'address = "a@gmail.com"', "a personal mail provider"),
        ("[replies]", '[replies]\nvalid = "30d"', "replies.valid: "),
        ("[replies]", "[replies]\nfrom_anybody = true", "replies.from_anybody: "),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(write: Written, written: str, instead: str, says: str):
    assert written in REPLIES
    found = problems(write(GOOD + REPLIES.replace(written, instead) + PASSWORD))
    assert [one for one in found if says in one], found


def test_two_readers_do_not_share_a_folder(write: Written):
    claims = CLAIMS_MAIL.replace("account@school.example", "Replies@school.example") + PASSWORD
    (says,) = problems(write(GOOD + claims + REPLIES + PASSWORD))
    assert says.startswith("replies.folder: is the folder that [claims.mail] reads")
    assert load(write(GOOD + claims + REPLIES + PASSWORD + 'folder = "Answers"\n')).replies is not None
