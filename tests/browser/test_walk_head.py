"""The headteacher's walk-through: a phone, thirty seconds between meetings."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain import Role
from tests.browser.walk import walking
from tests.conftest import HandClock
from tests.school import THREAT

pytestmark = pytest.mark.browser


def test_a_threat_after_assembly(chromium, tmp_path: Path, clock: HandClock) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        comment = walk.built.says_on_facebook(THREAT)
        walk.turn(minutes=11)
        mail = walk.new_mail(Role.HEADTEACHER)
        assert "ACT NOW" in str(mail.message["Subject"])
        assert "SK-0001" in str(mail.message["Subject"])
        text = mail.body("plain") or ""
        assert "Copied" in text
        assert "still public" in text
        assert THREAT not in text

        head = walk.person(Role.HEADTEACHER)
        head.open_link(mail)
        head.type_code()
        head.sees("SK-0001")
        head.does_not_see(THREAT)
        head.unfold("Reveal")
        head.sees(THREAT)
        head.press("Hide it")
        walk.turn()
        assert walk.built.graph.is_hidden(comment)
        head.page.reload()
        head.sees("Hidden at", "still see it")
        walk.turn(minutes=16)  # somebody answered: nobody else is mailed
        assert walk.mails(Role.DEPUTY) == []
