"""Finds every secret of a configuration in the one place it is kept: the file itself, a file of its own, a systemd
credential, or the environment.

Must never put a secret's value into a problem, and never choose silently between two places.
"""

from __future__ import annotations

import base64
import binascii
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretBytes, SecretStr

from monitor.config_values import SLUG
from monitor.errors import ConfigError

# Where a secret may stand in a table of ours, and what a network may call one. Vocabulary, not per network: a new
# network adds a word only where none of these fits.
TABLE_SECRETS = {
    "mail": ("password", "oauth_client_secret"),
    "storage": ("master_key",),
    "watching": ("metrics_token",),
}
OPTIONAL_SECRETS = {"replies": TABLE_SECRETS["mail"]}  # in tables that are there only where they are written
CLAIM_SECRETS = (
    "client_secret",
)  # in each table under [claims], which is there only where it is written; in
# [claims.mail] those of [mail]
ACCOUNT_SECRETS = frozenset(
    {
        *("token", "refresh_token", "access_token", "access_secret", "api_key", "api_secret", "bearer_token"),
        *("app_secret", "app_password", "client_secret", "password"),
    }
)
PREFIX = "SCHOOLGATE_"
KEY_BYTES = 32
UNREAD = "(unread)"
LONGEST_FILE = 65_536  # bytes; tokens are far shorter, and a wrong path may name something huge


def is_secret(name: str) -> bool:
    return name in ACCOUNT_SECRETS or any(name in names for names in TABLE_SECRETS.values())


class _UnreadableError(Exception):
    pass


@dataclass(slots=True)
class Secrets:
    """One look through all places. `problems` gathers what is wrong; `inline` the keys whose secret stands in the
    configuration file itself, so that the file's own mode can be judged."""

    folder: Path  # relative files are found from here
    env: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    def fill(self, document: dict[str, Any]) -> None:
        """Replace every secret of `document` by a SecretStr, and every `<name>_file` by what the file holds."""
        for table, names in TABLE_SECRETS.items():
            values = document.setdefault(table, {})
            if isinstance(values, dict):
                for name in names:
                    self._fill_one(values, name, path=f"{table}.{name}", credential=f"{table}.{name}")
        self._fill_optional(document)
        self._decode_master_key(document["storage"])
        claims = document.get("claims")
        for network, values in claims.items() if isinstance(claims, dict) else ():
            if isinstance(values, dict):
                for name in TABLE_SECRETS["mail"] if network == "mail" else CLAIM_SECRETS:
                    path = f"claims.{network}.{name}"
                    self._fill_one(values, name, path=path, credential=path)
        self._fill_services(document.get("sign_in"))
        accounts = document.get("account")
        for number, account in enumerate(accounts if isinstance(accounts, list) else [], start=1):
            if isinstance(account, dict):
                at = account_path(number, account)
                key = at.partition(".")[2]
                for name in sorted(ACCOUNT_SECRETS):
                    self._fill_one(
                        account, name, path=f"{at}.{name}", credential=f"{key}.{name}" if key else ""
                    )

    def _fill_optional(self, document: dict[str, Any]) -> None:
        for table, names in OPTIONAL_SECRETS.items():
            values = document.get(table)
            if isinstance(values, dict):
                for name in names:
                    self._fill_one(values, name, path=f"{table}.{name}", credential=f"{table}.{name}")

    def _fill_services(self, sign_in: Any) -> None:
        services = sign_in.get("oidc") if isinstance(sign_in, dict) else None
        for name, values in services.items() if isinstance(services, dict) else ():
            if isinstance(values, dict):
                path = f"sign_in.oidc.{name}.client_secret"
                self._fill_one(values, "client_secret", path=path, credential=path)

    def _fill_one(self, values: dict[str, Any], name: str, *, path: str, credential: str) -> None:
        places = list(self._places(values, name, path, credential))
        tried = bool(places or values.keys() & {name, f"{name}_file"})
        values.pop(f"{name}_file", None)
        given = values.pop(name, None)
        if tried:  # what stays unread is told here, once: this stands in for it in the checks that follow
            values[name] = SecretStr(UNREAD)
        if len(places) > 1:
            ways = " and by ".join(place for place, _ in places)
            self.problems.append(f"{path}: is given twice, by {ways}; keep one")
        elif places:
            place, source = places[0]
            try:
                text = source if isinstance(source, str) else _read(source, _others(place, name))
                values[name] = SecretStr(_one_line(text))
            except _UnreadableError as problem:
                self.problems.append(f"{path}: {_where(place, source)} {problem}")
        if given is not None and not isinstance(given, str):
            self.problems.append(f"{path}: is not text; write it in quotation marks")

    def _places(
        self, values: dict[str, Any], name: str, path: str, credential: str
    ) -> Iterator[tuple[str, str | Path]]:
        if isinstance(values.get(name), str):
            self.inline.append(path)
            yield path, values[name]
        if f"{name}_file" in values:
            named = values[f"{name}_file"]
            if isinstance(named, str) and named.strip() and "\0" not in named:
                yield f"{path}_file", self.folder / named
            else:
                self.problems.append(
                    f"{path}_file: is not the name of a file; write its path in quotation marks"
                )
        if not credential:
            return
        folder = self.env.get("CREDENTIALS_DIRECTORY")
        if folder and (Path(folder) / credential).exists():
            yield f"the systemd credential {credential}", Path(folder) / credential
        variable = PREFIX + re.sub(r"[^A-Z0-9]", "_", credential.upper())
        if variable in self.env:
            yield variable, self.env[variable]

    def _decode_master_key(self, storage: Any) -> None:
        given = storage.get("master_key") if isinstance(storage, dict) else None
        if isinstance(given, SecretStr):
            text = given.get_secret_value()
            key = decode_key(text)
            if key is None and text != UNREAD:
                self.problems.append(
                    f"storage.master_key: is not {KEY_BYTES} bytes in base64 or hex; "
                    "put the key back from its paper copy, or let `schoolgate init` make a first one"
                )
            storage["master_key"] = SecretBytes(key or b"")


def key_file(path: Path) -> bytes:
    """The master key in a file that only its owner may read; ConfigError in one sentence where there is none."""
    try:
        key = decode_key(_one_line(_read(path, _others("_file", "master_key"))))
    except _UnreadableError as problem:
        raise ConfigError([f"the file {path} {problem}"]) from None
    if key is None:
        raise ConfigError([f"the file {path} does not hold {KEY_BYTES} bytes in base64 or hex; name another"])
    return key


def account_path(number: int, account: Mapping[str, Any]) -> str:
    """How problems name an account: by its key where that is one, else by its place in the file, counted from one."""
    key = account.get("key")
    return f"account.{key}" if isinstance(key, str) and SLUG.fullmatch(key) else f"account[{number}]"


def decode_key(text: str) -> bytes | None:
    """The 32 bytes that base64 (either alphabet, padding optional) or hex stand for; None for anything else."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    try:
        key = base64.b64decode(text.translate(str.maketrans("-_", "+/")).rstrip("=") + "=", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _where(place: str, source: str | Path) -> str:
    """Names the file by its path, since that is where the cure is applied; never what it holds."""
    if isinstance(source, Path):
        return f"the file {source}"
    return "its text" if "." in place else f"the environment variable {place}"


def _one_line(text: str) -> str:
    line = text.removeprefix("\ufeff").strip()
    if not line:
        raise _UnreadableError("is empty; put the secret there, or remove the key")
    if len(line.splitlines()) > 1 or not line.isprintable():
        raise _UnreadableError("holds more than one line of plain text; keep only the secret in it")
    return line


def _others(place: str, name: str) -> int:
    """Which rights nobody but the owner (and, for all but the master key, the group) may have on a secret's file. A
    credential's folder is private by itself."""
    if not place.endswith("_file"):
        return 0
    return stat.S_IRWXG | stat.S_IRWXO if name == "master_key" else stat.S_IROTH | stat.S_IWOTH


def _read(path: Path, barred: int = 0) -> str:
    """The text of a secret's file. `barred`: the rights in its mode that make it open to others."""
    try:
        mode = path.stat()
        if not stat.S_ISREG(mode.st_mode):
            raise _UnreadableError("is not a plain file; name the file that holds the secret")
        if mode.st_size > LONGEST_FILE:
            raise _UnreadableError("is too large for a secret; name the file that holds only the secret")
        if mode.st_mode & barred:
            whom = "everybody" if mode.st_mode & (stat.S_IROTH | stat.S_IWOTH) else "others"
            raise _UnreadableError(f"is open to {whom} on this machine; run `chmod 600 {path}`")
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise _UnreadableError("is not there; create it, or correct its path") from None
    except UnicodeDecodeError:
        raise _UnreadableError("is not plain text; keep only the secret in it") from None
    except OSError as error:
        raise _UnreadableError(
            f"cannot be read ({error.strerror}); let the service's account read it"
        ) from None
