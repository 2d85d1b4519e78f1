"""The letters as they are printed, scanned and merged."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date

import numpy as np
import pytest
import zxingcpp
from bs4 import BeautifulSoup, Tag

from alerts.letters import MERGE_COLUMNS, Letter, LetterHouse, letter_files
from monitor.families import Family
from monitor.family_codes import new_code, normal_code, printed

HOUSE = LetterHouse(
    school="St Elsewhere & All Saints <Primary>",
    accounts=[("x", "StElsewhere"), ("facebook", "StElsewherePage")],
    public_url="https://gate.school.example/",
    ask="office@school.example",
    made=date(2026, 11, 20),
    until=date(2027, 1, 15),
)
CODES = [new_code(random.Random(seed).choice) for seed in range(3)]


def family(*contacts: tuple[str, str], pupils: tuple[tuple[str, str], ...] = ()) -> Family:
    return Family(pupils, contacts, frozenset(), frozenset())


LETTERS: list[Letter] = [
    (
        family(
            ("Dan Okafor", ""),
            ("Grace Okafor", "grace@mail.example"),
            pupils=(("Ben Okafor", "2D"), ("Zoë <b>Okafor</b>", "")),
        ),
        CODES[0],
    ),
    (family(("Una Reed", "=cmd|'/c calc'!a1@mail.example"), pupils=(("Dev Reed", "10A"),)), CODES[1]),
    (family(("@SUM(1+1) Ash", "+1@mail.example"), ("－2 Ash", "")), CODES[2]),
]
FILES = letter_files(HOUSE, LETTERS)


def soup(name: str) -> BeautifulSoup:
    return BeautifulSoup(FILES[name], "html.parser")


def words(tag: Tag) -> str:
    return re.sub(r"\s+", " ", tag.get_text())


def scanned(square: Tag) -> str:
    """What a telephone reads from the square as it is drawn: each module 4 pixels wide."""
    side = int(str(square["viewbox"]).split()[2])
    drawn = np.full((side, side), 255, dtype=np.uint8)
    path = square.path
    assert path is not None
    x = y = 0.0
    for kind, text in re.findall(r"([Mmh])([-\d. ]+)", str(path["d"])):
        steps = [float(one) for one in re.findall(r"-?\d*\.?\d+", text)]
        if kind == "h":
            drawn[int(y), int(x) : int(x + steps[0])] = 0
            x += steps[0]
        else:
            x, y = (steps[0], steps[1]) if kind == "M" else (x + steps[0], y + steps[1])
    (found,) = zxingcpp.read_barcodes(np.kron(drawn, np.ones((4, 4), dtype=np.uint8)))
    return str(found.text)


def test_the_square_leads_to_the_page_with_the_code():
    pages = soup("letters.html").find_all("article")
    assert [scanned(page.svg) for page in pages] == [
        f"https://gate.school.example/claim?code={printed(code)}" for code in CODES
    ]
    (page,) = soup("newsletter.html").find_all("article")
    assert scanned(page.svg) == "https://gate.school.example/claim"


def test_a_letter_says_who_what_where_and_until_when():
    first, _, third = (words(page) for page in soup("letters.html").find_all("article"))
    for said in (
        HOUSE.school,
        "Fri 20 Nov 2026",
        "To the parents and carers of Ben Okafor (2D) and Zoë <b>Okafor</b>",
        "follow us on X or Facebook",
        "Our accounts are @StElsewhere on X and @StElsewherePage on Facebook.",
        "https://gate.school.example/claim",
        printed(CODES[0]),
        "Good until Fri 15 Jan 2027",
        "compares the account and the e-mail address with the office’s records",
        "Kept are",
        "It is voluntary.",
        "may remove it",
        "office@school.example",
        "Schoolgate",
    ):
        assert said in first, said
    assert "To @SUM(1+1) Ash and －2 Ash" in third


def test_the_open_letter_holds_no_name_and_no_code():
    (page,) = soup("newsletter.html").find_all("article")
    said = words(page)
    assert "code" not in said
    assert "To " not in said.split("Do you follow")[0]
    assert "Okafor" not in FILES["newsletter.html"]
    assert not any(normal_code(word) for word in re.findall(r"[\w-]+", FILES["newsletter.html"]))


def test_nobody_stands_in_another_family_s_letter():
    _, second, third = (words(page) for page in soup("letters.html").find_all("article"))
    assert "Okafor" not in second + third
    assert printed(CODES[0]) not in second + third


def test_each_letter_is_a_page_and_nothing_is_fetched_for_it():
    for name in ("letters.html", "newsletter.html"):
        page = soup(name)
        assert not page.find_all(["script", "link", "img", "iframe", "object", "form"])
        assert not page.find_all(src=True)
        assert not page.find_all(href=True)
        assert "url(" not in FILES[name]
        assert "@import" not in FILES[name]
        policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
        assert policy
        assert "default-src 'none'" in policy["content"]
        style = page.style
        assert style
        assert "size: A4" in style.text
        assert "break-before: page" in style.text
    assert len(soup("letters.html").find_all("article")) == len(LETTERS)


def test_the_table_has_a_line_for_each_contact():
    text = FILES["letters.csv"]
    assert text.startswith("\ufeff")  # so that Excel takes it for UTF-8
    assert text.encode("utf-8").startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert tuple(header) == MERGE_COLUMNS
    assert rows[1] == [
        "Ben Okafor and Zoë <b>Okafor</b>",
        "2D",
        "Grace Okafor",
        "grace@mail.example",
        printed(CODES[0]),
        f"https://gate.school.example/claim?code={printed(CODES[0])}",
        "2027-01-15",
    ]
    assert rows[0][3] == ""
    assert len(rows) == 5


def test_no_cell_is_a_formula():
    rows = list(csv.reader(io.StringIO(FILES["letters.csv"].removeprefix("\ufeff"))))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@|\t\r\n－＝＋＠") and cell]
    assert rows[3][3] == "'=cmd|'/c calc'!a1@mail.example"
    assert [rows[4][2], rows[4][3], rows[5][2]] == ["'@SUM(1+1) Ash", "'+1@mail.example", "'－2 Ash"]


@pytest.mark.parametrize("odd", ["a\r\n=1+1", "\x00=1+1", "\u202e=1+1", "\ufeff=1+1"])
def test_an_invisible_character_does_not_hide_a_formula(odd: str):
    text = letter_files(HOUSE, [(family((odd, "")), CODES[0])])["letters.csv"]
    (_, row) = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert row[2] in {"a=1+1", "'=1+1"}
