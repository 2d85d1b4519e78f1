"""Templates to text: subject, plain text and HTML of one mail. Pure; the templates are ours and trusted, the values
are not: every value is escaped in HTML, and no template is ever made of content."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import css_inline
import jinja2

TEMPLATES = Path(__file__).parent / "templates" / "mail"
WIDTH = 76  # columns of plain text; with the mail program's own indent it stays under 78
SUBJECT_LIMIT = 60  # characters; what a phone's lock screen shows of a subject
SEPARATOR = " · "
DRILL = "THIS IS A DRILL: nobody wrote this. Do what you would do with a real one; nothing is done on any network."


class Rendered(NamedTuple):
    subject: str
    text: str
    html: str


def wrapped(text: object, indent: str = "", first: str | None = None) -> str:
    """`text` in lines of at most WIDTH columns; `first` starts the first line, `indent` the others."""
    start = indent if first is None else first
    return textwrap.fill(
        " ".join(str(text).split()),
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def _environment(*, autoescape: bool) -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701 - plain text has nothing to escape; HTML is made with True
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.filters["wrapped"] = wrapped
    return env


_TEXT = _environment(autoescape=False)
_HTML = _environment(autoescape=True)
_INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def rendered(kind: str, values: Mapping[str, Any]) -> Rendered:
    """The three texts of the mail `kind` ("alert", "digest" ...).

    Raises jinja2.UndefinedError when `values` lacks a name, so that a gap shows in a test and not in a mail.
    """
    values = {**values, "drill_says": DRILL}
    subject = " ".join(_TEXT.get_template(f"{kind}.subject").render(values).split())
    if values.get("drill"):
        subject = f"DRILL{SEPARATOR}{subject}"
    while len(subject) > SUBJECT_LIMIT and SEPARATOR in subject:
        subject = subject.rpartition(SEPARATOR)[0]  # what comes last matters least
    text = _TEXT.get_template(f"{kind}.txt").render(values)
    if values.get("drill"):
        text = f"{wrapped(DRILL)}\n\n{text.lstrip()}"
    text = re.sub(r"[ \t]+\n", "\n", re.sub(r"\n{3,}", "\n\n", text.strip())) + "\n"
    html = _INLINER.inline(_HTML.get_template(f"{kind}.html").render(values))
    return Rendered(subject, text, re.sub(r"\n\s*\n+", "\n", html))
