"""Named points at which a test can kill the process: the only way to prove that a crash there loses nothing.

`POINTS` are those that the running service comes to: tests/test_crash.py dies at each once, bench/crash.py again and
again. A stage that gets one adds it there. What only a command comes to stands in a tuple of its own, whose name ends in
POINTS too. `SCHOOLGATE_CRASH_AT=label#n` ends the process at the n-th arrival (default the first) as SIGKILL would: no
clean-up.
"""

from __future__ import annotations

import os
from collections import Counter

_ASKED = "SCHOOLGATE_CRASH_AT"
_SEEN: Counter[str] = Counter()

POINTS = (
    "poll.answered",  # the network answered, nothing is stored
    "ingest.stored",  # items and cursor are committed
    "assess.judged",  # judged, nothing is stored
    "assess.stored",  # findings, case, evidence, notice are committed
    "inbox.read",  # a family's message was read, nothing is stored
    "inbox.stored",  # its claim and how far the mailbox was read are committed
    "verify.stored",
    "notify.composed",  # rendered, nothing is stored
    "notify.stored",  # outbox rows are committed
    "deliver.leased",
    "deliver.accepted",  # the server said 250, nothing is stored
    "deliver.stored",
    "act.leased",
    "act.answered",  # the network did it, nothing is stored
    "act.stored",
    "look.answered",  # the network showed an item again, nothing is stored
    "look.stored",
    "digest.stored",
    "report.stored",
    "prune.batch",  # some of it is gone, some is still to go
)

# reached once a day: tests/monitor/test_backup.py and bench/restore.py kill there
BACKUP_POINTS = (
    "backup.copied",  # a copy of the database is in the folder for work, in clear
    "backup.parted",  # without the keys that are kept apart
    "backup.keys",  # their file stands beside the backups
    "backup.sealed",  # the backup is sealed, and has no name yet
    "backup.named",
)

# reached only while the master key is changed, and so by no day: tests/monitor/test_key_rotation_ends.py kills there
KEY_POINTS = (
    "keys.rewrapped",  # every key is wrapped by the coming master key, and both work
    "keys.resealed",  # some of what an older version sealed has a key of its own, some is still to go
    "keys.ended",  # the master key that was is let go
)


def point(label: str) -> None:
    """Die here if the environment says so."""
    asked = os.environ.get(_ASKED)
    if not asked:
        return
    _SEEN[label] += 1
    wanted, _, nth = asked.partition("#")
    if wanted == label and _SEEN[label] == int(nth or 1):
        os._exit(137)
