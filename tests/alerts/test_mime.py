"""What a stranger typed must not leave its place: not in a header, not as markup, not as an address, not at all."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from alerts.compose import compose_alert, compose_digest, compose_operations
from alerts.doors import Doors
from alerts.mime import assembled, fault_in, header_probe
from alerts.render import TEMPLATES, Rendered
from monitor.domain import Reason, Role, VerificationState
from tests.alerts import all_mails, mails
from tests.alerts.mails import HOUSE, LINK, NOW, alert, digest, part, read, stamp

PLANTED = (
    "Tamsin Okafor",
    "you will regret this by the railings tomorrow",
    "tamsin.okafor@mail.example",
    "07700 900123",
    "EAAGm0PX4ZCpsBAtoken",
    "4 Larch Close",
)
PLANT = ", ".join(PLANTED)
HOSTILE = [
    "a\r\nBcc: everybody@evil.example\r\n\r\nnew body",
    "=?utf-8?q?a=0ABcc:_everybody@evil.example?=",
    "<script>alert(1)</script><img src=https://evil.example/pixel>",
    '"><a href="https://evil.example">click</a>',
    "{{ 7 * 7 }}{% include 'alert.txt' %}%(x)s{0}",
    "https://evil.example/a http://EVIL.example",
    "abc\u202egnp.exe\u2066\u200f",
    "\ud800\x00\x1b[31m\u0301\u0301\u0301\u0301\u0301\u0301",
    "\n.\r\nQUIT",
    "x" * 5000,
]
REASONS = [Reason.FIRST, Reason.UPDATED, Reason.REMINDER, Reason.ESCALATION]


def hostile_mails(text: str) -> list[bytes]:
    """Every mail that shows a value which a stranger, or a network, may have had a hand in."""
    follower = dataclasses.replace(
        mails.digest().followers[0], handle=text, account=text, says=text, todo=text
    )
    watched = tuple(dataclasses.replace(row, account=text) for row in mails.digest().watched)
    undelivered = tuple(dataclasses.replace(row, says=text) for row in mails.digest().undelivered)
    view = digest(followers=(follower,), watched=watched, undelivered=undelivered)
    operations = dataclasses.replace(
        all_mails.operations(), says=text, account=text, cure=(text,), network="x"
    )
    return [
        compose_alert(alert(text=text, account=text, why=text, policy=text), stamp()),
        compose_digest(view, stamp("digest", Role.ESAFETY)),
        compose_digest(view, stamp("digest", Role.OFFICE)),
        compose_operations(operations, stamp("operations", Role.IT)),
    ]


def check_harmless(data: bytes) -> None:
    message = read(data)
    assert message["Bcc"] is None
    assert message["Subject"].split(" · ")[0] in {
        "NEW",
        "UPDATED",
        "REMINDER 12",
        "REMINDER 2",
        "REMINDER 0",
        "ESCALATED",
        "DIGEST",
        "OPERATIONS",
    }  # not the bare mail either
    assert len(message.keys()) == len(set(message.keys())) in {10, 12}  # with a thread, or without
    text, html = part(data, "plain"), part(data, "html")
    page = BeautifulSoup(html, "html.parser")
    assert not page.find_all(["script", "img", "iframe"])
    assert {link["href"] for link in page.find_all("a")} <= {LINK}
    assert set(re.findall(r"https?://[^\s\"'<>]+", text + html, re.IGNORECASE)) <= {LINK}
    assert not re.search("[\u202a-\u202e\u200e\u200f\u061c\x00-\x08\x0b-\x1f]", text + html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_harmless_text_in_every_mail(text: str) -> None:
    for data in hostile_mails(text):
        check_harmless(data)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from([piece[:40] for piece in HOSTILE])), max_size=5)
)
def test_whatever_is_typed_stays_harmless(pieces: list[str]) -> None:
    for data in hostile_mails("".join(pieces)):
        check_harmless(data)


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("category", ["threat", "identifying.name", "staff_allegation", "insult"])
def test_no_planted_word_of_the_item_is_in_a_minimal_mail(reason: Reason, category: str) -> None:
    view = alert(reason=reason, category=category, text=PLANT, spans=((0, 13), (15, 55)), network="facebook")
    data = compose_alert(view, stamp())
    whole = "\n".join([str(read(data).items()), part(data, "plain"), part(data, "html")]).casefold()
    for planted in PLANTED:
        for word in planted.casefold().replace("@", " ").split():
            if len(word) > 4:
                assert word not in whole, word
        assert planted.casefold() not in whole


def test_templates_ask_for_nothing_that_a_stranger_typed() -> None:
    for template in TEMPLATES.iterdir():
        asked = template.read_text(encoding="utf-8")
        assert not re.search(r"\b(item|author|handle|text|view|raw|bio)\b *[.}|]", asked), template.name
        assert "|safe" not in asked.replace(" ", ""), template.name


def test_no_template_gives_a_verdict_on_a_person() -> None:
    for template in [*TEMPLATES.iterdir(), *mails.GOLDEN.iterdir()]:
        said = template.read_text(encoding="utf-8").lower()
        assert not re.search(
            r"guilty|offender|perpetrator|culprit|abuser|troll|criminal|unlawful|illegal", said
        )


def test_a_follower_is_named_by_handle_only_and_isolated() -> None:
    row = dataclasses.replace(digest().followers[0], handle="שלום_reads")
    data = compose_digest(digest(followers=(row,)), stamp("digest", Role.OFFICE))
    assert "@\u2068שלום_reads\u2069" in part(data, "plain")


def test_the_office_sees_followers_and_no_case() -> None:
    data = mails.KINDS["digest-office"]()
    whole = part(data, "plain") + part(data, "html") + read(data)["Subject"]
    for told in ("SM-0142", "SM-0139", "SM-0140", "threat", "crude", "complaint", "false alarm"):
        assert told not in whole
    assert "@dave32457" in whole
    assert "SM-0145" in whole


def test_it_sees_neither_cases_nor_followers() -> None:
    data = compose_digest(digest(), stamp("digest", Role.IT))
    whole = part(data, "plain") + read(data)["Subject"]
    for told in ("SM-01", "dave32457", "threat", "false alarm"):
        assert told not in whole
    assert "The Facebook token" in whole


def test_a_quiet_day_says_so_and_a_gap_is_never_called_quiet() -> None:
    assert "Nothing needed a decision yesterday." in part(mails.KINDS["digest-quiet"](), "plain")
    gap = dataclasses.replace(digest().watched[1], gaps=((NOW, None),))
    view = dataclasses.replace(mails.quiet_digest(), watched=(gap,), day=date(2026, 11, 18))
    text = " ".join(part(compose_digest(view, stamp("digest", Role.ESAFETY)), "plain").split())
    assert "needed a decision on Wed 18 Nov, but not everything was watched." in text
    assert "NOT WATCHED since 14:02" in text


def test_a_flood_of_followers_does_not_make_a_mail_too_long() -> None:
    row = digest().followers[0]
    rows = tuple(  # of each something else is known, so that they are no crowd
        dataclasses.replace(row, handle=f"user{n}", says=f"reason {n}", state=VerificationState.NEW)
        for n in range(900)
    )
    data = compose_digest(digest(followers=rows), stamp("digest", Role.OFFICE))
    assert len(data) < 100_000
    assert "and 870 more on the page" in part(data, "plain")


def test_a_mail_that_reads_back_wrong_is_replaced_by_a_bare_one_with_the_link() -> None:
    doors = Doors(reviewed=date(2026, 11, 20), steps={"threat": ("See https://evil.example/now",)})
    with capture_logs() as logs:
        data = compose_alert(alert(), stamp(house=dataclasses.replace(HOUSE, doors=doors)))
    message = read(data)
    assert message["Subject"] == "Schoolgate: please look"
    assert message.get_content_type() == "text/plain"
    assert LINK in message.get_content().split("\r\n")
    assert "evil" not in message.get_content()
    assert logs[0]["fault"] == "it holds an address that is not the one link"
    assert "@st-elsewhere.example>" in logs[0]["message_id"]


def test_a_link_with_an_ampersand_is_read_back_as_itself() -> None:
    link = f"{LINK}?a=1&b=2"
    data = compose_alert(alert(link=link), stamp())
    assert read(data)["Subject"].startswith("NEW · ACT NOW")
    assert BeautifulSoup(part(data, "html"), "html.parser").find("a")["href"] == link


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (b"", b"Bcc: a@evil.example\r\n", "headers are not the ones"),
        (b"", b"Subject: a\r\n", "headers are not the ones"),
        (b"Auto-Submitted: auto-generated\r\n", b"", "headers are not the ones"),
        (b"To: headteacher@", b"To: everybody@", "does not read as it was written"),
        (b"<schoolgate@", b"<schoolgat@", "sender does not read"),
        (LINK.encode()[:30], b"https://evil.example", "address that is not the one link"),
    ],
)
def test_a_changed_message_is_noticed(before: bytes, after: bytes, fault: str) -> None:
    data = mails.KINDS["alert"]()
    subject = read(data)["Subject"]
    assert fault_in(data, subject, stamp(), LINK) is None
    changed = data.replace(before, after) if before else after + data
    assert fault in str(fault_in(changed, subject, stamp(), LINK))


def test_the_probe_says_what_this_python_does() -> None:
    class Literal(str):
        name = "X-Literal"
        __slots__ = ()

        def fold(self, **_: object) -> str:
            return str(self)

    def is_open(name: str, value: str) -> bool:
        message = EmailMessage(policy=SMTP)
        message[name] = value
        message.set_content("x")
        try:
            return b"\nX-Probe:" in message.as_bytes()
        except ValueError:
            return False

    problem = header_probe()
    encoded = is_open("Subject", "=?utf-8?q?a=0AX-Probe:_1?=")
    literal = is_open("X-Literal", Literal("X-Literal: a\r\nX-Probe: 1\r\n"))
    assert ("CVE-2024-6923" in (problem or "")) == encoded
    assert ("CVE-2026-1299" in (problem or "")) == literal
    assert (problem is not None) == (encoded or literal)
    assert "update Python" in (problem or "update Python")


def test_a_python_that_refuses_to_write_such_a_header_has_no_hole_and_a_bare_mail_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Debian's and newer Pythons raise HeaderWriteError, which is no ValueError."""
    written = EmailMessage.as_bytes

    def mended(message: EmailMessage, *given: Any, **named: Any) -> bytes:
        data = written(message, *given, **named)
        if re.search(rb"^X-Probe:", data, re.MULTILINE):
            raise MessageError("Header value contains linefeed followed by invalid header")
        return data

    monkeypatch.setattr(EmailMessage, "as_bytes", mended)
    assert header_probe() is None


def test_a_mail_that_cannot_be_written_is_replaced_by_a_bare_one(monkeypatch: pytest.MonkeyPatch) -> None:
    written = EmailMessage.as_bytes

    def refuses(message: EmailMessage, *given: Any, **named: Any) -> bytes:
        if "words of somebody" in message["Subject"]:
            raise MessageError("Header value contains linefeed followed by invalid header")
        return written(message, *given, **named)

    monkeypatch.setattr(EmailMessage, "as_bytes", refuses)
    with capture_logs() as logged:
        data = assembled(Rendered("words of somebody", f"{LINK}\n", ""), stamp(), LINK)
    assert LINK.encode() in data.replace(b"=\r\n", b"")
    assert b"words of somebody" not in data
    assert [entry["event"] for entry in logged] == ["mail replaced by a bare one"]
