from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from alerts import words
from alerts.compose import compose_alert, compose_code, compose_operations
from alerts.envelope import Detail, House, Stamp, message_id
from alerts.views import CodeView
from monitor.domain import ItemKind, Reason, Role, Severity
from tests.alerts import all_mails, mails
from tests.alerts.all_mails import KINDS, outline
from tests.alerts.mails import HOUSE, LINK, NOW, alert, part, read, shown, stamp

WITH_LINK = sorted(
    set(KINDS)
    - {"code", "device", "device-copied", "test", "answer-nothing"}
    - {kind for kind in KINDS if kind.startswith("operations")}
)
EXCERPT = dataclasses.replace(HOUSE, detail=Detail.EXCERPT)
_SOMETIMES = {"Thread-Topic", "Thread-Index", "In-Reply-To", "References", "Reply-To"}
EVERY = pytest.mark.parametrize("kind", sorted(KINDS))


@EVERY
def test_a_mail_reads_as_its_golden_file(kind: str) -> None:
    golden = (mails.GOLDEN / f"{kind}.txt").read_text(encoding="utf-8")
    assert shown(KINDS[kind]()) == golden


@EVERY
def test_a_mail_is_built_as_its_golden_outline(kind: str) -> None:
    golden = (mails.GOLDEN / f"{kind}.outline").read_text(encoding="utf-8")
    assert outline(KINDS[kind]()) == golden


@EVERY
def test_the_same_view_gives_the_same_bytes_in_ascii(kind: str) -> None:
    first, second = KINDS[kind](), KINDS[kind]()
    assert first == second
    assert first.isascii()
    assert b"\n" not in first.replace(b"\r\n", b"")
    assert max(map(len, first.split(b"\r\n"))) <= 998


@EVERY
def test_the_headers_are_these_and_no_others(kind: str) -> None:
    names = sorted(name for name in read(KINDS[kind]()) if name not in _SOMETIMES)
    ours = [
        "Auto-Submitted",
        "Content-Language",
        "Date",
        "From",
        "Message-ID",
        "Subject",
        "To",
        "X-Auto-Response-Suppress",
    ]
    assert names == sorted([*ours, "Content-Type", "MIME-Version"])


@pytest.mark.parametrize("kind", WITH_LINK)
def test_the_link_is_the_only_address_and_stands_alone_on_its_line(kind: str) -> None:
    data = KINDS[kind]()
    text, html = part(data, "plain"), part(data, "html")
    assert re.findall(r"https?://\S+", text) == [LINK]
    assert LINK in text.split("\n")
    assert [link["href"] for link in BeautifulSoup(html, "html.parser").find_all("a")] == [LINK]
    assert set(re.findall(r"https?://[^\s\"'<>]+", html)) == {LINK}


@EVERY
def test_plain_text_keeps_to_78_columns(kind: str) -> None:
    lines = part(KINDS[kind](), "plain").split("\n")
    assert max(len(line) for line in lines if line != LINK) <= 78


@EVERY
def test_html_is_legible_private_and_readable_aloud(kind: str) -> None:
    html = part(KINDS[kind](), "html")
    page = BeautifulSoup(html, "html.parser")
    assert page.html["lang"] == "en-GB"
    assert page.title.text
    assert len(page.find_all("h1")) == 1
    assert page.find("meta", attrs={"name": "color-scheme"})["content"] == "light dark"
    assert "prefers-color-scheme: dark" in html
    assert not page.find_all(["img", "script", "link", "iframe", "form", "object", "svg", "video", "base"])
    assert "url(" not in html
    assert "@import" not in html
    for table in page.find_all("table"):
        assert table.get("role") == "presentation" or table.find("th", attrs={"scope": "row"})
    visible = [
        tag
        for tag in page.body.find_all(style=True)
        if not {"pre", "strip", "bar-full", "bar-rest"} & set(tag.get("class", []))
    ]
    sizes = [float(size) for tag in visible for size in re.findall(r"font-size:\s*([\d.]+)px", tag["style"])]
    assert sizes
    assert min(sizes) >= 16


@EVERY
def test_plain_text_and_html_tell_the_same(kind: str) -> None:
    data = KINDS[kind]()
    page = BeautifulSoup(part(data, "html"), "html.parser")
    page.find(class_="pre").extract()
    html = _bare(page.body.get_text(" "))
    for word in _bare(part(data, "plain")) - {LINK.lower(), "1", "2", "3"}:  # a list counts by itself
        assert word in html, word


def _bare(text: str) -> set[str]:
    return {word.strip(".,:;()-\ufe0e") for word in text.lower().replace("’", "'").split()} - {""}


@pytest.mark.parametrize(
    "category", [*words.CATEGORIES, "discrimination.religion_or_belief", "identifying.name", "new"]
)
@pytest.mark.parametrize("reason", [Reason.FIRST, Reason.UPDATED, Reason.REMINDER, Reason.ESCALATION])
def test_every_subject_is_short_and_made_of_our_own_words(category: str, reason: Reason) -> None:
    view = alert(category=category, reason=reason, reminder=12, ref="SM-123456", network="wordpress")
    subject = read(compose_alert(view, stamp()))["Subject"]
    assert len(subject) <= 60
    state, call, ref, what, *_ = subject.split(" · ")
    assert state in {"NEW", "UPDATED", "REMINDER 12", "ESCALATED"}
    assert (call, ref, what) == ("ACT NOW", "SM-123456", words.category_words(category).short)


@pytest.mark.parametrize("category", ["staff_allegation", "grooming", "child_at_risk", "sexual"])
def test_a_lock_screen_is_not_told_what_is_confidential(category: str) -> None:
    subject = read(compose_alert(alert(category=category), stamp()))["Subject"].lower()
    assert not re.search(r"groom|abus|sex|alleg|staff|risk|harm", subject)


def test_the_preview_under_the_subject_is_the_three_steps_and_ends_there() -> None:
    page = BeautifulSoup(
        part(compose_alert(alert(category="staff_allegation"), stamp()), "html"), "html.parser"
    )
    preview = page.find(class_="pre").text
    assert preview.startswith("Copied 14:02 · Not hidden yet; still public · Reported to you, first of 2")
    assert len(preview) > 200  # the blanks after it keep the mail's first words off the lock screen
    assert "allegation" not in preview


def test_a_sign_in_code_is_in_the_body_only() -> None:
    data = KINDS["code"]()
    message = read(data)
    assert not re.search(r"4031|8826", " ".join(f"{name}: {value}" for name, value in message.items()))
    assert "4031 8826" in part(data, "plain")
    page = BeautifulSoup(part(data, "html"), "html.parser")
    assert "4031" not in page.title.text + page.find(class_="pre").text
    assert "10 minutes" in part(data, "plain")


def test_an_answer_is_threaded_under_the_cases_first_mail() -> None:
    first, reminder = read(KINDS["alert"]()), read(KINDS["reminder"]())
    assert reminder["In-Reply-To"] == reminder["References"] == first["Message-ID"]
    assert reminder["Message-ID"] != first["Message-ID"]


def test_long_message_ids_are_neither_split_nor_encoded() -> None:
    domain = "a-very-long-name-of-a-multi-academy-trust.and-its-primary-school.st-elsewhere.example"
    own = message_id(b"key", "reminder", domain=domain)
    roots = tuple(message_id(b"key", str(number), domain=domain) for number in range(3))
    data = compose_alert(
        alert(),
        Stamp(
            house=HOUSE,
            to="head@st-elsewhere.example",
            role=Role.HEADTEACHER,
            message_id=own,
            date=NOW,
            in_reply_to=roots[0],
            references=roots,
        ),
    )
    assert f"Message-ID: {own}\r\n".encode() in data
    assert f"In-Reply-To: {roots[0]}\r\n".encode() in data
    assert read(data)["References"].split() == list(roots)


def test_message_ids_are_stable_distinct_and_need_the_key() -> None:
    one = message_id(b"key", "school", "142", domain="st-elsewhere.example")
    assert one == message_id(b"key", "school", "142", domain="st-elsewhere.example")
    assert re.fullmatch(r"<[0-9a-f]{32}@st-elsewhere\.example>", one)
    assert one != message_id(b"other", "school", "142", domain="st-elsewhere.example")
    assert message_id(b"key", "a|b", "c", domain="d") != message_id(b"key", "a", "b|c", domain="d")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: alert(ref="SM-0142\r\nBcc: x"), "reference must look like"),
        (lambda: alert(link="javascript:alert(1)"), "whole http or https address"),
        (lambda: alert(link="https://gate.example/ x"), "whole http or https address"),
        (lambda: CodeView(code="1234567a", asked_at=NOW, until=NOW), "eight figures"),
        (lambda: dataclasses.replace(stamp(), to="a@b.example, c@d.example"), "to must be one plain"),
        (lambda: dataclasses.replace(stamp(), message_id="<a@b>\r\nBcc: c"), "Message-ID must look like"),
        (lambda: dataclasses.replace(HOUSE, sender_name="=?utf-8?q?a=0ABcc:_x?="), "encoded word"),
        (lambda: dataclasses.replace(HOUSE, school="St\nElsewhere"), "one line each"),
    ],
)
def test_what_could_break_a_header_is_refused_before_a_mail_is_made(
    make: Callable[[], object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_a_code_mail_names_whom_it_is_for() -> None:
    view = CodeView(code="40318826", asked_at=NOW, until=NOW.replace(minute=12))
    text = part(compose_code(view, stamp("code", Role.DSL)), "plain")
    assert "the designated safeguarding lead of St Elsewhere Primary School" in " ".join(text.split())
    assert "We never ask for it by phone" in " ".join(text.split())


def test_an_operations_mail_shows_hosts_but_no_live_address() -> None:
    view = dataclasses.replace(
        all_mails.operations(), cure=("Open https://developers.facebook.com/tools and sign in.",)
    )
    text = part(compose_operations(view, stamp("operations", Role.IT)), "plain")
    assert "developers.facebook.com/tools" in text
    assert "://" not in text


def test_an_extract_is_shown_only_when_configured_and_allowed() -> None:
    text = "I am going to hurt Tamsin Okafor by the wall"
    span = (text.index("hurt"), text.index("hurt") + 4)

    def body(house: House, category: str) -> str:
        return part(
            compose_alert(alert(category=category, text=text, spans=(span,)), stamp(house=house)), "plain"
        )

    assert "I am going to h••• ••• ••• by the wall" in body(EXCERPT, "threat")
    assert "•••" not in body(HOUSE, "threat")
    for category in ("identifying.name", "staff_allegation", "sexual", "grooming", "child_at_risk"):
        assert "•••" not in body(EXCERPT, category)
        assert "wall" not in body(EXCERPT, category)


def test_every_kind_of_item_and_severity_makes_a_sentence() -> None:
    for kind in ItemKind:
        for severity in Severity:
            text = part(compose_alert(alert(kind=kind, severity=severity), stamp()), "plain")
            assert "Facebook page may contain a threat to a member of staff." in " ".join(text.split())
