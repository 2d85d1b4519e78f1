from __future__ import annotations

import base64
from pathlib import Path

import pytest

from alerts.deliver import Outgoing, deliver_batch
from alerts.smtp import Security, tls_context
from monitor.errors import DeliveryError
from tests.alerts.mail_servers import (
    PASSWORD,
    Certificate,
    Mailbox,
    Script,
    aiosmtpd_server,
    mail_server,
    make_certificate,
    scripted_server,
)

HEAD = "headteacher@st-elsewhere.example"
DSL = "dsl@st-elsewhere.example"
BODY = b"Subject: TEST\r\n\r\nDandelion clock\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def batch(*recipients: str) -> list[Outgoing]:
    return [Outgoing(id=number, recipient=to, message=BODY) for number, to in enumerate(recipients, start=1)]


class FixedToken:
    def __init__(self, token: str) -> None:
        self.token = token
        self.forgotten = 0

    async def __call__(self) -> str:
        return self.token

    def forget(self) -> None:
        self.forgotten += 1


async def test_tls_from_the_start_works(certificate: Certificate) -> None:
    script = Script()
    async with scripted_server(script, certificate.context) as port:
        settings = mail_server(port, security=Security.TLS, tls_ca_file=certificate.ca_file)
        receipts = await deliver_batch(batch(HEAD), settings)
    assert receipts[0].ok
    assert script.heard[0] == "EHLO gate.st-elsewhere.example"


async def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    script = Script()
    async with scripted_server(script) as port:
        settings = mail_server(port, security=Security.STARTTLS, username="schoolgate", password=PASSWORD)
        [receipt] = await deliver_batch(batch(HEAD), settings)
    assert not receipt.ok
    assert not receipt.permanent
    assert "offers no STARTTLS" in receipt.says
    assert [line[:4] for line in script.heard] == ["EHLO"]


async def test_an_unknown_certificate_is_refused(certificate: Certificate) -> None:
    mailbox = Mailbox()
    async with aiosmtpd_server(mailbox, certificate) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port, security=Security.STARTTLS))
    assert not receipt.ok
    assert not receipt.permanent
    assert "certificate that is not good (self-signed certificate)" in receipt.says
    assert mailbox.taken == []


@pytest.mark.parametrize(("host", "days"), [("mx.test", 1), ("127.0.0.1", -1)])
async def test_a_certificate_for_another_host_or_expired_is_refused(
    tmp_path: Path, host: str, days: int
) -> None:
    wrong = make_certificate(tmp_path, host, days=days)
    async with aiosmtpd_server(Mailbox(), wrong) as port:
        settings = mail_server(port, security=Security.STARTTLS, tls_ca_file=wrong.ca_file)
        [receipt] = await deliver_batch(batch(HEAD), settings)
    assert not receipt.ok
    assert "certificate that is not good" in receipt.says


async def test_clear_text_to_another_machine_is_never_tried() -> None:
    [receipt] = await deliver_batch(batch(HEAD), mail_server(25, host="mx.st-elsewhere.example"))
    assert "this machine only" in receipt.says
    assert not receipt.permanent


async def test_a_ca_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    rubbish = tmp_path / "ca.pem"
    rubbish.write_text("not a certificate")
    settings = mail_server(1, security=Security.STARTTLS, tls_ca_file=rubbish)
    with pytest.raises(DeliveryError, match=r"mail\.tls_ca_file .*ca\.pem cannot be read"):
        tls_context(settings)
    [receipt] = await deliver_batch(batch(HEAD), settings)
    assert "mail.tls_ca_file" in receipt.says


@pytest.mark.parametrize(
    ("answer", "cure"),
    [
        ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled", "allow SMTP AUTH"),
        (
            "550 5.7.30 Basic authentication is not supported for Client Submission",
            "no longer takes passwords",
        ),
        ("535 5.7.3 Authentication unsuccessful", "may use SMTP AUTH"),
        ("534-5.7.9 Application-specific password required", "app password"),
        ("535 5.7.8 Username and Password not accepted", "user name or password is wrong"),
        ("535 nonsense", "refused the sign-in"),
    ],
)
async def test_a_refused_sign_in_keeps_everything_and_names_the_cure(answer: str, cure: str) -> None:
    answer = answer.replace("534-", "534 ")
    script = Script({"EHLO": "250-mx.test\r\n250 AUTH PLAIN", "AUTH": answer})
    async with scripted_server(script) as port:
        receipts = await deliver_batch(
            batch(HEAD, DSL), mail_server(port, username="schoolgate", password=PASSWORD)
        )
    assert [(receipt.ok, receipt.permanent) for receipt in receipts] == [(False, False), (False, False)]
    assert cure in receipts[0].says
    assert PASSWORD not in receipts[0].says
    assert (
        len([line for line in script.heard if line.startswith("AUTH")]) == 1
    )  # no second try: accounts lock


async def test_xoauth2_sends_the_token() -> None:
    script = Script({"EHLO": "250-mx.test\r\n250 AUTH LOGIN XOAUTH2"})
    async with scripted_server(script) as port:
        settings = mail_server(port, username="box@st-elsewhere.example", token=FixedToken("t0ken"))
        [receipt] = await deliver_batch(batch(HEAD), settings)
    assert receipt.ok
    [sent] = [line.split()[2] for line in script.heard if line.startswith("AUTH XOAUTH2")]
    assert base64.b64decode(sent) == b"user=box@st-elsewhere.example\x01auth=Bearer t0ken\x01\x01"


async def test_a_token_that_is_refused_is_forgotten() -> None:
    script = Script({"EHLO": "250-mx.test\r\n250 AUTH XOAUTH2", "AUTH": "535 5.7.3 unsuccessful"})
    token = FixedToken("old")
    async with scripted_server(script) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port, username="box", token=token))
    assert not receipt.ok
    assert token.forgotten == 1


async def test_a_server_without_xoauth2_is_named() -> None:
    async with scripted_server(Script({"EHLO": "250-mx.test\r\n250 AUTH LOGIN"})) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port, username="box", token=FixedToken("t")))
    assert "does not take XOAUTH2" in receipt.says


def test_a_mail_servers_secrets_are_not_in_its_repr() -> None:
    settings = mail_server(25, password=PASSWORD, token=FixedToken("t0ken"))
    assert PASSWORD not in repr(settings)
    assert "Token" not in repr(settings)
