"""Answers by mail in the real service: a comment on X, an alert over SMTP, one word back over IMAP, hidden on X."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import select

from monitor import schema
from monitor.app import utc_now
from monitor.domain import Role
from monitor.tables import CaseRow, DecisionRow
from tests.alerts.answering_school import reply_to
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import OURS
from tests.school import THREAT, School, address, school

PATIENCE = 90.0
HEAD = address(Role.HEADTEACHER)


def replies(folder: Path, room: Mailroom) -> str:
    """The table of a school that takes answers in this mailbox; its password is put into `folder`."""
    (folder / "imap").touch(mode=0o600)
    (folder / "imap").write_text(room.password)
    return f"""
[detection]
model = "off"

[replies]
host = "127.0.0.1"
port = {room.port}
security = "none"
username = "{room.username}"
password_file = "imap"
authserv_id = "{OURS}"
address = "replies@stmarks.example"
every = "15s"
"""


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends:
            pytest.fail("it did not come")
        time.sleep(0.2)


def to_head(built: School, subject: str) -> list[EmailMessage]:
    found = [mail.message for mail in built.mailbox.to(HEAD)]
    return [mail for mail in found if str(mail["Subject"]).startswith(subject)]


def test_one_word_by_mail_hides_a_comment_and_is_confirmed(tmp_path: Path) -> None:
    with (
        serving(Mailroom()) as room,
        school(tmp_path, utc_now, every="10s", more=replies(tmp_path, room)) as built,
    ):
        schema.upgrade(built.settings().storage.database_path)
        service = built.start("run", "--config", str(built.config))
        try:
            until(lambda: "LOGOUT" in room.said)
            built.says_on_facebook(THREAT)
            until(lambda: bool(to_head(built, "NEW · ACT NOW")))
            (alert,) = to_head(built, "NEW · ACT NOW")
            assert re.fullmatch(r"replies\+[0-9a-z]{12}@stmarks\.example", str(alert["Reply-To"]))
            room.arrive(reply_to(alert, "HIDE", sender="eve@elsewhere.example"), utc_now())
            room.arrive(reply_to(alert, "HIDE", sender=HEAD, number=2), utc_now())
            until(lambda: bool(to_head(built, "NOTED")))
        finally:
            service.terminate()
            log = "".join(service.communicate(timeout=60))
        assert service.returncode == 0, log
        assert "@" not in re.sub(r"@[0-9a-f]{6,}", "", log)
        (noted,) = to_head(built, "NOTED")
        assert noted["In-Reply-To"] == alert["Message-ID"]
        body = noted.get_body(("plain",))
        assert body is not None
        assert "its author still sees it" in body.get_content()
        assert not built.mailbox.to("eve@elsewhere.example")
        with built.store() as store, store.read() as session:
            (case,) = session.exec(select(CaseRow)).all()
            (decision,) = session.exec(select(DecisionRow)).all()
        assert (case.standing, decision.choice, decision.role) == ("hidden", "remove", "headteacher")
        says = " ".join(built.run("doctor").stdout.split())
        assert "1 decision by mail; 1 from people who hold no role" in says
