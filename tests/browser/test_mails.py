"""Every kind of mail at a phone's width, as a mail program that shows HTML shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.alerts.all_mails import KINDS
from tests.alerts.mails import part
from tests.browser.place import PHONE
from tests.browser.seen import Seen, problems

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_fit_for_everybody(chromium: Browser, kind: str) -> None:
    window = chromium.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]
    try:
        page = window.new_page()
        seen = Seen(page, "http://nowhere.example")
        page.set_content(part(KINDS[kind](), "html"))
        found = problems(seen, pages=False)
        assert not found, "\n".join(found)
    finally:
        window.close()
