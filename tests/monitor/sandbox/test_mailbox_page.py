"""The mailbox's page shows hostile mails harmlessly, over real HTTP, and changes nothing."""

import smtplib
import ssl
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
import requests
from bs4 import BeautifulSoup

from monitor.sandbox.mailbox import Mailbox
from monitor.sandbox.mailbox_page import clean, mailbox_app, pieces
from monitor.sandbox.serve import Serving

NOW = datetime(2026, 7, 3, 12, 40, tzinfo=UTC)  # British Summer Time: the page says 13:40
HEAD = "head@staldhelms.example"
OFFICE = "office@staldhelms.example"


@pytest.fixture
def mailbox():
    with Mailbox(clock=lambda: NOW) as box:
        yield box


@pytest.fixture
def get(mailbox):
    with Serving(mailbox_app(mailbox)) as serving, requests.Session() as session:
        session.trust_env = False

        def request(path, method="GET", **more):
            return session.request(method, serving.url + path, timeout=5, **more)

        yield request


def send(box, to=HEAD, subject="A mail", text="Hello", html=None, raw=None):
    message = EmailMessage()
    message["From"] = "watch@staldhelms.example"
    message["To"] = to
    message["Subject"] = subject
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP(box.host, box.port, timeout=5) as client:
        client.starttls(context=ssl.create_default_context(cadata=box.certificate))
        client.sendmail("watch@staldhelms.example", [to], raw or message.as_bytes(policy=policy.SMTP))


def soup(response):
    return BeautifulSoup(response.text, "html.parser")


def test_an_empty_mailbox_says_so(get):
    answer = get("/")
    assert answer.status_code == 200
    assert "No mail yet." in answer.text
    assert soup(answer).find("meta", attrs={"name": "viewport"})


def test_the_list_is_newest_first_in_the_schools_time_and_can_be_narrowed(mailbox, get):
    send(mailbox, HEAD, "First")
    send(mailbox, OFFICE, "Second")
    page = soup(get("/"))
    assert [each.text for each in page.select("li b")] == ["Second", "First"]
    assert "13:40:00" in page.select_one("li small").text
    only = soup(get("/", params={"to": OFFICE.upper()}))
    assert [each.text for each in only.select("li b")] == ["Second"]
    assert only.select_one("[aria-current]").text == "office"


def test_one_mail_shows_its_text_headers_and_source(mailbox, get):
    send(mailbox, subject="Grüße", text="Please look at\nhttp://127.0.0.1:8080/case/abc?t=1.\nThank you")
    page = soup(get("/mail/1"))
    assert page.h1.text == "Grüße"
    assert "over TLS" in page.dl.text
    assert "watch@staldhelms.example" in page.dl.text
    link = page.select_one("pre a")
    assert link["href"] == "http://127.0.0.1:8080/case/abc?t=1"
    assert page.pre.text == "Please look at\nhttp://127.0.0.1:8080/case/abc?t=1.\nThank you\n"
    source = get("/mail/1/raw")
    assert source.headers["content-type"] == "text/plain; charset=utf-8"
    assert source.content == mailbox.all()[0].raw


def test_hostile_text_is_shown_as_text(mailbox, get):
    nasty = "<script>alert(1)</script> {{7*7}} \u202egnp.exe"
    send(mailbox, subject=nasty, text=nasty)
    for path in ("/", "/mail/1"):
        answer = get(path)
        page = soup(answer)
        assert page.find("script") is None
        assert "{{7*7}}" in answer.text
        assert "\u202e" not in answer.text
        assert page.find(string=lambda text: text and "<script>alert(1)</script>" in text)


def test_html_stands_in_a_frame_that_runs_and_loads_nothing(mailbox, get):
    html = "\"></iframe><script>parent.x=1</script><img src='http://evil.example/p.png'><p>Hello</p>"
    send(mailbox, html=html)
    answer = get("/mail/1")
    page = soup(answer)
    assert page.find("script") is None
    assert page.find("img") is None
    [frame] = page.find_all("iframe")
    assert "allow-scripts" not in frame["sandbox"]
    assert "allow-same-origin" not in frame["sandbox"]
    assert "allow-top-navigation" not in frame["sandbox"]
    assert "src" not in frame.attrs
    assert html in frame["srcdoc"]
    assert frame["srcdoc"].index("default-src 'none'") < frame["srcdoc"].index("<script>")


def test_only_links_to_our_own_pages_can_be_clicked(mailbox, get):
    send(
        mailbox,
        text="http://evil.example/x javascript:alert(1) http://127.0.0.1.evil.example/y http://localhost:1/z",
    )
    assert [each["href"] for each in soup(get("/mail/1")).select("pre a")] == ["http://localhost:1/z"]


@pytest.mark.parametrize("path", ["/", "/mail/1", "/mail/1/raw", "/mail/99", "/nowhere"])
def test_every_answer_forbids_scripts_framing_and_caching(mailbox, get, path):
    send(mailbox)
    headers = get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/mail/99", "/mail/99/raw", "/mail/x", "/nowhere"])
def test_what_is_not_there_is_a_404_with_a_way_back(get, path):
    answer = get(path)
    assert answer.status_code == 404
    assert soup(answer).find("a", href="/")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/mail/1", "/mail/1/raw"])
def test_nothing_but_reading_is_allowed(mailbox, get, method, path):
    send(mailbox)
    assert get(path, method).status_code == 405
    assert len(mailbox.all()) == 1


def test_a_request_under_another_name_is_refused(get):
    assert get("/", headers={"Host": "rebound.example"}).status_code == 400


def test_a_mail_in_an_unknown_charset_or_of_broken_bytes_is_still_shown(mailbox, get):
    send(
        mailbox, raw=b"Subject: odd\r\nContent-Type: text/plain; charset=klingon\r\n\r\nHello \xff there\r\n"
    )
    send(mailbox, raw=b"\xff\xfe not a header\r\n\r\nbody\r\n")
    assert "Hello \ufffd there" in get("/mail/1").text
    assert get("/mail/1/raw").text.count("\\xff") == 1
    assert "(no subject)" in get("/mail/2").text
    assert get("/").status_code == 200


def test_pieces_put_together_are_the_text():
    text = "a http://localhost/x, b (http://127.0.0.1:9/y) c"
    assert "".join(piece for piece, _ in pieces(text)) == text
    assert [piece for piece, link in pieces(text) if link] == ["http://localhost/x", "http://127.0.0.1:9/y"]


def test_clean_keeps_line_breaks_tabs_and_letters():
    assert clean("é\tx\n\u202e\x07") == "é\tx\n\ufffd\ufffd"
