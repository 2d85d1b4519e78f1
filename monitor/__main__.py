"""Where every start begins: `python3 -m monitor` and the `schoolgate` command.

Standard library only, and readable by old Pythons, until the packages are known to be there.
"""

import sys


def main() -> None:
    """Run the command line; from a source checkout, build `.venv` first and go on inside it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a checkout may meet any Python
        sys.exit(
            "schoolgate: this is Python %d.%d, and Schoolgate needs 3.11 or newer; "  # noqa: UP031 - f-strings are newer
            "start it with a newer one such as `python3.11 -m monitor`" % sys.version_info[:2]
        )
    from monitor import bootstrap

    bootstrap.ensure()

    from monitor.cli import main as run

    run()


if __name__ == "__main__":
    main()
