"""What Microsoft and Google vouch for, and how often a service is asked."""

from datetime import timedelta

import pytest

from alerts.oidc import Service
from tests.alerts.oidc_server import CLIENT, SECRET
from tests.alerts.page_school import open_school
from tests.alerts.test_web_elsewhere import Reviewer, configured, served


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


@pytest.fixture
def server(school):
    with served(school) as made:
        yield made


TENANT = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("claims", "comes_in"),
    [
        ({"tid": TENANT, "xms_edov": True}, True),
        ({"tid": TENANT, "xms_edov": "1"}, True),
        ({"tid": TENANT, "xms_edov": 1}, True),
        ({"tid": TENANT, "xms_edov": False}, False),
        ({"tid": TENANT}, False),
        ({"tid": TENANT, "email_verified": True}, False),
        ({"tid": "99999999-89ab-cdef-0123-456789abcdef", "xms_edov": True}, False),
        ({"xms_edov": True}, False),
        (
            {
                "tid": TENANT,
                "email": None,
                "preferred_username": "head@stmarys.example",
                "upn": "head@stmarys.example",
                "xms_edov": True,
            },
            False,
        ),
    ],
    ids=repr,
)
def test_of_microsoft_only_what_its_own_tenant_has_verified_counts(
    school, server, monkeypatch, claims, comes_in
):
    monkeypatch.setattr("alerts.oidc.MICROSOFT", "127.0.0.1")
    server.path = f"/{TENANT}/v2.0"
    server.extra = claims
    configured(school, server)
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside is comes_in


@pytest.mark.parametrize(
    ("claims", "comes_in"),
    [
        ({"hd": "stmarys.example", "email_verified": True}, True),
        ({"email_verified": True}, False),
        ({"hd": "evil.example", "email_verified": True}, False),
        ({"hd": "stmarys.example", "email_verified": False}, False),
    ],
    ids=repr,
)
def test_of_google_only_what_google_itself_hosts_counts(school, server, monkeypatch, claims, comes_in):
    monkeypatch.setattr("alerts.oidc.GOOGLE", "127.0.0.1")
    server.extra = claims
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside is comes_in


def test_addresses_and_keys_are_asked_for_once_an_hour(school, server):
    ticks = [0.0]
    back = next(iter(server.redirects))
    service = Service(
        "School",
        issuer=server.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        back=back,
        ticks=lambda: ticks[0],
    )
    for passed, asked in ((0, 1), (3599, 1), (1, 2)):
        ticks[0] += passed
        service.begin()
        assert server.asked.count("document") == asked


def test_a_slow_clock_at_the_service_is_borne(school, server):
    server.clock = lambda: school.now + timedelta(seconds=50)
    browser = Reviewer(school)
    browser.whole()
    assert browser.inside
