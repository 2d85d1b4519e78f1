"""Read Graph's `fields` parameter: names, modifiers and nested fields.

comments.summary(true).limit(0).filter(stream){id,from{name}} is one field with three modifiers and two fields inside.
Source: developers.facebook.com/docs/graph-api/guides/field-expansion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from monitor.sandbox.graph_problem import GraphError, syntax

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    inner: tuple[Field, ...] = ()


def parsed(text: str) -> tuple[Field, ...]:
    """The fields of a parameter; GraphError 2500 as Graph words it when it cannot be read."""
    reader = _Reader(text)
    fields = reader.fields()
    if reader.at < len(text):
        raise reader.broken("end of string")
    return fields


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fields(self) -> tuple[Field, ...]:
        found = [self.field()]
        while self.take(","):
            found.append(self.field())
        return tuple(found)

    def field(self) -> Field:
        name = self.name()
        modifiers: dict[str, str] = {}
        while self.take("."):
            modifier = self.name()
            if not self.take("("):
                raise self.broken("(")
            end = self.text.find(")", self.at)
            if end < 0:
                raise self.broken(")")
            modifiers[modifier] = self.text[self.at : end]
            self.at = end + 1
        inner: tuple[Field, ...] = ()
        if self.take("{"):
            inner = self.fields()
            if not self.take("}"):
                raise self.broken("}")
        return Field(name, modifiers, inner)

    def name(self) -> str:
        self.at += len(self.text[self.at :]) - len(self.text[self.at :].lstrip())
        hit = NAME.match(self.text, self.at)
        if hit is None:
            raise self.broken("string")
        self.at = hit.end()
        return hit[0]

    def take(self, sign: str) -> bool:
        found = self.text[self.at :].lstrip()
        if not found.startswith(sign):
            return False
        self.at = len(self.text) - len(found) + len(sign)
        return True

    def broken(self, wanted: str) -> GraphError:
        seen = f'"{self.text[self.at]}"' if self.at < len(self.text) else "end of string"
        return syntax(
            f'Syntax error "Expected {wanted} instead of {seen}." at character {self.at}: {self.text}'
        )
