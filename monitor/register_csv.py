"""The office's file: bytes in, people and unreadable rows out. Pure: hashes nothing, stores nothing.

Survives what offices really save: UTF-8 with or without a mark, Windows-1252, Excel's "Unicode text" (UTF-16); comma,
semicolon, tab or bar; a title above the headers; quoted line ends; a quotation mark that is never closed. What it says of
a row is its line and a reason, never what stood in it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.errors import RegisterError
from monitor.register_columns import Layout, layout_of, meaning, understood
from monitor.register_people import People, Person

_LARGEST = 32 * 1024 * 1024
_LONGEST_ROW = 100_000  # characters; the csv module itself gives up at 131,072
_LONGEST_CELL = 10_000
_LINES_A_ROW = 40
_HEADER_WITHIN = 20  # rows: titles and blank lines above the headers
_SHOWN = 12
_NOT_TEXT = (
    (b"PK\x03\x04", "an Excel or OpenDocument workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a Word document"),
)
_CURE = "in Excel choose File, Save As, CSV UTF-8, and import that file"
_HTML = re.compile(r"\s*<(?:!doctype|html|\?xml|table|meta|style)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One row, or one cell of it, that could not be used: its line in the file (1: the first) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. `columns` tells which header was read as what, in the file's order, for the preview; `rows` the
    keys of the people who stood in one row together."""

    people: tuple[Person, ...] = field(repr=False)
    unreadable: tuple[Unreadable, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)


def read_register(data: bytes, mapping: Mapping[str, str] | None = None) -> Reading:
    """Read an export. `mapping` says what a header means, in the words of the aliases: {"Mum": "contact 1 email",
    "Notes": "ignore"}; headers not in it are recognised by themselves.

    RegisterError, one sentence with its cure, when the file is no table of people.
    """
    text = _decoded(data)
    meant = _meant(mapping or {})
    rows, headers, start, layout = _table(text, meant)
    people = People(layout)
    unreadable: list[Unreadable] = []
    for line, cells in rows[start + 1 :]:
        if isinstance(cells, str):
            unreadable.append(Unreadable(line, cells))
        elif any(cell.strip() for cell in cells) and cells != headers:
            unreadable += [Unreadable(line, reason) for reason in _row(people, layout, cells)]
    found = people.all()
    if not found:
        first = f" (line {unreadable[0].line}: {unreadable[0].reason})" if unreadable else ""
        raise RegisterError(
            f"the file has headers but nobody could be read from its rows{first}; check that it is the contacts"
            " report and that its columns hold names, e-mails or handles"
        )
    columns = tuple((headers[c.at].strip(), f"{c.group} {c.field}") for c in layout.columns)
    return Reading(found, tuple(unreadable), columns, tuple(people.rows))


def _row(people: People, layout: Layout, cells: Sequence[str]) -> Sequence[str]:
    if any(cell.strip() for cell in cells[layout.width :]):
        return (f"it has {len(cells)} cells where the headers have {layout.width}",)
    if any(len(cell) > _LONGEST_CELL for cell in cells):
        return (f"a cell holds more than {_LONGEST_CELL:,} characters",)
    return people.take(cells)


def _decoded(data: bytes) -> str:
    for start, what in _NOT_TEXT:
        if data.startswith(start):
            raise RegisterError(f"this is {what}, not a CSV file; {_CURE}")
    if len(data) > _LARGEST:
        raise RegisterError(
            "the file is larger than 32 MB, which no register is; export names and contacts only"
        )
    text = _text(data).replace("\x00", "").removeprefix("\ufeff")
    if not text.strip():
        raise RegisterError("the file is empty; export the contacts report again and import that file")
    if _HTML.match(text):
        raise RegisterError(f"this is a web page or XML, not a CSV file; open it in Excel, then {_CURE}")
    return text


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    sample = data[:4096]
    if len(sample) > 1 and sample[1::2].count(0) * 10 > len(sample) * 3:
        return data.decode("utf-16-le", errors="replace")
    if len(sample) > 1 and sample[::2].count(0) * 10 > len(sample) * 3:
        return data.decode("utf-16-be", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _meant(mapping: Mapping[str, str]) -> dict[str, str]:
    for header, target in mapping.items():
        if target != "ignore" and meaning(target) is None:
            raise RegisterError(
                f'the mapping of the column "{_shown(header)}" is not understood; write for example "pupil forename",'
                ' "contact 1 email", "staff surname", "x handle" or "ignore"'
            )
    return {_folded(header): ("" if target == "ignore" else target) for header, target in mapping.items()}


_Row = tuple[int, "list[str] | str"]  # the line it begins on; its cells, or why it has none


def _table(text: str, meant: Mapping[str, str]) -> tuple[list[_Row], list[str], int, Layout]:
    """The rows, the header row as typed, its index, and its layout: of the delimiter that explains most headers."""
    best: tuple[int, str, int, list[str]] | None = None
    for delimiter in ",;\t|":
        for index, (_, cells) in enumerate(_rows(text, delimiter, _HEADER_WITHIN)):
            if isinstance(cells, str):
                continue
            score = understood([meant.get(_folded(cell), cell) for cell in cells])
            if score > (best[0] if best else 0):
                best = (score, delimiter, index, cells)
    if best is None:
        raise _unrecognised(text)
    _, delimiter, index, headers = best
    layout = layout_of([meant.get(_folded(cell), cell) for cell in headers])
    if layout is None or not layout.columns or (best[0] == 1 and sum(bool(h.strip()) for h in headers) > 1):
        raise _unrecognised(text)
    return list(_rows(text, delimiter)), headers, index, layout


def _unrecognised(text: str) -> RegisterError:
    rows = _rows(text, max(",;\t|", key=text[:4096].count), _HEADER_WITHIN)
    line, first = next(
        ((line, cells) for line, cells in rows if any(cell.strip() for cell in cells)), (1, [])
    )
    if isinstance(first, str):  # what stands below it are people, whom no message shows
        return RegisterError(f"the headers are not understood (line {line}: {first}); mend that line")
    cure = "name them as Forename, Surname, Email, UPN or say what they mean in the configuration's register mapping"
    if any("@" in cell or sum(c.isdigit() for c in cell) > 1 for cell in first):
        return RegisterError(f"the file has no row of headers; put one on top, or {cure}")
    if not understood(first):  # perhaps no headers at all, but people
        return RegisterError(f"the headers are not understood (none of those in line {line}); {cure}")
    seen = ", ".join(f'"{_shown(cell)}"' for cell in first[:_SHOWN] if cell.strip())
    return RegisterError(f"the headers are not understood (the first row has {seen}); {cure}")


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text.strip())[:30]


def _folded(header: str) -> str:
    return " ".join(header.casefold().split())


def _rows(text: str, delimiter: str, most: int | None = None) -> Iterator[_Row]:
    """The file's rows. A row whose quotation mark is not closed within 40 lines costs that one line, not the rest."""
    lines = list(io.StringIO(text, newline=None)) if most is None else _first_lines(text, most)
    at = count = 0
    while at < len(lines) and (most is None or count < most):
        taken = _lines_of_row(lines, at)
        cells: list[str] | str = "a quotation mark in it is never closed"
        if taken:
            record = "".join(lines[at : at + taken]).removesuffix("\n")
            cells = _cells(record, delimiter, strict=taken > 1)
            if isinstance(cells, str):
                taken = 1
        yield at + 1, cells
        at, count = at + (taken or 1), count + 1


def _first_lines(text: str, rows: int) -> list[str]:
    stream = io.StringIO(text, newline=None)
    return [line for _, line in zip(range(rows * _LINES_A_ROW), stream, strict=False)]


def _lines_of_row(lines: Sequence[str], at: int) -> int:
    """How many lines the row that begins at `at` takes; 0 when its quotation marks never balance."""
    open_quote = False
    for taken, line in enumerate(lines[at : at + _LINES_A_ROW], 1):
        open_quote ^= line.count('"') % 2 == 1
        if not open_quote:
            return taken
    return 0


def _cells(record: str, delimiter: str, *, strict: bool) -> list[str] | str:
    """`strict` for a row of several lines: two stray quotation marks must not swallow the rows between them."""
    if len(record) > _LONGEST_ROW:
        return f"it is longer than {_LONGEST_ROW:,} characters"
    try:
        return next(csv.reader([record], delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return "a quotation mark in it is out of place"
