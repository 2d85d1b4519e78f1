"""Whose word counts: only our own mail server's, only its topmost, only for the domain of the From."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.inbox.authenticated import LONGEST, is_proven, parsed

OURS = "mx.school.example"
# as these providers write them, with invented domains (Google Workspace; OpenDKIM and OpenDMARC; Exchange Online, as
# https://learn.microsoft.com/defender-office-365/message-headers-eop-mdo shows it)
GOOGLE = (
    f"{OURS}; dkim=pass header.i=@mail.example header.s=20230601 header.b=AbC/d+xy; spf=pass (google.com: domain of"
    " grace@mail.example designates 192.0.2.7 as permitted sender) smtp.mailfrom=grace@mail.example; dmarc=pass"
    " (p=NONE sp=QUARANTINE dis=NONE) header.from=mail.example"
)
POSTFIX = f'{OURS}; dkim=pass (2048-bit key; unprotected) header.d=mail.example header.i=@mail.example header.b="x/y=z"'
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=mail.example; dkim=pass (signature was verified)"
    " header.d=mail.example;dmarc=pass action=none header.from=mail.example;compauth=pass reason=100"
)
DMARC = f"{OURS}; dmarc=pass header.from=mail.example"


def proven(header: str | None, domain: str = "mail.example", trusted: str | None = OURS) -> bool:
    return is_proven(header, trusted=trusted, domain=domain)


@pytest.mark.parametrize(
    "header",
    [
        GOOGLE,
        POSTFIX,
        DMARC,
        f"{OURS.upper()} 1; dmarc=pass header.from=Mail.Example",
        f"{OURS} (our filter); dkim=pass header.i=@mail.example",
        f"{OURS}; dkim=fail header.d=mail.example; dkim=pass header.d=mail.example",
        f"{OURS}; dmarc=none header.from=mail.example; dkim/1 = pass header.d=mail.example",
        f"{OURS}; dmarc=bestguesspass header.from=mail.example; dkim=pass header.d=mail.example",
    ],
)
def test_what_our_server_says_counts(header: str):
    assert proven(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        OURS,
        f"{OURS}; none",
        f"{OURS}; dkim=none; spf=pass smtp.mailfrom=mail.example",
        f"{OURS}; spf=pass smtp.mailfrom=mail.example",
        f"{OURS}; dkim=fail header.d=mail.example",
        f"{OURS}; dkim=pass header.d=bulk.example",
        f"{OURS}; dkim=pass",
        f"{OURS}; dkim=pass header.s=mail.example",
        f"{OURS}; dmarc=pass",
        f"{OURS}; dmarc=pass header.from=other.example",
        f"{OURS}; dmarc=fail header.from=mail.example; dkim=pass header.d=mail.example",
        f"{OURS}; dmarc=temperror header.from=mail.example; dkim=pass header.d=mail.example",
        f"{OURS}; dmarc=fail header.from=mail.example; dmarc=pass header.from=mail.example",
        f"{OURS}; dmarc=pass header.from=mail.example; dmarc=fail header.from=mail.example",
        f"{DMARC}; dkim=fail (a comment that does not end",
        f'{DMARC}; dkim=fail reason="that does not end',
        f"{OURS}; arc=pass (dmarc=pass header.from=mail.example)",
    ],
)
def test_what_proves_nothing(header: str | None):
    assert not proven(header)


@pytest.mark.parametrize(
    "header",
    [
        "mx.elsewhere.example; dmarc=pass header.from=mail.example",
        f"elsewhere.example {OURS}; dmarc=pass header.from=mail.example",
        f"{OURS}.evil.example; dmarc=pass header.from=mail.example",
        f"x{OURS}; dmarc=pass header.from=mail.example",
        "dmarc=pass header.from=mail.example",
        f"({OURS}); dmarc=pass header.from=mail.example",
        f'"{OURS}"; dmarc=pass header.from=mail.example',
        f"{OURS} 2; dmarc=pass header.from=mail.example",
    ],
)
def test_another_servers_word_does_not_count(header: str):
    assert not proven(header)


@pytest.mark.parametrize(
    "header",
    [
        f'{OURS}; spf=pass smtp.mailfrom="a; dmarc=pass header.from=mail.example; x"@evil.example',
        f'{OURS}; dkim=fail reason="dkim=pass header.d=mail.example" header.d=evil.example',
        f"{OURS}; dkim=pass (header.d=mail.example) header.d=evil.example",
        f"{OURS}; dkim=pass (a (nested; dmarc=pass header.from=mail.example) one) header.d=evil.example",
        f"{OURS}; dkim=pass header.d=evil.example x(header.d=mail.example",
        f'{OURS}; dkim=pass header.d=evil.example "dmarc=pass header.from=mail.example',
        f"{OURS}; dkim=pass header.d=evil.example header.d=mail.example",
        f"{OURS}; dkim=pass a=/header.d=mail.example header.d=evil.example",
        f"{OURS}; dkim=pass header.b=a/header.d=mail.example header.d=evil.example",
    ],
)
def test_what_a_stranger_can_make_a_server_repeat_does_not_count(header: str):
    assert not proven(header)


def test_a_signature_of_the_domain_above_counts_and_of_one_beside_or_below_does_not():
    above = f"{OURS}; dkim=pass header.d=provider.example"
    assert proven(above, "mail.provider.example")
    assert not proven(above, "otherprovider.example")
    assert not proven(f"{OURS}; dkim=pass header.d=rented.provider.example", "provider.example")
    assert not proven(f"{OURS}; dkim=pass header.d=example", "mail.example")


def test_a_server_without_a_name_is_believed_only_where_that_is_configured():
    assert proven(MICROSOFT, trusted=None)
    assert not proven(MICROSOFT)
    assert not proven(DMARC, trusted=None)


def test_an_international_domain_is_the_same_in_both_its_forms():
    assert proven(f"{OURS}; dmarc=pass header.from=süd.example", "süd.example".encode("idna").decode())


def test_a_header_of_any_length_and_form_is_survived():
    assert not proven(f"{DMARC}{' ' * LONGEST}")
    assert parsed("(" * 1000) is None


@given(some.text(alphabet=some.sampled_from('mx.;=()"\\ dkimpass/@\0é\n'), max_size=200))
def test_no_text_makes_it_fail(text: str):
    parsed(text)
    assert not is_proven(f"elsewhere.example; {text}", trusted=OURS, domain="mail.example")
