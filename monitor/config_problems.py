"""Turns what pydantic found into sentences for a technician: `table.key: what is wrong with the value; cure`.

Must never show the value of a secret, nor of a key that does not exist: it may be a secret under a mistyped name.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.config_secrets import is_secret

LONGEST_SHOWN = 60

# pydantic's error types (https://docs.pydantic.dev/latest/errors/validation_errors/) in our words
WRONG = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is far too large",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "string_type": "is not text in quotation marks",
    "string_pattern_mismatch": "has the wrong form",
    "string_too_short": "is too short",
    "string_too_long": "is too long",
    "bool_parsing": "is not true or false",
    "bool_type": "is not true or false",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "model_attributes_type": "is not a table",
    "too_short": "is empty",
    "missing": "is missing",
    "date_type": "is not a date",
    "date_parsing": "is not a date",
    "date_from_datetime_parsing": "is not a date",
    "date_from_datetime_inexact": "is not a date",
    "path_type": "is not the name of a folder",
}


def check(model: type[BaseModel], values: Any, at: str = "", *, also: Iterable[str] = ()) -> list[str]:
    """What `values` would make wrong in `model`, one sentence a problem, each under `at` ("mail", "account.x-main").

    `also` names keys that stand beside the model's own in the same table, for the did-you-mean.
    """
    try:
        model.model_validate(values)
    except ValidationError as error:
        return sentences(error, model, at, also=also)
    return []


def sentences(
    error: ValidationError, model: type[BaseModel], at: str = "", *, also: Iterable[str] = ()
) -> list[str]:
    """The problems of a ValidationError that `model` raised."""
    found: list[str] = []
    details = error.errors(include_url=False, include_context=True)
    for detail in details:
        # a list whose entries are wrong is also "too short", since none of them counted
        inside = [other for other in details if other["loc"][:-1] == detail["loc"]]
        if detail["type"] != "too_short" or not inside:
            found += _sentence(detail, model, at, tuple(also))
    return found


def _sentence(detail: ErrorDetails, model: type[BaseModel], at: str, also: tuple[str, ...]) -> list[str]:
    table, field = _place(model, detail["loc"])
    path = ".".join(filter(None, (at, *_words(detail["loc"]))))
    error_type = detail["type"]
    if error_type == "extra_forbidden":
        return [_unknown(path, str(detail["loc"][-1]), [*_keys(table), *also])]
    if error_type == "value_error":
        return _own_words(
            path, str(detail.get("ctx", {})["error"]), shown(detail, path), is_model=field is None
        )
    if error_type in {"literal_error", "enum"}:
        expected = str(detail.get("ctx", {})["expected"]).replace("'", '"')
        return [f"{path}: {shown(detail, path)}is not one of its values; write {expected}"]
    if error_type in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
        return [f"{path}: {shown(detail, path)}is out of range; {cure(field)}"]
    wrong = WRONG.get(error_type, "has the wrong form")
    value = "" if error_type in {"missing", "too_short"} else shown(detail, path)
    return [f"{path}: {value}{wrong}; {cure(field)}"]


def cure(field: FieldInfo | None) -> str:
    if field is None or not field.description:
        return "see config.example.toml for how it is written"
    if field.examples == ["…"]:
        return f"write {field.description}, or name a file that holds it"
    if not field.examples:
        return f"write {field.description}"
    return f"write {field.description} such as {_toml(field.examples[0])}"


def shown(detail: ErrorDetails, path: str) -> str:
    """The value as it was written, with a space after it; nothing where it is or may be a secret,
    or is about a person (a start-up error goes to the journal)."""
    value = detail["input"]
    if path.rpartition(".")[2] in {"email", "name"} or any(
        is_secret(part.removesuffix("_file")) for part in path.split(".")
    ):
        return ""
    if isinstance(value, SecretStr | SecretBytes | Mapping | list | tuple | BaseModel) or value is None:
        return ""
    text = _toml(value)
    return f"{text} " if len(text) <= LONGEST_SHOWN else ""


def closest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that `name` most likely was meant to be; None where none is near."""
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=cutoff)
    return near[0] if near else None


def _unknown(path: str, name: str, known: list[str]) -> str:
    near = closest(name, [*known, *(f"{each}_file" for each in known if is_secret(each))])
    return f"{path}: is not a key; " + (
        f"did you mean {near}?" if near else f"write one of {', '.join(sorted(known))}"
    )


def _own_words(path: str, message: str, value: str, *, is_model: bool) -> list[str]:
    """A sentence of our own validators. Those of a whole table name their key first, one line a problem."""
    lines = message.splitlines()
    if is_model or any(": " in line.split(";")[0] for line in lines):
        return [f"{path}.{line}" if ": " in line.split(";")[0] else f"{path}: {line}" for line in lines]
    return [f"{path}: {value}{message}"]


def _place(
    model: type[BaseModel], loc: tuple[int | str, ...]
) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The table that holds `loc`, and the field that it names there (None for a table or an unknown key)."""
    table: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for part in loc:
        if isinstance(part, int):
            continue
        field = _keys(table).get(part)
        inner = _model_in(field.annotation) if field else None
        if inner is not None:
            table, field = inner, None if part != loc[-1] else field
        elif field is not None:  # inside a value, such as one entry of a list: the key that holds it
            break
    return table, field


def _keys(table: type[BaseModel] | None) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in table.model_fields.items()} if table else {}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def _words(loc: tuple[int | str, ...]) -> list[str]:
    """("away", 0, "from") is "away[1].from": people count from one."""
    words: list[str] = []
    for part in loc:
        if isinstance(part, int) and words:
            words[-1] += f"[{part + 1}]"
        elif part != "[key]":
            words.append(str(part))
    return words


def _toml(value: Any) -> str:
    if isinstance(value, list) and not all(isinstance(inner, str | int | float) for inner in value):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str | bool | int | float | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return str(value)
