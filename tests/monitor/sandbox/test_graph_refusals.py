"""The Graph API on loopback, asked with plain requests: versions, tokens, permissions, limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.monitor.sandbox.networks import PAGE, Asking, ago


@pytest.fixture
def kaz(page) -> str:
    return page.add_person("Kaz Holloway")


@pytest.fixture
def post(page) -> str:
    return page.add_post("Fourteen crates", ago(hours=6))


def error(answer: Any) -> tuple[int, int, int | None]:
    """HTTP status, code, subcode."""
    body = answer.json()["error"]
    assert body["type"] in {"OAuthException", "GraphMethodException"}
    assert len(body["fbtrace_id"]) > 10
    return answer.status_code, body["code"], body.get("error_subcode")


@pytest.mark.parametrize("version", ["/v3.1", "/v99.0"])
def test_a_version_that_is_not_alive_is_refused(stage, ask_graph, version):
    answer = Asking(stage[1] + version, "page-token")("/me")
    assert error(answer) == (400, 2635, None)
    assert answer.json()["error"]["message"].endswith("latest version: v26.0.")


def test_without_a_version_the_newest_answers_and_says_so(stage, ask_graph):
    assert Asking(stage[1], "page-token")("/me").headers["facebook-api-version"] == "v26.0"
    assert Asking(stage[1] + "/v24.0", "page-token")("/me").headers["facebook-api-version"] == "v24.0"


def test_a_token_may_come_in_the_query_or_in_either_kind_of_header(ask_graph):
    plain = Asking(ask_graph.url, None)
    assert plain("/me", params={"access_token": "page-token"}).ok
    assert plain("/me", headers={"Authorization": "OAuth page-token"}).ok
    assert error(plain("/me")) == (400, 104, None)
    assert error(plain("/me", params={"access_token": "wrong"})) == (400, 190, None)


def test_expired_and_revoked_tokens_have_their_own_subcodes(page, ask_graph, watch):
    page.expires_at = ago(hours=-1)
    assert ask_graph("/me").ok
    watch.pass_by(hours=1)
    answer = ask_graph("/me")
    assert error(answer) == (400, 190, 463)
    assert "Session has expired on Friday, 20-Nov-26 13:00:00 UTC" in answer.json()["error"]["message"]
    page.revoke()
    assert error(ask_graph("/me")) == (400, 190, 460)


def test_a_missing_permission_is_10_for_reading_and_200_for_acting(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "Lovely")
    page.permissions -= {"pages_read_user_content", "pages_manage_engagement"}
    answer = ask_graph(f"/{post}/comments")
    assert error(answer) == (403, 10, None)
    assert "'pages_read_user_content'" in answer.json()["error"]["message"]
    assert error(ask_graph(f"/{comment}", "DELETE")) == (403, 200, None)
    assert ask_graph("/me/posts").ok


def test_every_answer_says_how_much_is_used_until_it_is_too_much(ask_graph, watch):
    answers = [ask_graph("/me") for _ in range(50)]
    used = [json.loads(answer.headers["x-app-usage"])["call_count"] for answer in answers]
    assert (used[0], used[-1]) == (2, 100)
    refused = ask_graph("/me")
    assert error(refused) == (400, 80001, None)
    (pages,) = json.loads(refused.headers["x-business-use-case-usage"])[PAGE]
    assert pages["type"] == "pages"
    assert pages["estimated_time_to_regain_access"] == 60
    assert error(Asking(ask_graph.url, "admin-token")("/me")) == (403, 32, None)
    watch.pass_by(hours=1)
    assert ask_graph("/me").ok


def test_a_token_can_be_asked_about_itself(page, ask_graph):
    about = ask_graph.json("/debug_token", input_token="page-token")["data"]
    assert (about["type"], about["is_valid"], about["expires_at"], about["profile_id"]) == (
        "PAGE",
        True,
        0,
        PAGE,
    )
    assert "pages_manage_engagement" in about["scopes"]
    assert ask_graph.json("/debug_token", input_token="other")["data"]["is_valid"] is False


def test_permissions_belong_to_a_person_and_not_to_a_page(ask_graph):
    admin = Asking(ask_graph.url, "admin-token")
    granted = admin.json("/me/permissions")["data"]
    assert {"permission": "pages_show_list", "status": "granted"} in granted
    assert admin.json("/me/accounts")["data"][0]["access_token"] == "page-token"
    assert error(ask_graph("/me/permissions")) == (400, 100, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [("id,colour", 100), ("id,,message", 2500), ("from{id", 2500), ("comments.limit(1", 2500)],
)
def test_fields_that_are_unknown_or_unreadable_are_refused(page, ask_graph, post, kaz, fields, code):
    page.add_comment(post, kaz, "Lovely")
    assert error(ask_graph(f"/{post}/comments", params={"fields": fields})) == (400, code, None)


def test_an_edit_keeps_the_id_and_the_time(page, ask_graph, post, kaz):
    comment = page.add_comment(post, kaz, "clowns", ago(hours=3))
    page.edit(comment, "sorry")
    (shown,) = ask_graph.json(f"/{post}/comments")["data"]
    assert (shown["id"], shown["message"]) == (comment, "sorry")
    assert shown["created_time"] == "2026-11-20T09:00:00+0000"


def test_a_foreign_cursor_is_refused(ask_graph, post):
    assert error(ask_graph(f"/{post}/comments", params={"after": "nonsense"})) == (400, 100, None)
