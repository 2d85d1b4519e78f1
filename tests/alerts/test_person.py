"""The answer to one person's request: everything of theirs, nobody else, and what somebody must look at first."""

import io
import json
import re
import zipfile
from datetime import date

from alerts.export.person import answer
from monitor.domain import Author
from monitor.subject import Asked, find
from tests.alerts.page_school import open_school


def files_of(school, asked):
    with school.store.read() as session:
        kept = find(session, school.store, asked)
        made = answer(
            school.page, session, kept, received=date(2026, 11, 2), due=date(2026, 12, 2), now=school.now
        )
    with zipfile.ZipFile(io.BytesIO(made.body)) as archive:
        return made, {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_has_all_of_theirs_and_nobody_else(tmp_path):
    with open_school(tmp_path) as school:
        ref = school.case("you lot are dead <b>@quillfeather_p</b>, pat@family.example", found="dead")
        school.case("somebody else wrote this", number=2, author=Author("u2", "robin", "Robin"))
        school.signed_in().choose(ref, "close", why="family", reason="Spoke with Tamsin Marker's aunt")
        made, files = files_of(school, Asked(accounts=(("facebook", "u1"),)))
    assert set(files) == {"data.json", "data.html", "README.txt", "REVIEW-BEFORE-SENDING.json"}
    record = json.loads(files["data.json"])
    assert [one["author"]["handle"] for one in record["items"]] == ["kaz_99"]
    assert [one["case"] for one in record["cases"]] == [ref]
    assert record["cases"][0]["copies"][0]["kept"]
    for word in ("quillfeather_p", "pat@family", "somebody else", "Tamsin", "Marker", "<b>", "Asha Quill"):
        assert word not in "".join(files[name] for name in ("data.html", "README.txt"))
    for word in ("quillfeather_p", "pat@family", "Tamsin", "robin"):
        assert word not in files["data.json"]
    looked = json.loads(files["REVIEW-BEFORE-SENDING.json"])["look_at"]
    assert len(looked) == made.review == 2
    assert "02 December 2026" in files["README.txt"]


def test_the_page_to_read_says_times_as_people_do(tmp_path):
    with open_school(tmp_path) as school:
        school.case()
        _, files = files_of(school, Asked(accounts=(("facebook", "u1"),)))
    page = files["data.html"]
    assert "Asked for on Mon 2 Nov 2026, to be answered by Wed 2 Dec 2026" in page
    assert re.search(r"Opened Fri 20 Nov 2026, \d\d:\d\d\.", page)
    assert not re.search(r"\dT\d\d:\d\d", page)
