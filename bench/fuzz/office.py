"""Files and lines of our own: the office's export as it is read, tables and log lines as they are written."""

from __future__ import annotations

import csv
import io
import json
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import structlog

from alerts.export.history import Event, as_csv
from bench.fuzz import broken, texts
from bench.fuzz.target import Target, holds
from bench.fuzz.words import OFFICE
from monitor import logs
from monitor.errors import RegisterError
from monitor.register_csv import read_register

SECRET = "Quillfeather"  # a name that stands in the rows alone
FILES = (
    OFFICE,
    f"Pupil contacts report\n\nForename;Surname;UPN;Email;Parent 1 Email\nTamsin;{SECRET};X1;t@mail.example;a@mail.example\n",
    f'Name\tRole\tEmail\tX handle\n{SECRET}, Asha\tStaff\thead@mail.example\t@asha\n"Lark, Ben"\tTeacher\tb@mail.example\t\n',
    f'"Legal Forename","Legal Surname","Reg","Mum","Mum Email"\n"Zoë","{SECRET}","4A","Ann {SECRET}","=cmd|x!A1@mail.example"\n',
)
CODINGS = ("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be")
PIECES = (
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"|",
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"<html>",
    b'"' * 50,
    b"," * 300,
)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FORMULAS = tuple("=+-@\t\r\n\0＝＋－＠")
_LONGEST = 1_000


def _register(chance: random.Random) -> None:
    good = chance.choice(FILES).encode(chance.choice(CODINGS), "replace")
    mapping = (
        {texts.line(chance): chance.choice(("pupil forename", "ignore", texts.line(chance)))}
        if chance.random() < 0.1
        else None
    )
    data = broken.data(chance, good, PIECES)
    try:
        reading = read_register(data, mapping)
    except RegisterError as error:
        says = str(error)
        holds(
            says.isprintable() and 0 < len(says) <= _LONGEST,
            "what is wrong with a file is one printable sentence",
        )
        # a file without a row of headers has its first row for one
        holds(
            SECRET not in says or data.count(SECRET.encode()) != 1 or b"Email" not in data,
            "no sentence names a person of the file",
        )
        return
    for one in reading.unreadable:
        holds(
            one.line >= 1 and one.reason.isprintable() and SECRET not in one.reason,
            "a row is told of by its line",
        )
    for person in reading.people:
        holds(
            all(email.isprintable() and email.count("@") == 1 for email in person.emails),
            "an address is one address",
        )
        holds(
            person.key.encode() and person.role in {"pupil", "parent", "staff", "governor"},
            "a person has a role",
        )


def _table(chance: random.Random) -> None:
    events = [
        Event(AT, texts.line(chance), texts.text(chance, 3), texts.line(chance))
        for _ in range(chance.randint(1, 3))
    ]
    written = as_csv(events, ZoneInfo("Europe/London")).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written, newline="")))
    holds(
        [len(row) for row in rows] == [5] * (len(events) + 1),
        "a table has the rows and cells that were written",
    )
    for row, event in zip(rows[1:], events, strict=True):
        for cell, said in zip(row[2:], event[1:], strict=True):
            holds(not cell.startswith(FORMULAS), "no cell begins as a formula does")
            holds(
                cell.removeprefix("'") == said.encode("utf-8", "replace").decode().removeprefix("'"),
                "a cell says what was said",
            )


@contextmanager
def _written(style: Literal["text", "json"]) -> Iterator[io.StringIO]:
    """What the service's own log writes meanwhile, in this style."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level, off = root.handlers[:], root.level, root.manager.disable
    lines = io.StringIO()
    try:
        logging.disable(logging.NOTSET)
        logs.configure("info", style)
        handler = root.handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(lines)
        yield lines
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(off)


def _logged(chance: random.Random) -> None:
    style: Literal["text", "json"] = chance.choice(("text", "json"))
    said = texts.text(chance)
    with _written(style) as lines:
        if chance.random() < 0.5:
            values = {chance.choice(("reply", "fault", "error", "account")): said, "text": "kept out"}
            structlog.get_logger("schoolgate").info("mail refused", **values)
        else:
            logging.getLogger("library").warning("%s", said)
    line = lines.getvalue().removesuffix("\n")
    holds(
        line.isprintable() and "kept out" not in line,
        "a log entry is one line of known keys that steers no terminal",
    )
    if style == "json":
        json.loads(line)


PROMISE = "An office's file is read as people and lines, or one sentence says why not"
TARGETS = (
    Target("register", PROMISE, "exports of five kinds, broken", _register, 1_500),
    Target(
        "table",
        "No cell of a table is a formula, no row two",
        "texts in an exported chronology",
        _table,
        14_000,
    ),
    Target(
        "log",
        "A log entry is one line of known keys, whatever it quotes",
        "texts in log entries, JSON and plain",
        _logged,
        2_500,
    ),
)
