"""What `bench.detection` measured, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.quality import total

_SUBJECTS = ("rules", "rules + model", "better_profanity", "alt-profanity-check")
_SHARES = (
    ("by function", ("functions", "by_function")),
    ("by group", ("functions", "by_group")),
    ("SCHOOL COMMENTS: right category and severity", ("school", "right")),
    ("SCHOOL COMMENTS: right category", ("school", "named")),
    ("SCHOOL COMMENTS: found at all", ("school", "found")),
    ("SCHOOL COMMENTS: harmless ones that alert somebody", ("school", "alarms")),
    ("DISGUISED: found, of those found in plain words", ("obfuscated", "by_kind")),
    ("PUBLIC SETS, kept from training: hateful texts found", ("hate", "found")),
    ("PUBLIC SETS, kept from training: other texts taken for hateful", ("hate", "alarms")),
    ("ORDINARY MESSAGES, kept from training: those that alert somebody", ("ordinary",)),
    ("OUR OWN LINES, kept from training: category named", ("own", "named")),
    ("OUR OWN LINES, kept from training: found at all", ("own", "found")),
    ("OUR OWN LINES, kept from training: harmless ones that alert somebody", ("own", "alarms")),
)


def show(result: Mapping[str, Any]) -> None:
    print(result["machine"])
    print(f"model: {result['model'] or 'none'}; hold-outs: the {result['half']} files")
    for name, why in result["missing"].items():
        print(f"{name}: {why}")
    subjects = {name: result[name] for name in _SUBJECTS if name in result}
    _functions(subjects)
    for title, path in _SHARES:
        _shares(title, subjects, path)
    _raised(subjects)
    _lone("disguise-like harmless texts that alert somebody", subjects)
    print("\nNAMES, with a register of invented pupils; rules and register alone")
    for kind, pair in result["names"].items():
        print(f"{kind:<40}{_of(pair):>22}")
    print("The last line counts texts in which no pupil is meant and a name was found all the same.")
    _speed(result)
    _lengths(result["speed"]["seconds_by_length"])
    _targets(result)


def _functions(subjects: Mapping[str, Any]) -> None:
    print("\nHATEFUL OR NOT (hold-out of functions)")
    print(f"{'':<24}{'macro-F1':>10}{'recall':>10}{'false':>10}{'gap of groups':>16}")
    for name, row in subjects.items():
        one = row["functions"]
        print(
            f"{name:<24}{one['macro_f1']:>10.1f}{one['recall']:>10.1f}{one['false_positive_rate']:>10.1f}"
            f"{one['group_gap']:>16.1f}"
        )


def _shares(title: str, subjects: Mapping[str, Any], path: tuple[str, ...]) -> None:
    columns: dict[str, Mapping[str, list[int]]] = {}
    for name, row in subjects.items():
        at: Any = row
        for key in path:
            at = at.get(key, {})
        if at:
            columns[name] = at
    if not columns:
        return
    print(f"\n{title}\n{'':<40}" + "".join(f"{name:>22}" for name in columns))
    for key in dict.fromkeys(key for rows in columns.values() for key in rows):
        print(f"{key:<40}" + "".join(f"{_of(rows.get(key, (0, 0))):>22}" for rows in columns.values()))
    print(f"{'all':<40}" + "".join(f"{_of(total(rows)):>22}" for rows in columns.values()))


def _of(pair: Any) -> str:
    right, of = pair
    return f"{right} of {of} ({100 * right / of:.1f} %)" if of else "-"


def _raised(subjects: Mapping[str, Any]) -> None:
    print("\nCRITICAL KINDS raised to high or critical")
    for name, row in subjects.items():
        if "critical_raised" in row["school"]:
            print(f"{name:<40}{_of(row['school']['critical_raised']):>22}")


def _lone(title: str, subjects: Mapping[str, Any]) -> None:
    for name, row in subjects.items():
        if "obfuscated" in row:
            print(f"{title}, {name}: {_of(row['obfuscated']['alarms'])}")


def _speed(result: Mapping[str, Any]) -> None:
    print(f"\nSPEED of one core, processor time\n{'':<44}{'texts/s':>10}{'p50 ms':>10}{'p99 ms':>10}")
    for name, row in result["speed"].items():
        if "texts_a_second" in row:
            times = "".join(
                f"{row[key]:>10.2f}" if key in row else f"{'-':>10}" for key in ("p50_ms", "p99_ms")
            )
            print(f"{name:<44}{row['texts_a_second']:>10.0f}{times}")
    for name, why in result["missing"].items():
        print(f"{name}: {why}")
    print(
        "As the service: in a thread, one after another, each with its verdict, without what is then stored."
    )
    print(f"\nA FRESH PROCESS\n{'':<44}{'load s':>10}{'MiB':>10}{'at most':>10}")
    for name, row in result["fresh_process"].items():
        print(f"{name:<44}{row['load_s']:>10.2f}{row['rss_mib']:>10.0f}{row['peak_mib']:>10.0f}")


def _lengths(lengths: Mapping[str, Mapping[int, float]]) -> None:
    """Microseconds a character too: where the cost is linear it stays the same."""
    print("\nCOST OF ONE LONG TEXT: milliseconds (microseconds a character)")
    print(f"{'characters':<12}" + "".join(f"{name:>24}" for name in lengths))
    for size in dict.fromkeys(size for row in lengths.values() for size in row):
        cells = [_cost(row[size], int(size)) if size in row else "-" for row in lengths.values()]
        print(f"{int(size):<12,}" + "".join(f"{cell:>24}" for cell in cells))
    print(
        "Ours judges the first 65,536 and the last 4,096 characters of a text. A dash: the one before took too long."
    )


def _cost(seconds: float, size: int) -> str:
    return f"{1000 * seconds:.1f} ({1e6 * seconds / size:.2f})"


def _targets(result: Mapping[str, Any]) -> None:
    print(f"\nTARGETS\n{'':<56}{'measured':>12}{'bound':>20}  reached?")
    for row in result["targets"]:
        measured = "-" if row["measured"] is None else f"{row['measured']:,.2f}"
        said = {None: "not measured in this run", True: "yes", False: "NO"}[row["reached"]]
        bound = f"{row['is']} {row['bound']:,}"
        print(f"{row['target']:<56}{measured:>12}{bound:>20}  {said}")
    if result["small"]:
        print("These are of few texts: run it without --quick and --most before concluding anything.")
