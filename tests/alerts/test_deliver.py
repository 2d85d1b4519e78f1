from __future__ import annotations

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from alerts.deliver import Outgoing, deliver_batch, deliver_one
from alerts.smtp import Security
from tests.alerts import mails
from tests.alerts.mail_servers import (
    DROP,
    HANG,
    PASSWORD,
    SENDER,
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
BODY = b"Subject: TEST\r\n\r\nDandelion clock\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def batch(*recipients: str) -> list[Outgoing]:
    return [Outgoing(id=number, recipient=to, message=BODY) for number, to in enumerate(recipients, start=1)]


async def test_a_batch_goes_out_over_starttls_with_a_password_on_one_connection(
    certificate: Certificate,
) -> None:
    mailbox = Mailbox()
    message = mails.KINDS["alert"]()
    options = {"authenticator": password_checker, "auth_required": True}
    async with aiosmtpd_server(mailbox, certificate, **options) as port:
        receipts = await deliver_batch(
            [Outgoing(7, HEAD, message), Outgoing(8, DSL, message)],
            mail_server(
                port,
                security=Security.STARTTLS,
                tls_ca_file=certificate.ca_file,
                username="schoolgate",
                password=PASSWORD,
            ),
        )
    assert [(receipt.id, receipt.ok, receipt.says) for receipt in receipts] == [(7, True, ""), (8, True, "")]
    assert receipts[0].reply == "250 2.0.0 queued as 1 for [address]"
    assert mailbox.taken == [(HEAD, message), (DSL, message)]  # byte for byte what was rendered
    assert mailbox.senders == [SENDER, SENDER]
    assert len(mailbox.connections) == 1


async def test_a_server_that_never_ends_its_answer_holds_nobody_up() -> None:
    async with scripted_server(Script({"DOT": HANG})) as port:
        receipt = await deliver_one(
            batch(HEAD)[0], mail_server(port, timeout=30, reply_timeout=30), within=0.5
        )
    assert (receipt.ok, receipt.permanent, receipt.unsure) == (False, False, True)
    assert "took too long" in receipt.says


async def test_one_refused_recipient_does_not_stop_the_others() -> None:
    mailbox = Mailbox(refused={"gone@st-elsewhere.example": "550 5.1.1 <gone@st-elsewhere.example> unknown"})
    async with aiosmtpd_server(mailbox) as port:
        receipts = await deliver_batch(batch(HEAD, "gone@st-elsewhere.example", DSL), mail_server(port))
    assert [receipt.ok for receipt in receipts] == [True, False, True]
    assert receipts[1].permanent
    assert receipts[1].reply == "550 5.1.1"
    assert "refused the recipient" in receipts[1].says
    assert "gone@" not in receipts[1].says + receipts[1].reply
    assert [to for to, _ in mailbox.taken] == [HEAD, DSL]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_a_4xx_anywhere_keeps_the_message_for_later(step: str) -> None:
    script = Script({step: "451 4.7.1 greylisted"})
    async with scripted_server(script) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port))
    assert (receipt.ok, receipt.permanent, receipt.reply) == (False, False, "451 4.7.1")


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
async def test_a_5xx_about_the_message_is_permanent(step: str) -> None:
    script = Script({step: "554 5.7.1 no"})
    async with scripted_server(script) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port))
    assert (receipt.ok, receipt.permanent) == (False, True)


@pytest.mark.parametrize(
    ("step", "answer", "cure"),
    [
        ("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "Send As"),
        ("DOT", "554 5.2.252 SendAsDenied; not allowed to send as", "Send As"),
        ("MAIL", "530 5.7.57 Client not authenticated to send mail", "wants a sign-in"),
    ],
)
async def test_a_5xx_about_our_own_account_loses_no_message(step: str, answer: str, cure: str) -> None:
    async with scripted_server(Script({step: answer})) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port))
    assert (receipt.ok, receipt.permanent) == (False, False)
    assert cure in receipt.says


async def test_a_message_over_the_servers_size_is_not_sent() -> None:
    script = Script({"EHLO": "250-mx.test\r\n250 SIZE 20"})
    async with scripted_server(script) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port))
    assert receipt.permanent
    assert f"has {len(BODY)} bytes and the mail server takes 20" in receipt.says
    assert not any(line.startswith("MAIL") for line in script.heard)


async def test_a_drop_after_the_dot_is_unsure_and_the_next_message_connects_anew() -> None:
    script = Script({"DOT": DROP})
    async with scripted_server(script) as port:
        receipts = await deliver_batch(batch(HEAD, DSL), mail_server(port))
    assert [(receipt.ok, receipt.permanent, receipt.unsure) for receipt in receipts] == [
        (False, False, True)
    ] * 2
    assert "broke the connection off" in receipts[0].says
    assert len([line for line in script.heard if line.startswith("EHLO")]) == 2


async def test_a_server_that_drops_every_message_is_left_alone_after_two() -> None:
    script = Script({"RCPT": DROP})
    async with scripted_server(script) as port:
        receipts = await deliver_batch(batch(HEAD, DSL, HEAD, DSL), mail_server(port))
    assert len(receipts) == 4
    assert not any(receipt.ok or receipt.permanent or receipt.unsure for receipt in receipts)
    assert len([line for line in script.heard if line.startswith("EHLO")]) == 2


async def test_a_server_that_says_421_is_reached_again_for_the_next_message() -> None:
    script = Script({f"RCPT TO:<{HEAD.upper()}>": "421 4.3.2 shutting down"})
    async with scripted_server(script) as port:
        receipts = await deliver_batch(batch(HEAD, DSL), mail_server(port))
    assert [(receipt.ok, receipt.permanent) for receipt in receipts] == [(False, False), (True, False)]


async def test_the_final_dot_has_its_own_long_wait() -> None:
    async with scripted_server(Script({"DOT": HANG})) as port:
        begun = asyncio.get_running_loop().time()
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port, timeout=5.0, reply_timeout=0.3))
        took = asyncio.get_running_loop().time() - begun
    assert receipt.unsure
    assert "stopped answering" in receipt.says
    assert took < 3


@pytest.mark.parametrize("greeting", [HANG, "554 5.3.2 go away"])
async def test_a_server_that_does_not_greet_keeps_everything(greeting: str) -> None:
    async with scripted_server(Script({"GREETING": greeting})) as port:
        receipts = await deliver_batch(batch(HEAD, DSL), mail_server(port, timeout=0.3))
    assert [(receipt.ok, receipt.permanent) for receipt in receipts] == [(False, False)] * 2


async def test_no_server_at_all_is_one_sentence_for_each_message() -> None:
    async with scripted_server(Script()) as port:
        pass
    receipts = await deliver_batch(batch(HEAD, DSL), mail_server(port))
    assert [receipt.says for receipt in receipts] == [
        f"127.0.0.1:{port} cannot be reached; check mail.host, mail.port, DNS and the firewall."
    ] * 2


async def test_stopping_in_the_middle_leaves_at_once() -> None:
    script = Script({"DOT": HANG})
    async with scripted_server(script) as port:
        task = asyncio.create_task(
            deliver_batch(batch(HEAD), mail_server(port, timeout=30, reply_timeout=30))
        )
        await asyncio.wait_for(script.hanging.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 2)


async def test_logs_name_ids_only() -> None:
    mailbox = Mailbox(refused={DSL: f"550 5.1.1 <{DSL}> unknown"})
    with capture_logs() as logs:
        async with aiosmtpd_server(mailbox) as port:
            await deliver_batch(batch(HEAD, DSL), mail_server(port))
    said = json.dumps(logs)
    assert '"id": 1' in said
    assert '"id": 2' in said
    assert "@" not in said
    assert "Dandelion" not in said


@pytest.mark.parametrize("step", ["MAIL", "DOT"])
async def test_an_answer_that_is_not_smtp_loses_nothing_and_the_connection_is_left(step: str) -> None:
    script = Script({step: "HTTP/1.1 400 Bad Request"})
    async with scripted_server(script) as port:
        receipts = await deliver_batch(batch(HEAD, DSL), mail_server(port))
    assert [(receipt.ok, receipt.permanent, receipt.reply) for receipt in receipts] == [
        (False, False, "")
    ] * 2
    assert receipts[0].unsure == (step == "DOT")
    assert "is not SMTP" in receipts[0].says
    assert "RSET" not in script.heard


async def test_a_strange_yes_to_the_message_is_unsure() -> None:
    async with scripted_server(Script({"DOT": "252 perhaps"})) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port))
    assert (receipt.ok, receipt.permanent, receipt.unsure) == (False, False, True)


async def test_a_recipient_that_smtp_cannot_write_stops_nobody_else() -> None:
    async with scripted_server(Script()) as port:
        receipts = await deliver_batch(batch("zoë@st-elsewhere.example", HEAD), mail_server(port))
    assert [(receipt.ok, receipt.permanent) for receipt in receipts] == [(False, True), (True, False)]
    assert "cannot be written in SMTP" in receipts[0].says


async def test_what_a_server_says_on_accepting_is_made_safe_to_keep() -> None:
    async with scripted_server(Script({"DOT": "250 2.0.0 ok \x1b[31m <a@b.example> " + "x" * 300})) as port:
        [receipt] = await deliver_batch(batch(HEAD), mail_server(port))
    assert receipt.ok
    assert receipt.reply.startswith("250 2.0.0 ok \u2426[31m [address] xxx")
    assert len(receipt.reply) < 180
