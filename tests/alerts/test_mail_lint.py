"""What no mail may hold (requirements, 5.2), looked for in every template and at every level of detail."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from itertools import product

import pytest
from bs4 import BeautifulSoup, Tag

from alerts import words
from alerts.compose import compose_alert, compose_operations
from alerts.envelope import Detail
from alerts.render import TEMPLATES
from monitor.domain import Reason, Role
from monitor.triage import CATEGORIES
from tests.alerts.all_mails import KINDS, by_reply, detailed, operations, template_of
from tests.alerts.mails import LINK, alert, part, read, stamp

EVERY = pytest.mark.parametrize("kind", sorted(KINDS))
PLANTED = (
    "you will regret this, Tamsin Okafor, T.O. in 3B, at 4 Larch Close SW1A 1AA, 07700 900123, 020 7946 0958,"
    " tamsin.okafor@mail.example, @tamsin_okafor, https://evil.example/x?id=1, EAAGm0PX4ZCpsBAtokenZD12345678"
)
TELLING = (
    *(
        "tamsin",
        "okafor",
        "t.o",
        "3b",
        "larch",
        "sw1a",
        "1aa",
        "07700",
        "900123",
        "7946",
        "0958",
        "mail.example",
    ),
    *("evil", "hxxp", "eaagm0", "[at]"),
)
VERDICTS = re.compile(
    r"guilty|offender|perpetrator|culprit|abuser|troll\b|criminal|unlawful|illegal|predator|paedophile|groomer|liar"
    r"|\bracist|\bsexist|\bbully\b|innocent",
    re.IGNORECASE,
)
CODES = set(CATEGORIES) | {"identifying.name", "discrimination.race", "new"}
REASONS = (Reason.FIRST, Reason.UPDATED, Reason.REMINDER, Reason.ESCALATION)


def whole(data: bytes) -> str:
    """Everything that a mail program, a lock screen or a log of headers could show, in small letters."""
    raw = data.decode("ascii").replace("=\r\n", "")
    headers = "\n".join(f"{name}: {value}" for name, value in read(data).items())
    return "\n".join((raw, headers, part(data, "plain"), part(data, "html"))).casefold()


def planted(detail: Detail) -> Iterator[tuple[str, bytes]]:
    """Alerts of every category and reason about an item that names a child in every way."""
    house = detailed(detail)
    start = PLANTED.index("regret")
    for category, reason in product(sorted(CODES), REASONS):
        view = alert(
            category=category, reason=reason, text=PLANTED, spans=((start, start + 6),), found=(category,)
        )
        yield f"{category} {reason}", compose_alert(view, stamp(house=house))


def test_every_template_has_a_mail_that_is_looked_at_here() -> None:
    templates = {path.name.partition(".")[0] for path in TEMPLATES.iterdir()} - {"layout", "parts"}
    assert {template_of(kind) for kind in KINDS} == templates
    for name in templates:
        assert {path.suffix for path in TEMPLATES.glob(f"{name}.*")} >= {".subject", ".txt", ".html"}, name


@pytest.mark.parametrize("detail", Detail)
def test_nothing_that_tells_who_a_child_is_stands_in_any_alert(detail: Detail) -> None:
    for name, data in planted(detail):
        told = whole(data)
        assert not [one for one in TELLING if re.search(rf"(?<![\w=#]){re.escape(one)}(?!\w)", told)], name


def test_no_word_of_the_item_stands_in_a_minimal_alert() -> None:
    for name, data in planted(Detail.MINIMAL):
        assert "regret" not in whole(data), name
        assert "•••" not in whole(data), name


@pytest.mark.parametrize("detail", [Detail.EXCERPT, Detail.FULL])
@pytest.mark.parametrize("secret", sorted(words.NEVER_QUOTED))
def test_what_may_not_be_quoted_is_not_whatever_leads(detail: Detail, secret: str) -> None:
    text, house = "an ugly outburst, Tamsin", detailed(detail)
    for leading, also in ((secret, ()), ("threat", (secret,))):
        view = alert(category=leading, text=text, spans=((3, 7),), found=(leading, *also))
        told = whole(compose_alert(view, stamp(house=house)))
        if leading == "threat" and secret == "identifying":
            assert "the text, with names masked" not in told  # an extract at most
            assert "tamsin" not in told
        else:
            assert "ugly" not in told
            assert "outburst" not in told


def test_a_text_is_whole_only_where_nothing_in_it_identifies_a_child() -> None:
    text, house = "we will come for tamsin okafor " + "and then some more of it " * 12, detailed(Detail.FULL)
    at = text.index("tamsin")
    free = alert(text=text, spans=((8, 12),), found=("threat",))
    named = dataclasses.replace(free, hidden_spans=((at, at + 13),))
    assert whole(compose_alert(free, stamp(house=house))).count("and then some more of it") > 12
    told = whole(compose_alert(named, stamp(house=house)))
    assert "tamsin" not in told
    assert told.count("and then some more of it") < 6


@EVERY
def test_a_lock_screen_shows_our_own_words_only(kind: str) -> None:
    data = KINDS[kind]()
    page = BeautifulSoup(part(data, "html"), "html.parser")
    preview = page.find(class_="pre").text.split("\u034f")[0].strip()
    assert preview
    for shown in (str(read(data)["Subject"]), preview, page.title.text):
        assert not re.search(r"https?:|@|\+\w{12}|[0-9A-Z]{4}-[0-9A-Z]{4}-|\d{4} \d{4}|•", shown), shown
    assert page.find(class_="pre")["aria-hidden"] == "true"


@EVERY
def test_nothing_is_fetched_followed_or_attached(kind: str) -> None:
    data = KINDS[kind]()
    message, html = read(data), part(data, "html")
    kinds = [one.get_content_type() for one in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert [
        name
        for name in message
        if re.match(r"list-|x-mailer|disposition|return-receipt|feedback", name, re.IGNORECASE)
    ] == []
    page = BeautifulSoup(html, "html.parser")
    allowed = {
        *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "th"),
        *("p", "h1", "h2", "ol", "ul", "li", "br", "a", "bdi", "strong", "span"),
    }
    assert {tag.name for tag in page.find_all(True)} <= allowed
    for tag in page.find_all(True):
        assert not [
            name for name in tag.attrs if name.startswith("on") or name in {"src", "background", "srcset"}
        ]
    assert not re.search(
        r"url\(|@import|cid:|data:|javascript:|mailto:|tel:|expression\(|utm_|[?&]\w+=", html
    )
    assert len(page.find_all("a")) == html.count(LINK) <= 1


@EVERY
def test_no_mail_judges_a_person_or_says_removed(kind: str) -> None:
    data = KINDS[kind]()
    said = part(data, "plain") + BeautifulSoup(part(data, "html"), "html.parser").get_text(" ")
    assert not VERDICTS.search(said)
    assert not re.search(
        r"\bremoved\b(?! before| on the network| from the school)", said.replace("nothing is removed", "")
    )


def test_a_secret_that_a_network_repeats_is_not_mailed() -> None:
    said = "Error validating access token EAAGm0PX4ZCpsBAtokenZD12345678 of appsecret_proof=0123456789abcdef0123456789"
    data = compose_operations(
        dataclasses.replace(operations(), says=said, cure=(said,)), stamp("operations", Role.IT)
    )
    assert "eaagm0" not in whole(data)
    assert "abcdef" not in whole(data)
    assert "error validating access token" in whole(data)


def test_the_code_of_a_reply_is_in_the_body_and_in_reply_to_only() -> None:
    data = compose_alert(alert(by_reply=by_reply()), stamp())
    others = "\n".join(f"{name}: {value}" for name, value in read(data).items() if name != "Reply-To")
    assert "k7qm" not in others.casefold()


# --- the same facts in both parts, for everybody


@EVERY
def test_each_part_says_all_that_the_other_says(kind: str) -> None:
    data = KINDS[kind]()
    page = BeautifulSoup(part(data, "html"), "html.parser")
    for hidden in page.find_all(attrs={"aria-hidden": "true"}):
        hidden.extract()
    for line_end in page.find_all("br"):
        line_end.replace_with(" \n")
    text = part(data, "plain").replace(LINK, "")
    in_html, in_text = _flat(page.body.get_text(" ")), _flat(text)
    blocks = [one for one in page.body.find_all(["p", "h1", "h2", "li", "td", "th"]) if _is_leaf(one)]
    for block in blocks:
        if "house" in (block.get("class") or ()):
            continue  # the same words stand at the foot of both
        for sentence in _sentences(block.get_text()):
            assert sentence in in_text, sentence
    for paragraph in re.split(r"\n\s*\n", re.sub(r"^\s*\d\. ", "\n\n", text, flags=re.MULTILINE)):
        for sentence in _sentences(" ".join(paragraph.split())):
            assert sentence in in_html, sentence


def _is_leaf(tag: Tag) -> bool:
    return not tag.find(["p", "h1", "h2", "li", "td", "th"])


def _sentences(text: str) -> list[str]:
    return [flat for one in re.split(r"(?<=[.?!])\s+|\n", text) if (flat := _flat(one))]


def _flat(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


@EVERY
def test_headings_are_in_order_and_what_can_be_pressed_says_where_it_leads(kind: str) -> None:
    page = BeautifulSoup(part(KINDS[kind](), "html"), "html.parser")
    levels = [int(tag.name[1]) for tag in page.body.find_all(re.compile(r"^h\d$"))]
    assert levels[0] == 1
    assert set(levels[1:]) <= {2}
    for link in page.find_all("a"):
        assert len(link.text.split()) >= 2
        assert not re.fullmatch(r"(?i)(click )?here|more|link|open", link.text.strip())
    for table in page.find_all("table"):
        assert (table.get("role") == "presentation") != bool(
            table.find("th", recursive=True) and not table.find("table")
        )
    for sign in page.find_all(class_="sign"):
        assert sign["aria-hidden"] == "true"


@EVERY
def test_styles_stand_beside_each_element_and_once_more_for_the_dark(kind: str) -> None:
    page = BeautifulSoup(part(KINDS[kind](), "html"), "html.parser")
    (style,) = page.find_all("style")
    assert "prefers-color-scheme: dark" in style.text
    styled = [tag for tag in page.body.find_all(["p", "h1", "td"]) if tag.get_text(strip=True)]
    assert [tag.name for tag in styled if not tag.get("style")] == []
    assert page.body["style"]
