"""What people give: taken in with who gave it, kept sealed, handed back as it came, never for the gravest cases."""

from __future__ import annotations

import hashlib

import pytest

from monitor.domain import Role
from monitor.given import MOST_BYTES, Kind, kind_of
from monitor.tables import AuditRow, ItemRow
from monitor.tables_evidence import GivenRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import School, open_school

SHOT = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def fields(head: Browser, ref: str) -> dict[str, str]:
    head.get(f"/case/{ref}")
    form = head.soup.find("form", action=f"/case/{ref}/given")
    return {
        "token": form.find("input", {"name": "token"})["value"],
        "received": "2026-11-20",
        "relation": "parent",
    }


def give(head: Browser, ref: str, body: bytes = SHOT, called: str = "shot.png", **changes: str):
    said = fields(head, ref) | changes
    return head.post(f"/case/{ref}/given", said, files={"file": (called, body)})


def test_what_was_given_is_kept_sealed_with_who_gave_it(school: School) -> None:
    ref, head = school.case(), school.signed_in()
    give(head, ref, called="../../x.html", name="Tamsin <b>Example", note="sent by e-mail")
    assert "Not captured by Schoolgate" in head.words
    assert "A parent or carer: Tamsin <b>Example" in head.words
    assert "Received Fri 20 Nov 2026, entered 12:40 by the headteacher" in head.words
    (row,) = school.rows(GivenRow)
    assert (row.kind, row.size, row.sha256) == ("png", len(SHOT), hashlib.sha256(SHOT).hexdigest())
    on_disk = b"".join(path.read_bytes() for path in school.store.path.parent.iterdir() if path.is_file())
    assert SHOT not in on_disk
    assert b"Tamsin" not in on_disk
    (entry,) = [one for one in school.rows(AuditRow) if one.event == "evidence given"]
    assert (entry.actor, entry.thing) == ("headteacher", "given 1")
    assert row.sha256 in entry.detail
    assert "Tamsin" not in entry.detail


def test_it_is_handed_back_as_it_came_and_never_shown(school: School) -> None:
    ref, head = school.case(), school.signed_in()
    give(head, ref)
    assert not head.soup.find_all(["img", "embed", "object", "iframe", "script"])
    answer = head.get(f"/case/{ref}/given/1")
    assert answer.content == SHOT
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{ref}-given-1.png"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert head.get(f"/case/{ref}/given/2").status_code == 404


@pytest.mark.parametrize("category", ["sexual", "grooming", "child_at_risk"])
def test_nothing_is_taken_in_for_a_case_that_may_be_about_a_picture_of_a_child(
    school: School, category: str
) -> None:
    ref, other, head = school.case(category=category), school.case(number=2), school.signed_in()
    head.get(f"/case/{ref}")
    assert head.soup.find("form", action=f"/case/{ref}/given") is None
    assert "Do not open, copy, save, print or forward" in head.words
    said = fields(head, other)
    assert head.post(f"/case/{ref}/given", said, files={"file": ("a.png", SHOT)}).status_code == 403
    assert school.rows(GivenRow) == []


def test_a_case_that_became_such_while_the_form_was_open_refuses_with_the_words(school: School) -> None:
    ref, head = school.case(), school.signed_in()
    said = fields(head, ref)
    with school.store.write() as session:
        case = school.row(ref)
        case.category = "grooming"
        session.merge(case)
    answer = head.post(f"/case/{ref}/given", said, files={"file": ("a.png", SHOT)})
    assert answer.status_code == 422
    assert "Internet Watch Foundation" in head.words
    assert school.rows(GivenRow) == []


def test_what_an_earlier_version_held_counts_too(school: School) -> None:
    ref, head = school.case(category="grooming"), school.signed_in()
    with school.store.write() as session:
        case = session.merge(school.row(ref))
        old = session.get_one(ItemRow, case.item_id)
        new = ItemRow(**old.model_dump(exclude={"id", "version"}), version=2)
        session.add(new)
        session.flush()
        case.category, case.item_id = "insult", new.id
    head.get(f"/case/{ref}")
    assert "Do not open, copy, save, print or forward" in head.words
    assert head.soup.find("form", action=f"/case/{ref}/given") is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"body": b""}, "No file came"),
        ({"body": b"<html>\x00"}, "judged by what is in the file"),
        ({"body": b"MZ\x90\x00"}, "judged by what is in the file"),
        ({"relation": "burglar"}, "Say who gave it"),
        ({"received": "2026-11-21"}, "today or earlier"),
        ({"received": "yesterday"}, "today or earlier"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_kept(school: School, changes, told: str) -> None:
    ref, head = school.case(), school.signed_in()
    answer = give(head, ref, **changes)
    assert answer.status_code == 422
    assert told in head.words
    assert school.rows(GivenRow) == []


def test_a_file_may_be_ten_megabytes_and_no_more(school: School) -> None:
    ref, head = school.case(), school.signed_in()
    assert give(head, ref, SHOT + bytes(MOST_BYTES - len(SHOT))).status_code == 200
    assert give(head, ref, SHOT + bytes(MOST_BYTES + 64 * 1024)).status_code == 413
    assert len(school.rows(GivenRow)) == 1
    token = fields(head, ref)["token"]
    assert head.post(f"/case/{ref}/export", {"token": token, "x": "x" * 70_000}).status_code == 413


def test_the_form_fits_once_and_only_who_may_see_the_case(school: School) -> None:
    ref, head, it = school.case(), school.signed_in(), school.signed_in(Role.IT)
    said = fields(head, ref)
    assert head.post(f"/case/{ref}/given", said, files={"file": ("a.png", SHOT)}).status_code == 200
    assert head.post(f"/case/{ref}/given", said, files={"file": ("a.png", SHOT)}).status_code == 403
    assert it.post(f"/case/{ref}/given", said, files={"file": ("a.png", SHOT)}).status_code == 404
    assert it.get(f"/case/{ref}/given/1").status_code == 404
    stranger = Browser(school)
    assert stranger.post(f"/case/{ref}/given", said, files={"file": ("a.png", SHOT)}).status_code == 401
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = head.post(
        f"/case/{ref}/given", fields(head, ref), files={"file": ("a.png", SHOT)}, headers=elsewhere
    )
    assert answer.status_code == 403
    assert head.post(f"/case/{ref}/given", fields(head, ref)).status_code == 400
    two = [("file", ("a.png", SHOT)), ("more", ("b.png", SHOT))]
    assert head.post(f"/case/{ref}/given", fields(head, ref), files=two).status_code == 400
    assert len(school.rows(GivenRow)) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nx", Kind.PNG),
        (b"\xff\xd8\xff\xe0x", Kind.JPEG),
        (b"%PDF-1.7", Kind.PDF),
        ("She said: “no”.\r\n\tTwice.".encode(), Kind.TEXT),
        (b"GIF89a\x01\x00", None),
        (b"PK\x03\x04", None),
        (b"text\x00", None),
        (b" \n", None),
        (b"\xfe\xff", None),
    ],
)
def test_the_kind_is_what_the_file_begins_with(body: bytes, kind: Kind | None) -> None:
    assert kind_of(body) is kind
