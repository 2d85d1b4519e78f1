"""Templates to answers. The templates are ours and trusted; every value is escaped, and none is ever a template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent
STYLE = (_HERE / "static" / "style.css").read_bytes()
ICON = (_HERE / "static" / "icon.svg").read_bytes()

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_COMMON: dict[str, Any] = {
    "viewer": None,
    "pages": (),
    "refresh": 0,
    "school": "",
    "version": "",
    "sign_out": "",
}


def render(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Raises jinja2.UndefinedError when `values` lacks a name, so that a gap shows in a test."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(_COMMON | values), status_code=status)
