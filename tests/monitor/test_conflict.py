from __future__ import annotations

import pytest

from monitor.conflict import named_roles
from monitor.domain import Role

PEOPLE = {
    Role.HEADTEACHER: "Mrs Harriet Penrose",
    Role.DSL: "Mrs Farida Lodhi",
    Role.CHAIR: "Canon Judith Amery",
}


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("The headteacher is on the fiddle", {Role.HEADTEACHER}),
        ("that Head Teacher took it", {Role.HEADTEACHER}),
        ("ask the HEAD where it went", {Role.HEADTEACHER}),
        ("mrs penrose has her hand in the till", {Role.HEADTEACHER}),
        ("Harriet Penrose knows", {Role.HEADTEACHER}),
        ("Mrs. Lodhi shouted at a child", {Role.DSL}),
        ("the chair of governors and Mrs Penrose", {Role.CHAIR, Role.HEADTEACHER}),
        ("the deputy head was drunk", {Role.DEPUTY}),
        ("the safeguarding lead covered it up", {Role.DSL}),
    ],
)
def test_whoever_is_named_is_found(text: str, roles: set[Role]) -> None:
    assert named_roles(text, PEOPLE) == roles


@pytest.mark.parametrize(
    "text",
    [
        "Mr Quill was drunk at the fair",
        "My head hurts",
        "Penrose Street was closed",
        "headed home early",
        "Harriet is lovely",
    ],
)
def test_nobody_is_found_where_nobody_is_named(text: str) -> None:
    assert named_roles(text, PEOPLE) == frozenset()


def test_a_name_is_never_a_pattern() -> None:
    assert named_roles("Mrs P", {Role.DSL: "Mrs (.*"}) == frozenset()
