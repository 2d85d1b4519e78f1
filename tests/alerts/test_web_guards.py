import re
import socket
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import OperationalError
from starlette.routing import Route

from alerts.web.app import create_app
from alerts.web.guards import BODY_LIMIT
from monitor.domain import Role
from monitor.errors import ConfigError
from monitor.tables import CaseRow
from monitor.tables_people import CodeRow, LinkRow, SignInRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_robot import Robot
from tests.alerts.page_school import open_school


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def everywhere(school, ref):
    return [
        "/",
        "/?asked",
        f"/c/{school.link(ref)}",
        "/cases",
        f"/case/{ref}",
        f"/case/{ref}/delete",
        f"/case/{ref}/copy/1",
        "/static/style.css",
        "/static/icon.svg",
        "/nowhere",
        "/case/SM-9999",
        "/c/guess",
    ]


def test_every_answer_carries_the_security_headers(school):
    ref = school.case()
    for browser in (Browser(school), school.signed_in()):
        for path in everywhere(school, ref):
            headers = browser.get(path, allow_redirects=False).headers
            policy = headers["Content-Security-Policy"]
            for part in ("default-src 'none'", "style-src 'self'", "form-action 'self'", "base-uri 'none'"):
                assert part in policy
            assert "frame-ancestors 'none'" in policy
            assert "script" not in policy
            assert "unsafe" not in policy
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cache-Control"] == "no-store"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "noindex" in headers["X-Robots-Tag"]
            assert "server" not in headers
            assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_are_told_to_stay_there(tmp_path):
    with open_school(tmp_path, public_url="https://watch.stmarys.example") as school:
        assert "max-age" in Browser(school).get("/").headers["Strict-Transport-Security"]


@pytest.mark.parametrize("url", ["http://watch.stmarys.example", "ftp://127.0.0.1", "watch", "https://"])
def test_a_page_that_browsers_could_not_keep_safe_is_refused_with_the_cure(tmp_path, url):
    with pytest.raises(ConfigError, match="https://"), open_school(tmp_path, public_url=url):
        pass


def test_another_host_name_gets_nothing(school):
    answer = Browser(school).get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"]


def test_a_body_over_the_limit_is_refused(school):
    ref = school.case()
    head = school.signed_in()
    assert head.post(f"/case/{ref}/decide", {"reason": "x" * BODY_LIMIT}).status_code == 413
    assert head.post(f"/case/{ref}/decide", {str(n): "x" for n in range(50)}).status_code == 400
    files = {"choice": ("a.txt", b"x", "text/plain")}
    assert head.session.post(f"{school.url}/case/{ref}/decide", files=files, timeout=10).status_code in {
        400,
        403,
    }


def test_a_fault_of_ours_shows_a_reference_and_nothing_else(school, capsys):
    def broken(_request):
        raise ValueError("kaz_99 said something private")

    school._stage.app = create_app(school.page, [Route("/broken", broken)])
    answer = Browser(school).get("/broken")
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"]
    reference = BeautifulSoup(answer.text, "html.parser").code.text
    written = capsys.readouterr()
    assert reference in written.out + written.err
    assert "private" not in answer.text + written.out + written.err


def test_no_get_and_no_head_changes_anything_for_anybody(school):
    ref = school.case()
    paths = everywhere(school, ref)
    for browser in (Browser(school), school.signed_in(), school.signed_in(Role.DSL)):
        before = [school.rows(table) for table in (CaseRow, CodeRow, LinkRow, SignInRow)]
        state, mails = school.state(), len(school.mailed)
        for path in paths * 2:
            browser.get(path)
            browser.session.head(school.url + path, timeout=10)
        assert [school.rows(table) for table in (CaseRow, CodeRow, LinkRow, SignInRow)] == before
        assert (school.state(), len(school.mailed)) == (state, mails)
        school.pass_time(minutes=2)


def test_what_a_get_reads_through_cannot_write(school):
    row = LinkRow(
        school_id="s", token_hash="t", role="dsl", recipient="r", created_at=school.now, expires_at=school.now
    )
    with school.store.read() as session:
        session.add(row)
        with pytest.raises(OperationalError, match="readonly"):
            session.flush()


def test_no_template_turns_escaping_off_or_leaves_a_value_unquoted():
    for path in Path("alerts/web/templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape|<script|\son\w+=|\sstyle=", text), path
        assert not re.search(r"=\s*\{\{", re.sub(r"\{%.*?%\}", "", text)), path
        assert not re.search(r"(?:src|href|action)=\"(?!/|#|(?:mailto:)?\{\{)", text), path


def test_other_methods_do_nothing(school):
    ref = school.case()
    head = school.signed_in()
    before = school.state()
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        for path in (f"/case/{ref}", f"/case/{ref}/decide", "/cases", "/"):
            assert head.session.request(method, school.url + path, timeout=10).status_code == 405
    for path in (f"/case/{ref}/decide", "/sign-in", "/sign-out", "/code"):
        assert head.get(path).status_code == 405
    assert school.state() == before


def test_a_robot_that_follows_every_link_and_presses_every_button_gets_one_code_mailed_and_nothing_else(
    school,
):
    ref = school.case()
    token = school.link(ref)
    before = school.state()
    for minute in range(3):
        Robot(school).crawl(f"/c/{token}")
        Robot(school).crawl(f"/case/{ref}")
        school.pass_time(minutes=3)
        assert len(school.mailed) == 1, minute
    assert school.state() == before
    assert not school.rows(SignInRow)


def test_after_the_robot_the_reviewer_still_gets_in_with_the_code_it_had_mailed(school):
    ref = school.case()
    token = school.link(ref)
    Robot(school).crawl(f"/c/{token}")
    head = Browser(school)
    head.post(f"/c/{token}/code")
    head.post("/sign-in", {"code": school.mailed[0][2], "link": token})
    assert head.last.url.endswith(f"/case/{ref}")


def test_posts_without_a_sign_in_change_nothing(school):
    ref = school.case()
    before = school.state()
    robot = Browser(school)
    for form in ({}, {"choice": "remove", "seq": "0", "item": "1", "token": "0" * 64}):
        assert robot.post(f"/case/{ref}/decide", form).status_code == 401
        robot.post("/sign-out", form)
        robot.post("/sign-in", form)
    assert school.state() == before


def test_bytes_that_are_no_request_do_not_stop_the_page(school):
    host, port = "127.0.0.1", int(school.url.rpartition(":")[2])
    for junk in (
        b"\x16\x03\x01\x00\xa5",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /code HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ):
        with socket.create_connection((host, port), timeout=5) as raw:
            raw.sendall(junk)
    assert Browser(school).get("/").status_code == 200
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    assert Browser(school).post("/code", "--x\r\nbroken", headers=form).status_code < 500


@pytest.mark.parametrize("path", ["/code", "/case/{ref}/given"])
@pytest.mark.parametrize("coding", ["idna", "utf-7", "punycode", "unicode_escape"])
def test_a_form_in_a_coding_of_its_sender_s_choice_is_refused_and_breaks_nothing(school, path, coding):
    """Some of these decode to what no database stores, and idna refuses with an error of its own."""
    head, ref = school.signed_in(), school.case()
    body = '--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n..+2AA-\r\n--b--\r\n'
    kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={coding}"}
    assert head.post(path.format(ref=ref), body, headers=kind).status_code == 415
