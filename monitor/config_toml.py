"""Finds the configuration file and reads it as TOML; every way in which that fails is one sentence.

Must not quote a line of the file: it may hold a secret.
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError

VARIABLE = "SCHOOLGATE_CONFIG"
HERE = Path("config.toml")
SYSTEM = Path("/etc/schoolgate/config.toml")
LARGEST = 1_048_576  # bytes; a configuration of every key is under 20 kB

# how tomllib's messages start, and what a technician should read instead
WORDS = (
    ("Invalid value", "the value is not understood; put text in quotation marks"),
    ("Expected '=' after", "a key has no = after it; write key = value"),
    (
        "Expected newline or end",
        "something follows the value; put text in quotation marks, and # before a remark",
    ),
    ("Cannot overwrite", "the key is written twice; keep one"),
    ("Cannot declare", "the table is written twice; keep one"),
    ("Cannot mutate", "the table is written twice; keep one"),
    ("Unescaped '\\'", "a \\ stands in double quotation marks; write \\\\, or put the text in 'single' ones"),
    ("Illegal character '\\n'", "a quotation mark is missing at the end of the line; add it"),
    ("Unterminated", "a quotation mark is missing at the end; add it"),
    ("Expected ']'", "a closing ] is missing; add it"),
    ("Unclosed array", "a list has no closing ]; add it"),
    ("Unclosed inline table", "a table in { } has no closing }; add it"),
    ("Invalid initial character for a key", "the line does not start with a key; write key = value"),
    ("Invalid statement", "the line does not start with a key; write key = value, and # before a remark"),
)


def find(path: Path | None, env: Mapping[str, str]) -> Path:
    """The file to load: `path` (--config), else $SCHOOLGATE_CONFIG, else ./config.toml, else /etc/schoolgate/config.toml.

    What is named but absent is an error: the next place is never taken instead. Raises ConfigError.
    """
    named = path or (Path(env[VARIABLE]) if env.get(VARIABLE) else None)
    if named is not None:
        if not named.exists():
            by = "--config" if path else VARIABLE
            raise ConfigError(
                [f"{named}: is not there; correct {by}, or run `schoolgate init` to write a first one"]
            )
        return named
    for place in (HERE, SYSTEM):
        if place.exists():
            return place
    raise ConfigError(
        [
            f"no configuration: looked for --config, ${VARIABLE}, ./{HERE} and {SYSTEM}; run `schoolgate init` to write one"
        ]
    )


def read(path: Path) -> dict[str, Any]:
    """The file as TOML. Raises ConfigError with the file, the line and the cure."""
    try:
        mode = path.stat()
        if not stat.S_ISREG(mode.st_mode):
            raise ConfigError([f"{path}: is not a plain file; name the configuration file itself"])
        if mode.st_size > LARGEST:
            raise ConfigError(
                [f"{path}: is too large for a configuration; name the configuration file itself"]
            )
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error.strerror}); let the account that runs Schoolgate read it"]
        ) from None
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        at = raw[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path} line {at}: is not UTF-8 text; save the file as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_explained(path, str(error), raw.count(b"\n") + 1)]) from None
    except RecursionError:
        raise ConfigError([f"{path}: is nested too deeply; see config.example.toml for its form"]) from None


def _explained(path: Path, message: str, last_line: int) -> str:
    found = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)", message)
    at = int(found[1]) if found and found[1] else last_line
    words = next((words for start, words in WORDS if message.startswith(start)), None)
    return f"{path} line {at}: {words or 'is not TOML; see config.example.toml for how a line is written'}"


def beside(file: Path, table: dict[str, Any], key: str) -> None:
    """Take a path that was written in `table` from the folder of the configuration's file on."""
    written = table.get(key)
    if isinstance(written, str) and written.strip() and "\0" not in written:
        table[key] = str(file.absolute().parent / written)
