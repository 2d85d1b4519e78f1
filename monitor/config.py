"""Loads the configuration: one TOML file, secrets from where they are kept, plain keys overridden by the environment.

Reports everything that is wrong at once, each as `table.key: what is wrong with the value; cure`. Must never print a
secret, guess a value, or start with a configuration that would leave a role without a recipient.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeGuard, get_args, get_origin

from pydantic import BaseModel
from pydantic_settings import EnvSettingsSource
from pydantic_settings.exceptions import SettingsError

from monitor.config_detection import detection_problems, place_rules
from monitor.config_kept import kept_problems
from monitor.config_names import address, domain_of, school_domain
from monitor.config_problems import check, closest, sentences
from monitor.config_secrets import PREFIX, Secrets, account_path, is_secret
from monitor.config_toml import SYSTEM, beside, find, read
from monitor.config_values import interval_text, parse_interval
from monitor.domain import Role
from monitor.errors import ConfigError
from monitor.settings import Account, Settings
from monitor.settings_claims import Claims
from monitor.settings_doors import place_doors
from monitor.settings_replies import mailbox_problems

__all__ = [
    "AccountCheck",
    "Settings",
    "check",
    "find",
    "interval_text",
    "load",
    "parse_interval",
    "sentences",
]

# Given a network's name and an account's own keys, says what is wrong, one "key: what; cure" a problem. Only the
# composition root knows the connectors; it passes this in.
AccountCheck = Callable[[str, dict[str, Any]], list[str]]
CLAIM_TABLES = frozenset(f"claims.{network}" for network in Claims.model_fields)
ACCOUNT_KEYS = tuple(name for name in Account.model_fields if name != "settings")
SYSTEM_STATE = Path("/var/lib/schoolgate")


def load(path: Path | None, *, env: Mapping[str, str], account_check: AccountCheck | None = None) -> Settings:
    """The checked settings of the file at `path`, or of the first file that `find` finds.

    Raises ConfigError with every problem. Reads files; changes nothing.
    """
    file = find(path, env)
    document = read(file)
    problems = _unknown_tables(document)
    overridden = _override(document, env, problems)
    secrets = Secrets(file.absolute().parent, env, problems)
    secrets.fill(document)
    problems += _open_file(file, secrets.inline)
    _place_state(document, file, env)
    place_rules(document, file)
    place_doors(document, file)
    if isinstance(document.get("evidence"), dict):
        beside(file, document["evidence"], "timestamp_ca")
    if isinstance(document.get("backup"), dict):
        beside(file, document["backup"], "dir")
    problems += _table_problems(document)
    problems += _account_problems(document, account_check)
    problems += _role_problems(document) + _network_problems(document) + detection_problems(document)
    problems += kept_problems(document)
    problems += mailbox_problems(document)
    if problems:
        raise ConfigError([_told(problem, overridden) for problem in dict.fromkeys(problems)])
    document["account"] = [_split(account) for account in document.get("account", [])]
    return Settings(**document)


class _Environment(EnvSettingsSource):
    """pydantic-settings' own reading of nested variables, from the mapping it is given."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._given = {name.lower(): value for name, value in env.items()}
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given


def _override(document: dict[str, Any], env: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """Lay SCHOOLGATE_MAIL__PORT and its like over the document; returns {"mail.port": the variable}."""
    names: dict[str, str] = {}
    for variable in sorted(env):
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        keys = variable.removeprefix(PREFIX).lower().split("__")
        if keys[0] not in Settings.model_fields or keys[0] == "account":
            problems.append(
                f"{variable}: names no table that the environment can set; unset it, or correct its name"
            )
        elif is_secret(keys[-1]):
            single = f"{PREFIX}{'_'.join(keys).upper()}"
            problems.append(f"{variable}: names a secret; write {single} with single underscores")
        else:
            names[".".join(keys)] = variable
            try:
                _lay(document, _Environment({variable: env[variable]})())
            except SettingsError:
                problems.append(f'{variable}: is not JSON; write a list such as ["mon", "tue"]')
    return names


def _lay(document: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        below = document.get(key)
        if isinstance(value, Mapping) and isinstance(below, dict):
            _lay(below, value)
        else:
            document[key] = value


def _told(problem: str, overridden: Mapping[str, str]) -> str:
    """One printable line, which names the variable where a value came from the environment."""
    line = "".join(character if character.isprintable() else "?" for character in problem)
    path = problem.partition(":")[0]
    return f"{overridden[path]}, {line}" if path in overridden else line


def _unknown_tables(document: dict[str, Any]) -> list[str]:
    problems = []
    for name in [name for name in document if name not in Settings.model_fields]:
        near = closest(name, Settings.model_fields)
        problems.append(
            f"{name}: is not a table of the configuration; "
            + (f"did you mean {near}?" if near else f"write one of {', '.join(Settings.model_fields)}")
        )
        del document[name]
    return problems


def _open_file(file: Path, inline: list[str]) -> list[str]:
    mode = file.stat().st_mode
    if mode & stat.S_IWOTH:
        return [f"{file}: can be changed by everybody on this machine; run `chmod 600 {file}`"]
    if inline and mode & stat.S_IROTH:
        return [f"{file}: holds {', '.join(inline)} and is open to everybody; run `chmod 600 {file}`"]
    return []


def _place_state(document: dict[str, Any], file: Path, env: Mapping[str, str]) -> None:
    """storage.state_dir: as written (from the file's folder), else $STATE_DIRECTORY (systemd.exec(5): colon-separated),
    else /var/lib/schoolgate for the system's file, else `state` beside the file."""
    storage = document.get("storage")
    if not isinstance(storage, dict):
        return
    beside(file, storage, "state_dir")
    if storage.get("state_dir") is None:
        given = env.get("STATE_DIRECTORY", "").partition(":")[0]
        default = SYSTEM_STATE if file == SYSTEM else file.absolute().parent / "state"
        storage["state_dir"] = str(Path(given) if given else default)


def _table_problems(document: dict[str, Any]) -> list[str]:
    """Every table by itself, so that a mistake in one hides none in another."""
    problems: list[str] = []
    for name, field in Settings.model_fields.items():
        kinds = (
            () if get_origin(field.annotation) is tuple else (field.annotation, *get_args(field.annotation))
        )
        model = next(filter(_is_table, kinds), None)
        if model is not None and (field.default is not None or name in document):
            if field.is_required():
                document.setdefault(name, {})  # a table that is absent lacks each of its keys
            if not isinstance(document.get(name, {}), dict):
                problems.append(f"{name}: is not a table; write [{name}] on a line of its own")
            else:
                problems += check(model, document.get(name, {}), name)
    return problems


def _is_table(annotation: Any) -> TypeGuard[type[BaseModel]]:
    """A table, and no list of tables: `[[account]]` is looked at by itself."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _split(account: dict[str, Any]) -> dict[str, Any]:
    """Our keys as they are, all others under `settings`."""
    own = {key: value for key, value in account.items() if key in ACCOUNT_KEYS}
    return own | {"settings": {key: value for key, value in account.items() if key not in ACCOUNT_KEYS}}


def _account_problems(document: dict[str, Any], account_check: AccountCheck | None) -> list[str]:
    accounts = document.get("account", [])
    if not isinstance(accounts, list) or not all(isinstance(account, dict) for account in accounts):
        return ["account: is not a list of tables; write [[account]], with two brackets, above each"]
    problems: list[str] = []
    seen: set[str] = set()
    for number, account in enumerate(accounts, start=1):
        key = account.get("key")
        at = account_path(number, account)
        problems += check(Account, _split(account), at)
        if isinstance(key, str):
            same = key.replace("-", "_")
            if same in seen:
                problems.append(f"{at}.key: is given to two accounts; write a key of its own for each")
            if key in Settings.model_fields or same.replace("_", ".") in CLAIM_TABLES:
                problems.append(
                    f"{at}.key: is the name of a table, which secrets are named by; write another"
                )
            seen.add(same)
        if account_check is not None and isinstance(account.get("network"), str):
            others = _split(account)["settings"]
            for name in [name for name in others if closest(name, ACCOUNT_KEYS, cutoff=0.8)]:
                problems.append(f"{at}.{name}: is not a key; did you mean {closest(name, ACCOUNT_KEYS)}?")
                del others[name]  # the connector knows only its own keys, and would offer one of those
            problems += [f"{at}.{wrong}" for wrong in account_check(account["network"], others)]
    return problems


def _role_problems(document: dict[str, Any]) -> list[str]:
    """What only all roles and the mail table together can tell. Looks past what is malformed: that is told elsewhere."""
    roles, mail = document.get("roles"), document.get("mail")
    if not isinstance(roles, dict):
        return []
    held = {role: roles[role] for role in Role if isinstance(roles.get(role), dict)}
    problems = []
    if Role.DSL not in held and Role.ESAFETY not in held:
        problems.append(
            "roles.dsl: is missing, and so is roles.esafety; write a name and email under one of them"
        )
    emails = {role: _or_none(address, person.get("email")) for role, person in held.items()}
    listed = mail.get("allowed_recipient_domains") if isinstance(mail, dict) else None
    allowed = {_or_none(school_domain, name) for name in listed} if isinstance(listed, list) else None
    for role, person in held.items():
        at, email = f"roles.{role}", emails[role]
        if email and allowed and domain_of(email) not in allowed:
            problems.append(
                f"{at}.email: is at {domain_of(email)}, outside mail.allowed_recipient_domains; "
                "write an address of the school's, or list the domain if it is the school's own"
            )
        deputy = person.get("deputy")
        if isinstance(deputy, str) and deputy in set(Role) and (deputy == role or deputy not in held):
            problems.append(
                f"{at}.deputy: names a role that nobody else holds; fill [roles.{deputy}], or remove it"
            )
    safeguarding = emails.get(Role.DSL) or emails.get(Role.ESAFETY)
    if Role.CHAIR not in held and safeguarding and safeguarding == emails.get(Role.HEADTEACHER):
        problems.append(
            "roles.chair: is missing, and what is said about the headteacher would go to the headteacher; "
            "write the chair of governors' name and email"
        )
    return problems


def _network_problems(document: dict[str, Any]) -> list[str]:
    """What is set for a network that no account is on."""
    budget, claims, accounts = document.get("budget"), document.get("claims"), document.get("account", [])
    if not isinstance(accounts, list):
        return []
    networks = [account.get("network") for account in accounts if isinstance(account, dict)]
    reads = budget.get("reads_per_month") if isinstance(budget, dict) else None
    problems = [
        f"budget.reads_per_month.{network}: no account is on this network; correct its name, or remove the line"
        for network in (reads if isinstance(reads, dict) else {})
        if network not in networks
    ]
    problems += [
        f"claims.{network}: no account is on this network; add the account, or remove the table"
        for network in (claims if isinstance(claims, dict) else {})
        if network in Claims.model_fields and network != "mail" and network not in networks
    ]
    return problems


def _or_none(parse: Callable[[str], str], value: Any) -> str | None:
    try:
        return parse(value) if isinstance(value, str) else None
    except ValueError:
        return None
