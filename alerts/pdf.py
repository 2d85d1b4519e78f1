"""Values to a printable A4 page: our own Typst template, the values beside it as JSON, so that no word is ever markup.

Pure: reads its template, no clock, no database, no network. A character that no font at hand can show is named in
brackets, so that the paper says what stood there.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from monitor.errors import MonitorError

_HERE = Path(__file__).parent / "templates" / "pdf"
# What Typst's own Libertinus and DejaVu show: tests/alerts/test_pdf.py sets every one of them.
_SHOWN = (
    *((0x20, 0x7E), (0xA0, 0x377), (0x37A, 0x4FF), (0x1E00, 0x1EFF)),  # Latin, Greek, Cyrillic
    *((0x5D0, 0x5EA), (0x621, 0x63A), (0x640, 0x652)),  # Hebrew, Arabic
    *((0x2010, 0x2027), (0x2030, 0x2040), (0x20A0, 0x20C0), (0x2190, 0x23FF), (0x2460, 0x262F)),  # signs
)
_EXTRA = frozenset("\n✔✖✓✗")


def pdf(template: str, values: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """The PDF (tagged, PDF/UA-1) of `templates/pdf/<template>.typ`; the same input gives the same bytes.

    `values` are JSON: text, numbers, lists, dicts of them. `made_at` is aware and stands in the file's own data.
    Raises MonitorError when it cannot be set.
    """
    data = json.dumps(showable(values) | {"made": made_at.isoformat()}, ensure_ascii=False)
    try:
        made = typst.compile(
            _HERE / f"{template}.typ",
            root=_HERE,
            sys_inputs={"data": data},
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise MonitorError(f"{template}.pdf could not be made: the page does not set; report this") from error
    assert isinstance(made, bytes)
    return made


def showable(value: Any) -> Any:
    """The same value with every character in it that paper cannot show named in brackets."""
    if isinstance(value, str):
        return "".join(map(_showable, value))
    if isinstance(value, Mapping):
        return {str(key): showable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [showable(one) for one in value]
    return value


def _showable(char: str) -> str:
    at = ord(char)
    invisible = unicodedata.category(char).startswith("C")
    if char in _EXTRA or (not invisible and any(first <= at <= last for first, last in _SHOWN)):
        return char
    return f"[{unicodedata.name(char, f'U+{at:04X}').lower()}]"
