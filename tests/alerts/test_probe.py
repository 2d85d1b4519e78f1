from __future__ import annotations

import pytest

from alerts.probe import probe
from alerts.smtp import Security
from tests.alerts.mail_servers import (
    PASSWORD,
    Certificate,
    Mailbox,
    Script,
    aiosmtpd_server,
    mail_server,
    make_certificate,
    password_checker,
    scripted_server,
)

HEAD = "headteacher@st-elsewhere.example"
DSL = "dsl@st-elsewhere.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


async def test_a_probe_goes_through_every_step_and_sends_nothing(certificate: Certificate) -> None:
    mailbox = Mailbox(refused={DSL: "550 5.1.1 unknown"})
    options = {"authenticator": password_checker, "auth_required": True}
    async with aiosmtpd_server(mailbox, certificate, **options) as port:
        settings = mail_server(
            port,
            security=Security.STARTTLS,
            tls_ca_file=certificate.ca_file,
            username="schoolgate",
            password=PASSWORD,
        )
        points = await probe(settings, [("the headteacher", HEAD), ("the DSL", DSL)])
    steps = {point.name: point.ok for point in points[1:]}
    assert steps == {
        "DNS": True,
        "connect": True,
        "TLS": True,
        "EHLO": True,
        "sign-in": True,
        "sender": True,
        "the headteacher": True,
        "the DSL": False,
    }
    assert mailbox.taken == []


async def test_a_probe_stops_at_the_first_step_that_fails_and_names_the_cure() -> None:
    script = Script({"EHLO": "250-mx.test\r\n250 AUTH PLAIN", "AUTH": "535 5.7.139 disabled"})
    async with scripted_server(script) as port:
        points = await probe(
            mail_server(port, username="schoolgate", password=PASSWORD), [("the headteacher", HEAD)]
        )
    assert points[-1].name == "sign-in"
    assert not points[-1].ok
    assert "allow SMTP AUTH" in points[-1].says
    assert not any(line.startswith("RCPT") for line in script.heard)


async def test_a_probe_of_a_name_without_an_address_says_so() -> None:
    points = await probe(mail_server(25, host="mx.invalid", security=Security.STARTTLS))
    assert points[-1].says.startswith("mx.invalid has no address")
