"""The running service's judge, by rules alone, for tests that need no network."""

from __future__ import annotations

from monitor.detectors import Model, load_rules
from monitor.domain import Role
from monitor.judging import Judges
from monitor.settings import Settings
from monitor.store import Store
from tests.making import HOURS

NAMES = {
    Role.HEADTEACHER: "Asha Quill",
    Role.DEPUTY: "Ben Lark",
    Role.DSL: "Cara Finch",
    Role.ESAFETY: "Gwen Rook",
    Role.OFFICE: "Dot Wren",
    Role.IT: "Eli Crane",
    Role.CHAIR: "Fay Teal",
}


def judges(store: Store, *, model: Model | None = None, **detection: object) -> Judges:
    """`detection`: keys of the configuration's table."""
    settings = Settings.model_validate(
        {
            "school": {"name": "St Elsewhere Primary School", "case_prefix": "SM"},
            "roles": {
                role.value: {"name": name, "email": f"{role.value}@stmarys.example"}
                for role, name in NAMES.items()
            },
            "mail": {
                "host": "127.0.0.1",
                "auth": "none",
                "sender": "alerts@stmarys.example",
                "allowed_recipient_domains": ["stmarys.example"],
            },
            "page": {"public_url": "https://gate.stmarys.example"},
            "detection": detection,
            "storage": {"master_key": b"k" * 32},
        }
    )
    return Judges(settings, store, load_rules(), HOURS, model)
