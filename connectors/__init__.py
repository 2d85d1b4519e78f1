"""The networks. `CONNECTORS` names them; nothing else does.

How to write one:

1. `connectors/<network>.py` with a class that inherits `connectors.connection.Connection` (or has the shape of
   `monitor.ports.Connector`) and gives `network`, `title`, `reads`, `actions` (every ActionKind, truthfully) and
   `Settings`, a model that inherits `NetworkSettings`: what the account's table may hold beside the common keys.
   Where one file grows past 200 lines, what speaks to the SDK moves to `<network>_client.py`, what makes items to
   `<network>_items.py`, and sentences for people to `<network>_words.py`, as for X and Facebook.
2. It is built as `Class(key, settings, clock=clock)` and speaks through `connectors.http.Session`, never otherwise.
3. Its cursor is any text; only it reads it. Items are oldest first; a page that was returned is never asked for twice
   on purpose, and one that is asked for twice does no harm.
4. `_explain` knows the network's own error codes; all else becomes a ConnectorError in `connectors.answers`.
5. `tests/connectors/test_<network>.py` runs the suite of `tests/connectors/contract.py` on it.
6. One line below, its rows in config.example.toml and in the README's table.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from monitor.errors import ConfigError
from monitor.ports import Clock, Connector

if TYPE_CHECKING:
    from connectors.connection import Connection

CONNECTORS: Mapping[str, str] = {
    "facebook": "connectors.facebook:FacebookConnector",
    "x": "connectors.x:XConnector",
}


def connector_class(network: str) -> type[Connection]:
    """The class for a network, imported now. ConfigError for a network that nobody wrote."""
    if network not in CONNECTORS:
        near = get_close_matches(network, CONNECTORS, n=1)
        cure = f"did you mean {near[0]}?" if near else f"write one of {', '.join(sorted(CONNECTORS))}"
        raise ConfigError([f"network: {network!r} is not a network that Schoolgate knows; {cure}"])
    module, _, name = CONNECTORS[network].partition(":")
    found: type[Connection] = getattr(import_module(module), name)
    return found


def account_problems(network: str, settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with an account's own keys, one "key: what; cure" a problem; never a value."""
    try:
        connector_class(network).Settings(**settings)
    except ConfigError as error:
        return list(error.problems)
    except ValidationError as error:
        return [
            _sentence(network, problem) for problem in error.errors(include_input=False, include_url=False)
        ]
    return []


def build(
    network: str, settings: Mapping[str, Any], *, key: str, clock: Clock, handle: str = ""
) -> Connector:
    """A connector for one account: `settings` are its own keys, `key` and `handle` its common ones.

    ConfigError with every problem. Nothing is asked of the network yet.
    """
    found = connector_class(network)
    problems = account_problems(network, settings)
    if problems:
        raise ConfigError(problems)
    return found(key, found.Settings(**{"handle": handle, **settings}), clock=clock)


def profile_reads(network: str) -> int:
    """What a network bills for one person's profile, in units of `Page.reads`; 0 where reading is free."""
    return connector_class(network).profile_reads


def _sentence(network: str, problem: Mapping[str, Any]) -> str:
    where, kind = ".".join(str(part) for part in problem["loc"]), problem["type"]
    found = connector_class(network)
    if kind == "extra_forbidden":
        names = list(found.Settings.model_fields)
        near = get_close_matches(where, names, n=1)
        cure = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(names)}"
        return f"{where}: is no key of an account on {found.title}; {cure}"
    if kind in {"missing", "too_short", "string_too_short"}:
        return f"{where}: is {'missing' if kind == 'missing' else 'empty'}; write it"
    what = str(problem["msg"]).removeprefix("Value error, ").removeprefix(f"{where} ")
    what = what.replace("Input should be", "must be").replace("Input should", "must")
    return f"{where}: {what}" if where else f"network: this account on {found.title} {what}"
