"""Checks an evidence export of Schoolgate. Needs Python 3.10 or newer and nothing else:  python3 verify.py

It reads the files beside it, sends nothing anywhere and changes nothing. 0: everything holds; 1: it does not.
"""

import hashlib
import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

BOUND = re.compile(r"sha256 ([0-9a-f]{64}), case (\S+), ")


def main() -> int:
    """Check the folder that this file is in, or the one that is named."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        problems = files(folder, manifest)
        audit = json.loads((folder / "audit.json").read_text("utf-8"))
        problems += chain(audit, manifest) + evidence(folder, manifest, audit)
    except (OSError, ValueError, KeyError, TypeError) as error:
        problems = [f"this is not a whole export: {error}"]
        manifest = {}
    for problem in problems:
        print(f"WRONG: {problem}")
    if problems:
        print("This export does not hold. Ask the school for a new one, and keep this one as it is.")
        return 1
    own = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    number, pieces = len(manifest["files"]), len(manifest["evidence"])
    print(
        f"All {number} files, {pieces} piece{'' if pieces == 1 else 's'} of evidence and the audit log's part hold."
    )
    print(f"Manifest SHA-256: {own}")
    print("Audit log's head: entry {}, {}".format(manifest["head"]["seq"], manifest["head"]["hash"]))
    print(
        "The school's own log names this manifest, and its daily mails name the log's heads: ask for both to compare."
    )
    return 0


def files(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Every file that the manifest names is there as it was, and there is no other."""
    problems = []
    for name, told in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != told["sha256"]:
            problems.append(f"{name} was changed")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    extra = sorted(name for name in there if "__pycache__" not in name)
    problems += [
        f"{name} is no part of this export"
        for name in extra
        if name not in manifest["files"] and name != "manifest.json"
    ]
    return problems


def chain(audit: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
    """Each entry follows from the one before, up to the head that the sheets name."""
    problems = []
    entries = audit["entries"]
    for before, entry in itertools.pairwise(entries):
        if entry["seq"] != before["seq"] + 1 or entry["prev_hash"] != before["hash"]:
            problems.append("audit entry {} does not follow entry {}".format(entry["seq"], before["seq"]))
    changed = [one for one in entries if "event" in one and one["hash"] != digest(audit["school_id"], one)]
    problems += ["audit entry {} was changed".format(entry["seq"]) for entry in changed]
    last = {"seq": entries[-1]["seq"], "hash": entries[-1]["hash"]} if entries else None
    if not last == audit["head"] == manifest["head"]:
        problems.append("the audit log's part does not end at the head that the manifest names")
    return problems


def digest(school: str, entry: dict[str, Any]) -> str:
    """The hash of one entry: SHA-256 of the hash before it and its fields as JSON."""
    fields = [school] + [entry[key] for key in ("seq", "at", "actor", "event", "thing", "detail")]
    return hashlib.sha256((entry["prev_hash"] + json.dumps(fields, ensure_ascii=False)).encode()).hexdigest()


def evidence(folder: Path, manifest: dict[str, Any], audit: dict[str, Any]) -> list[str]:
    """Each piece is byte for byte what the audit log bound when it came in."""
    problems = []
    bound = {}
    for entry in audit["entries"]:
        found = (
            BOUND.match(entry.get("detail", ""))
            if entry.get("event") in ("copied", "evidence given")
            else None
        )
        if found:
            bound[entry["thing"]] = found.groups()
    for piece in manifest["evidence"]:
        if not piece["opens"]:
            problems.append("{} could not be opened at the school when this was made".format(piece["thing"]))
        if piece["in_audit_log"] and bound.get(piece["thing"]) != (piece["sha256"], piece["case"]):
            problems.append("{} is not what the audit log bound".format(piece["thing"]))
        if (
            piece["file"]
            and hashlib.sha256((folder / piece["file"]).read_bytes()).hexdigest() != piece["sha256"]
        ):
            problems.append("{} is not the piece that was bound".format(piece["file"]))
    return problems


if __name__ == "__main__":
    sys.exit(main())
