from __future__ import annotations

import pytest

from alerts.known_link import known_link

HOSTS = frozenset({"facebook.com"})


@pytest.mark.parametrize(
    "link",
    ["https://www.facebook.com/1_2", "https://facebook.com/x?comment_id=1&y=%20", "https://m.facebook.com/"],
)
def test_an_address_of_the_network_is_a_link(link: str) -> None:
    assert known_link(link, HOSTS) == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)",
        "http://www.facebook.com/1",
        "https://evil.example/facebook.com",
        "https://notfacebook.com/1",
        "https://www.facebook.com@evil.example/",
        "https://www.facebook.com\\@evil.example/",
        "https://[::1",
        "https://www.facebook.com/\u202e x",
        "https://www.facebook.com/\nx",
        'https://www.facebook.com/"onclick=x',
    ],
)
def test_what_an_answer_made_up_is_no_link(link: str) -> None:
    assert known_link(link, HOSTS) == ""
