"""The captured mailbox takes real SMTP over real TLS, keeps what it accepts, and fails on demand."""

import asyncio
import smtplib
import socket
import ssl
import threading
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import pytest

from monitor.sandbox.mailbox import Fault, Mailbox

NOW = datetime(2026, 11, 20, 12, 40, tzinfo=UTC)
HEAD = "head@staldhelms.example"
OFFICE = "office@staldhelms.example"


def clock():
    return NOW


@pytest.fixture
def mailbox():
    with Mailbox(clock=clock) as box:
        yield box


def trusting(box):
    return ssl.create_default_context(cadata=box.certificate)


def mail(to=HEAD, subject="A mail", text="Hello", html=None):
    message = EmailMessage()
    message["From"] = "watch@staldhelms.example"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<one@staldhelms.example>"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


async def sent(box, message, **more):
    options = {"start_tls": True, "tls_context": trusting(box), "timeout": 5} | more
    line = socket.create_connection((box.host, box.port), timeout=5)
    line.setblocking(False)
    try:
        return await aiosmtplib.send(message, hostname=box.host, port=None, sock=line, **options)
    finally:
        # the library does not wait for its line to close; a loop that ends before leaves it open, which is a warning
        async with asyncio.timeout(5):
            while line.fileno() != -1:  # noqa: ASYNC110 (nothing to be told by)
                await asyncio.sleep(0.001)


# ---- taking mail


async def test_a_mail_over_starttls_is_kept_as_it_came(mailbox):
    await sent(mailbox, mail(subject="Grüße", text="Line one\n.\n..two dots\n", html="<p>Line one</p>"))
    [kept] = mailbox.all()
    assert (kept.number, kept.at, kept.tls, kept.login) == (1, NOW, True, None)
    assert kept.sender == "watch@staldhelms.example"
    assert kept.recipients == (HEAD,)
    assert kept.message["Subject"] == "Grüße"
    assert kept.body("plain") == "Line one\n.\n..two dots\n"
    assert kept.body("html").strip() == "<p>Line one</p>"
    assert kept.raw.startswith(b"From: watch@staldhelms.example\r\n")


async def test_mails_are_found_by_recipient_in_any_case(mailbox):
    await sent(mailbox, mail(HEAD, "one"))
    await sent(mailbox, mail(OFFICE, "two"))
    await sent(mailbox, mail(HEAD, "three"))
    assert [each.message["Subject"] for each in mailbox.to("HEAD@staldhelms.example")] == ["one", "three"]
    assert mailbox.number(2).recipients == (OFFICE,)
    assert mailbox.number(4) is None


async def test_a_mail_without_tls_is_refused(mailbox):
    with pytest.raises(aiosmtplib.SMTPException):
        await sent(mailbox, mail(), start_tls=False)
    assert mailbox.all() == []


async def test_a_client_that_does_not_trust_the_certificate_does_not_connect(mailbox):
    with pytest.raises(ssl.SSLError):
        await sent(mailbox, mail(), tls_context=ssl.create_default_context())
    assert mailbox.all() == []


async def test_the_certificate_stands_the_strict_checks_of_newer_pythons(mailbox):
    context = trusting(mailbox)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    await sent(mailbox, mail(), tls_context=context)
    assert len(mailbox.all()) == 1


async def test_a_server_without_starttls_is_refused_by_a_client_that_insists():
    with Mailbox(clock=clock, starttls=False) as box:
        assert box.certificate == ""
        with pytest.raises(aiosmtplib.SMTPException):
            await sent(box, mail(), tls_context=None)
        assert box.all() == []


def answer(mechanism, name, secret):
    """What a client says to the server's challenges."""
    if mechanism == "XOAUTH2":
        return lambda _challenge=None: f"user={name}\x01auth=Bearer {secret}\x01\x01"
    if mechanism == "PLAIN":
        return lambda _challenge=None: f"\0{name}\0{secret}"
    return lambda challenge=None: name if challenge is None or b"User" in challenge else secret


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "XOAUTH2"])
def test_with_credentials_only_the_right_secret_may_send(mechanism):
    with Mailbox(clock=clock, credentials=("watch", "s3cret")) as box:
        with smtplib.SMTP(box.host, box.port, timeout=5) as client:
            client.starttls(context=trusting(box))
            client.ehlo()
            for name, secret in [("watch", "wrong"), ("other", "s3cret")]:
                with pytest.raises(smtplib.SMTPAuthenticationError):
                    client.auth(mechanism, answer(mechanism, name, secret))
            with pytest.raises(smtplib.SMTPException):
                client.send_message(mail())
            client.auth(mechanism, answer(mechanism, "watch", "s3cret"))
            client.send_message(mail())
        [kept] = box.all()
        assert kept.login == "watch"


async def test_our_mail_library_signs_in(mailbox):
    with Mailbox(clock=clock, credentials=("watch", "s3cret")) as box:
        await sent(box, mail(), username="watch", password="s3cret")
        assert box.all()[0].login == "watch"


def test_the_standard_library_can_send_too_and_many_at_once(mailbox):
    def send(number):
        with smtplib.SMTP(mailbox.host, mailbox.port, timeout=5) as client:
            client.starttls(context=trusting(mailbox))
            client.send_message(mail(subject=f"mail {number}"))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    kept = mailbox.wait(8, to=HEAD)
    for thread in threads:
        thread.join()
    assert [each.number for each in kept] == list(range(1, 9))
    assert {each.message["Subject"] for each in kept} == {f"mail {number}" for number in range(8)}


def test_waiting_for_a_mail_that_does_not_come_ends(mailbox):
    with pytest.raises(TimeoutError, match="0 of 1 mails"):
        mailbox.wait(1, seconds=0.05)


# ---- failing on demand


async def test_a_busy_server_answers_451_once_and_then_takes_the_mail(mailbox):
    mailbox.plan(Fault.BUSY)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await sent(mailbox, mail())
    assert refused.value.recipients[0].code == 451
    await sent(mailbox, mail())
    assert len(mailbox.all()) == 1


async def test_one_recipient_can_be_refused_for_ever_while_others_get_theirs(mailbox):
    mailbox.plan(Fault.NO_SUCH_BOX, recipient=OFFICE.upper(), times=None)
    await sent(mailbox, mail(HEAD))
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
            await sent(mailbox, mail(OFFICE))
        assert refused.value.recipients[0].code == 550
    mailbox.mend()
    await sent(mailbox, mail(OFFICE))
    assert [each.recipients for each in mailbox.all()] == [(HEAD,), (OFFICE,)]


async def test_a_full_mailbox_refuses_after_the_final_dot(mailbox):
    mailbox.plan(Fault.FULL)
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await sent(mailbox, mail())
    assert refused.value.code == 552
    assert mailbox.all() == []


@pytest.mark.parametrize(("fault", "kept"), [(Fault.CUT_KEPT, 1), (Fault.CUT_LOST, 0)])
async def test_a_line_cut_after_the_final_dot_leaves_the_client_in_doubt(mailbox, fault, kept):
    mailbox.plan(fault)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await sent(mailbox, mail())
    assert len(mailbox.all()) == kept
    await sent(mailbox, mail())
    assert len(mailbox.all()) == kept + 1


async def test_a_hanging_server_answers_nothing_until_the_client_gives_up(mailbox):
    mailbox.plan(Fault.HANG)
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await sent(mailbox, mail(), timeout=0.3)
    assert mailbox.all() == []
    await sent(mailbox, mail())
    assert len(mailbox.all()) == 1


async def test_stopping_does_not_wait_for_a_hanging_connection():
    box = Mailbox(clock=clock).start()
    box.plan(Fault.HANG)
    hanging = asyncio.create_task(sent(box, mail(), timeout=30))
    await asyncio.to_thread(box.wait_shown, Fault.HANG)
    await asyncio.to_thread(box.stop)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await hanging
    box.stop()
    with socket.socket() as probe:
        assert probe.connect_ex((box.host, box.port)) != 0
    assert "mailbox" not in {thread.name for thread in threading.enumerate()}


def test_a_port_that_is_taken_is_an_error(mailbox):
    with pytest.raises(OSError, match="address already in use"):
        Mailbox(clock=clock, port=mailbox.port).start()
