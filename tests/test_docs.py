"""What is written about Schoolgate is true: commands, options, networks, tables, categories, links, the unit, the version."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bench.faults import MEASURED
from connectors import CONNECTORS, account_problems, connector_class
from monitor import __version__
from monitor.cli import app
from monitor.config import load
from monitor.domain import ActionKind, ItemKind, Means
from monitor.settings import Settings
from monitor.triage import CATEGORIES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
UNIT = ROOT / "systemd" / "schoolgate.service"
EXAMPLE = ROOT / "config.example.toml"

COMMAND = re.compile(r"(?:^|[`/ ])(?:schoolgate|python3? -m monitor)((?: +[^`#|\n]+)?)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SPOKEN = {  # the README's words for what a network can do
    ActionKind.HIDE: "hide",
    ActionKind.UNHIDE: "unhide",
    ActionKind.DELETE: "delete",
    ActionKind.BLOCK: "block",
    ActionKind.ACCEPT_FOLLOWER: "accept a follower",
    ActionKind.REMOVE_FOLLOWER: "remove a follower",
    ActionKind.REPORT: "report",
}
MEANS = {Means.BY_API: "yes", Means.GUIDED: "by hand", Means.NONE: "no"}


def commands(
    group: typer.core.TyperGroup | None = None, before: str = ""
) -> dict[str, typer.core.TyperCommand]:
    """Every command by its words, such as "register import"."""
    group = group or get_command(app)  # type: ignore[assignment]
    found = {}
    for name, one in group.commands.items():  # type: ignore[union-attr]
        words = f"{before}{name}"
        found |= commands(one, f"{words} ") if hasattr(one, "commands") else {words: one}
    return found


COMMANDS = commands()


def written_commands() -> Iterator[tuple[str, str]]:
    """(page, arguments) of every command that a page tells its reader to type."""
    for page in PAGES:
        text = page.read_text("utf-8").replace("\\\n", " ")
        shells = [body for kind, body in FENCE.findall(text) if kind in {"sh", "console"}]
        inline = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
        for line in [line for body in shells for line in body.splitlines()] + inline:
            for found in COMMAND.finditer(line):
                arguments = re.split(r" (?:\||&&|>)", found[1])[0].strip()
                if not arguments.startswith((".", "/")):
                    yield page.name, arguments


def table_rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its two first lines."""
    lines = text.split(f"{heading}\n", 1)[1].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]


def test_the_readme_names_every_command():
    named = [cells[0] for cells in table_rows(README, "## Commands")[1:]]
    for words in COMMANDS:
        assert any(re.match(rf"`schoolgate {words}\b", cell) for cell in named), words
    assert len(named) == len(COMMANDS)


def test_every_command_that_a_page_writes_exists_with_its_options():
    checked = 0
    for page, arguments in written_commands():
        words = shlex.split(arguments)
        options = [word.split("=")[0] for word in words if word.startswith("-")]
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else (words or [""])[0]
        if name in {"", "-h", "--help", "--version", "--install-completion"}:
            continue
        assert name in COMMANDS, f"{page}: schoolgate {arguments}"
        if name == "test":  # everything goes on to pytest
            continue
        known = {option for one in COMMANDS[name].params for option in one.opts}
        assert set(options) <= known, f"{page}: schoolgate {arguments}"
        checked += 1
    assert checked > 20


def test_the_readme_names_every_network_and_what_it_can_do():
    header, *rows = table_rows(README, "## What each network can and cannot do")
    columns = {
        name: number for number, cell in enumerate(header) for name in CONNECTORS if f"`{name}`" in cell
    }
    assert columns.keys() == CONNECTORS.keys()
    cells = {row[0]: row for row in rows}
    for network, column in columns.items():
        made = connector_class(network)
        for action, words in SPOKEN.items():
            said = cells[words][column]
            assert re.match(rf"{MEANS[made.actions[action].means]}\b", said), f"{network}: {words}: {said}"
        listed = cells["followers"][column].strip("*")
        assert listed.startswith("yes" if ItemKind.FOLLOWER in made.reads else "no"), network
    assert SPOKEN.keys() == set(ActionKind)


def test_every_network_has_its_section_on_tokens():
    text = (ROOT / "docs" / "networks.md").read_text("utf-8")
    for network in CONNECTORS:
        assert f"\n## {connector_class(network).title}" in text


def test_the_readme_names_every_table_of_the_configuration():
    named = re.findall(
        r"\[+([a-z_]+)\]+", " ".join(row[0] for row in table_rows(README, "## Configuration")[1:])
    )
    assert named == list(Settings.model_fields)
    example = tomllib.loads(EXAMPLE.read_text("utf-8"))
    assert example.keys() <= set(named)


def test_the_readme_tells_every_category_as_it_is_graded():
    told: dict[str, str] = {}
    for names, severity, _ in table_rows(README, "## What is looked for, and who is told")[1:]:
        told |= dict.fromkeys(re.findall(r"`([a-z_.]+)`", names), severity)
    assert told == {name: category.severity.word for name, category in CATEGORIES.items()}


def test_the_readme_says_who_is_told():
    words = {
        "headteacher": "headteacher", "dsl": "DSL", "esafety": "e-safety coordinator", "office": "office",
    }  # fmt: skip
    for names, _, who in table_rows(README, "## What is looked for, and who is told")[1:]:
        for name in re.findall(r"`([a-z_.]+)`", names):
            category = CATEGORIES[name]
            expected = {words[role.value] for role in (*category.roles, *category.pupil_roles)}
            assert {word for word in words.values() if word in who} == expected, name
            assert ("never offered for hiding" in who) is not category.may_hide


def test_every_link_to_a_file_of_ours_leads_there():
    checked = 0
    for page in PAGES:
        text = page.read_text("utf-8")
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), f"{page.name}: {target}"
            assert there.is_relative_to(ROOT)
            if anchor:
                assert anchor in anchors(there.read_text("utf-8")), f"{page.name}: {target}"
            checked += 1
    assert checked > 10


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_changelog_tells_of_this_version():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(__version__)} - \d{{4}}-\d\d-\d\d$", text, re.MULTILINE)


def test_every_dependency_is_justified_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [re.match(r"[\w.-]+", one)[0] for one in project["dependencies"]]  # type: ignore[index]
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert [row[0].strip("`") for row in table_rows(text, "## Dependencies")[1:]] == needed
    extras = [
        re.match(r"[\w.-]+", one)[0] for more in project["optional-dependencies"].values() for one in more
    ]  # type: ignore[index]
    assert [name for name in extras if f"`{name}`" not in text] == []


def test_every_measurement_of_faults_says_what_it_attacks():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = table_rows(
        text, "`bench.faults` runs these, some at once; each is a command of its own (`--full`):"
    )[1:]
    assert sorted(row[0].strip("`") for row in rows) == sorted(MEASURED)


def test_every_file_of_ours_that_the_picture_of_the_stages_names_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Set up, check")[0]
    named = re.findall(r"`((?:alerts|connectors|monitor)/[\w/.]*)`", text)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []


# The service


def credentials() -> dict[str, str]:
    """The unit's credentials: name → file."""
    return dict(re.findall(r"^LoadCredential=([^:\n]+):(\S+)$", UNIT.read_text("utf-8"), re.MULTILINE))


def test_the_unit_gives_each_secret_under_its_own_name():
    given = credentials()
    assert given
    for name, path in given.items():
        assert path == f"/etc/schoolgate/credentials/{name}"
        assert name in (ROOT / "docs" / "install.md").read_text("utf-8"), name


def test_the_example_without_its_files_and_the_unit_s_credentials_are_a_whole_configuration(tmp_path):
    """What docs/install.md tells an administrator to do."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name in credentials():
        (folder / name).write_text("ab" * 32)
    config = tmp_path / "config.toml"
    lines = EXAMPLE.read_text("utf-8").splitlines()
    config.write_text("\n".join(line for line in lines if not re.match(r"\w+_file = ", line)), "utf-8")
    read = load(config, env={"CREDENTIALS_DIRECTORY": str(folder)}, account_check=account_problems)
    assert len(read.account) == len(CONNECTORS)


def test_the_unit_starts_the_command_that_the_installation_makes():
    text = UNIT.read_text("utf-8")
    started = re.search(r"^ExecStart=(\S+)/bin/schoolgate run --config (\S+)$", text, re.MULTILINE)
    assert started is not None
    guide = (ROOT / "docs" / "install.md").read_text("utf-8")
    assert f"python3 -m venv {started[1]}\n" in guide
    assert started[2] in guide


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_the_unit_is_as_closed_as_it_says(tmp_path):
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": str(tmp_path)},
    )
    level = re.search(r"exposure level for schoolgate\.service: ([\d.]+)", said.stdout)
    assert level is not None, said.stderr
    assert float(level[1]) <= 1.1


# What must not be in it


def test_no_file_tells_where_it_was_written():
    """The tree must make sense anywhere: no path of the machine that somebody worked on."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is not a git checkout")
    forbidden = ["/" + "work/", "/" + "root/", "/tmp/" + "PLAN"]
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file() or path.suffix in {".png", ".lock"}:
            continue
        text = path.read_text("utf-8", errors="replace")
        assert not [word for word in forbidden if word in text], name


def test_no_secret_and_no_database_gets_into_git(tmp_path):
    for name in (
        "secrets/x-main.token",
        "state/lock",
        "config.toml",
        "schoolgate.db",
        "schoolgate.db-wal",
    ):
        said = subprocess.run(["git", "check-ignore", "-q", "--no-index", name], cwd=ROOT, check=False)
        if said.returncode == 128:
            pytest.skip("this is not a git checkout")
        assert said.returncode == 0, name
