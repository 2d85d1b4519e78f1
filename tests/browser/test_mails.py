"""Every kind of mail at a phone's width, as a mail program that shows HTML shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.compose_invitation import compose_invitation
from monitor.domain import Role
from tests.alerts.mails import KINDS, LINK, part, stamp
from tests.browser.place import PHONE
from tests.browser.seen import Seen, problems

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MAILS = KINDS | {"invitation": lambda: compose_invitation("x", LINK, stamp("invitation", Role.OFFICE))}


@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_is_fit_for_everybody(chromium: Browser, kind: str) -> None:
    window = chromium.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]
    try:
        page = window.new_page()
        seen = Seen(page, "http://nowhere.example")
        page.set_content(part(MAILS[kind](), "html"))
        found = problems(seen, pages=False)
        assert not found, "\n".join(found)
    finally:
        window.close()
