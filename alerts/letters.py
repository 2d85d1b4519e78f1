"""Letters to families about the claim page: a document to print, and a table for the office's own mail merge. Pure.

They hold names, addresses and codes in clear. They are for the office's files only: nothing here writes, logs or keeps
one.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alerts.render import TEMPLATES
from alerts.words import DAYS, MONTHS, listed, network_words
from monitor.families import Family
from monitor.family_codes import HANDLES, printed

_TEMPLATES = Environment(
    loader=FileSystemLoader(TEMPLATES.parent / "letters"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_FORMULA = frozenset("=+-@|\t\r\n")  # what a spreadsheet takes for the start of one
MERGE_COLUMNS = ("Pupils", "Class", "Contact", "Email", "Code", "Link", "Good until")


@dataclass(frozen=True, slots=True)
class LetterHouse:
    """What is the same in every letter. `accounts`: the school's own as (network, handle); `public_url` is the page's."""

    school: str
    accounts: Sequence[tuple[str, str]]
    public_url: str
    ask: str  # the office's e-mail address
    made: date
    until: date

    @property
    def address(self) -> str:
        return f"{self.public_url.rstrip('/')}/claim"

    def link(self, code: str) -> str:
        """What the square holds: the page with the code (in its normal form) typed already; without one the bare page."""
        return f"{self.address}?code={printed(code)}" if code else self.address


Letter = tuple[Family, str]  # with its code in the normal form


def letter_files(house: LetterHouse, letters: Sequence[Letter]) -> dict[str, str]:
    """What the office is given, by file name."""
    return {
        "letters.html": family_letters(house, letters),
        "letters.csv": merge_table(house, letters),
        "newsletter.html": open_letter(house),
    }


def family_letters(house: LetterHouse, letters: Iterable[Letter]) -> str:
    """A page of A4 for each family, as one HTML document that needs nothing from anywhere."""
    return _document(house, [(_to(family), code) for family, code in letters])


def open_letter(house: LetterHouse) -> str:
    """The same for everybody, without a name and a code: for a newsletter or a notice board."""
    return _document(house, [("", "")])


def merge_table(house: LetterHouse, letters: Iterable[Letter]) -> str:
    """A line for each contact, as CSV that Excel and Word open as it is: with a byte order mark, and without a cell that
    a spreadsheet would take for a formula (CWE-1236)."""
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(MERGE_COLUMNS)
    for family, code in letters:
        pupils = listed(tuple(name for name, _ in family.pupils))
        forms = ", ".join(dict.fromkeys(form for _, form in family.pupils if form))
        for name, email in family.contacts:
            cells = (pupils, forms, name, email, printed(code), house.link(code), house.until.isoformat())
            rows.writerow([_harmless(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def _document(house: LetterHouse, letters: Iterable[tuple[str, str]]) -> str:
    networks = dict.fromkeys(network_words(network)[0] for network, _ in house.accounts)
    ours = tuple(f"@{handle} on {network_words(network)[0]}" for network, handle in house.accounts)
    shown = {
        "school": house.school,
        "made": _day(house.made),
        "until": _day(house.until),
        "networks": " or ".join(networks),
        "accounts": f"Our {'accounts are' if len(ours) > 1 else 'account is'} {listed(ours)}",
        "address": house.address,
        "ask": house.ask,
        "handles": HANDLES,
    }
    return _TEMPLATES.get_template("letters.html").render(
        title=f"Letter to families: {house.school}",
        house=shown,
        letters=[{"to": to, "code": printed(code), "qr": _square(house.link(code))} for to, code in letters],
    )


def _square(link: str) -> Markup:
    """The link as a QR code (ISO/IEC 18004), 15 % of it may be soiled; as SVG of our own making."""
    made = segno.make(link, error="m", micro=False, boost_error=False)
    return Markup(made.svg_inline(border=4, omitsize=True, title="The address of the page"))  # noqa: S704


def _to(family: Family) -> str:
    if not family.pupils:
        return f"To {listed(tuple(name for name, _ in family.contacts)) or 'the family'}"
    children = tuple(f"{name} ({form})" if form else name for name, form in family.pupils)
    return f"To the parents and carers of {listed(children)}"


def _day(day: date) -> str:
    """Fri 20 Nov 2026"""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def _harmless(cell: str) -> str:
    text = "".join(one for one in cell if one.isprintable())
    return f"'{text}" if unicodedata.normalize("NFKC", text)[:1] in _FORMULA and text else text
