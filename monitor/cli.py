"""The command line: `schoolgate` and `python3 -m monitor`. Words and options only; the work is in monitor/commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__, cli_backups, cli_holds, cli_subject, cli_tuning
from monitor.cli_evidence import evidence_app
from monitor.cli_keys import keys_app
from monitor.cli_options import Config, Json
from monitor.cli_quarantine import quarantine_app
from monitor.cli_reports import report_app
from monitor.cli_sign_ins import sign_ins_app
from monitor.commands.opened import sentences
from monitor.domain import Role

app = typer.Typer(
    name="schoolgate",
    help="Watches a school's official social accounts and brings what matters to the right person.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
register_app = typer.Typer(no_args_is_help=True, help="The school office's records.")
claim_app = typer.Typer(no_args_is_help=True, help="Families' claims to their accounts.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(register_app, name="register")
app.add_typer(claim_app, name="claim")
app.add_typer(db_app, name="db")
app.add_typer(evidence_app, name="evidence")
app.add_typer(keys_app, name="keys")
app.add_typer(sign_ins_app, name="sign-ins")
app.add_typer(report_app, name="report")
app.add_typer(quarantine_app, name="quarantine")
cli_tuning.add_to(app)
cli_backups.add_to(db_app)
cli_holds.add_to(app)
cli_subject.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"schoolgate {__version__}")
        raise typer.Exit


@app.callback()
def _all(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    pass


@app.command()
def init(
    target: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("config.toml"),
) -> None:
    """Ask what is needed and write a configuration that only you can read."""
    from monitor.commands.setting_up import init as work

    with sentences():
        work(target)


@app.command()
def run(config: Config = None) -> None:
    """Run the service until it is told to stop."""
    from monitor.commands.service import run as work

    with sentences():
        work(config)


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Play the whole day, say how it went, and stop.")
    ] = False,
    as_json: Json = False,
    port: Annotated[int, typer.Option(help="Where the page answers; 0 lets the system choose.")] = 0,
) -> None:
    """A whole invented school day on this machine: networks, mail and page are local."""
    from monitor.commands.demo import demo as work

    with sentences():
        raise typer.Exit(work(once=once, as_json=as_json, port=port))


@app.command("check-config")
def check_config(
    config: Config = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask the networks and the mail server.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say everything that is wrong with the configuration."""
    from monitor.commands.checks import check_config as work

    with sentences():
        raise typer.Exit(work(config, online=online, as_json=as_json))


@app.command()
def doctor(config: Config = None, as_json: Json = False) -> None:
    """Say what is not well with the service, the machine, the database, the networks and the mail: 1 when it is
    Schoolgate or this machine, 75 when it is a network or the mail, 0 when nothing is urgent.
    """
    from monitor.commands.doctor import doctor as work

    with sentences():
        raise typer.Exit(work(config, as_json=as_json))


@app.command()
def poll(
    config: Config = None,
    once: Annotated[bool, typer.Option("--once", help="Required: one turn, now.")] = False,
    account: Annotated[str | None, typer.Option(help="Only this account's key.")] = None,
    as_json: Json = False,
) -> None:
    """Poll now, by hand: read, judge, tell, send."""
    from monitor.commands.service import poll_once as work

    if not once:
        raise typer.BadParameter(
            "polling goes on by itself under `schoolgate run`; write `poll --once` for one turn"
        )
    with sentences():
        work(config, account, as_json=as_json)


@app.command()
def assess(
    text: Annotated[
        str | None, typer.Argument(help="The text to judge; without it, a file or standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Read this file instead.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines {"id","text"} in, lines {"id","severity","findings"} out.')
    ] = False,
    register: Annotated[
        Path | None, typer.Option("--register", help="A register (CSV) to look for names from.")
    ] = None,
    model: Annotated[bool, typer.Option(help="Use the model beside the rules.")] = True,
) -> None:
    """Judge a text on the spot; nothing is stored or sent."""
    from monitor.commands.judging import assess as work

    if text is not None and (jsonl or file):
        raise typer.BadParameter("give a text, or say where to read from: not both")
    with sentences():
        raise typer.Exit(work(text, file=file, jsonl=jsonl, register=register, model=model))


@app.command()
def digest(
    config: Config = None,
    preview: Annotated[bool, typer.Option("--preview", help="Required: show it, send nothing.")] = False,
    role: Annotated[Role, typer.Option(help="Whose digest.")] = Role.OFFICE,
) -> None:
    """Show today's digest."""
    from monitor.commands.records import preview_digest as work

    if not preview:
        raise typer.BadParameter(
            "the digest goes out by itself under `schoolgate run`; write `digest --preview`"
        )
    with sentences():
        work(config, role)


@app.command("send-test-mail")
def send_test_mail(
    config: Config = None, role: Annotated[Role, typer.Option(help="To whom.")] = Role.IT
) -> None:
    """Send a mail that says that mail works."""
    from monitor.commands.checks import send_test_mail as work

    with sentences():
        raise typer.Exit(work(config, role))


@register_app.command("import")
def register_import(
    file: Annotated[Path, typer.Argument(help="The office's export, as CSV.")],
    config: Config = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, store nothing.")
    ] = False,
    confirm_shrink: Annotated[
        bool, typer.Option("--confirm-shrink", help="Yes, more than a fifth of the register leaves.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import the school office's records; only keyed hashes are stored."""
    from monitor.commands.records import import_register as work

    with sentences():
        raise typer.Exit(work(config, file, dry_run=dry_run, confirm_shrink=confirm_shrink, as_json=as_json))


@claim_app.command("letters")
def claim_letters(
    file: Annotated[Path, typer.Argument(help="The office's export, as CSV; the one that was imported.")],
    config: Config = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="The folder for the letters; only you can read them.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many letters there would be, write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Letters that ask families which account is theirs: to print, to merge, and one for the newsletter."""
    from monitor.commands.letters import letters as work

    if target is None and not dry_run:
        raise typer.BadParameter("say where the letters go: --out FOLDER; or look first with --dry-run")
    with sentences():
        raise typer.Exit(work(config, file, target=target, dry_run=dry_run, as_json=as_json))


@app.command()
def prune(
    config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, remove nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Remove now what may no longer be kept; under `schoolgate run` that happens once a day by itself."""
    from monitor.commands.records import prune as work

    with sentences():
        work(config, dry_run=dry_run, as_json=as_json)


@db_app.command("upgrade")
def db_upgrade(config: Config = None) -> None:
    """Bring the database to this version's shape (an older one is backed up first)."""
    from monitor.commands.records import upgrade as work

    with sentences():
        work(config)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def test(context: typer.Context) -> None:
    """Run the test suite; everything after `test` goes to pytest. Works in a source checkout."""
    from monitor.commands.setting_up import test as work

    with sentences():
        raise typer.Exit(work(context.args))


def main() -> None:
    """The entry point, after the bootstrap."""
    app(prog_name="schoolgate" if Path(sys.argv[0]).name == "schoolgate" else "python3 -m monitor")
