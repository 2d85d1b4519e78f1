"""Every error that Schoolgate raises on purpose; each message is one sentence that names the cure.

MonitorError
├── ConfigError       the configuration is wrong: exit 78
├── ConnectorError    a network said no, or nothing
├── DeliveryError     the mail server said no, or nothing
├── InboxError        the mailbox that families write to cannot be read
├── RegisterError     the office's file cannot be read as a register
└── StoreError        the database cannot be used
    ├── ErasedError   what was asked for was erased, and its key with it
    └── StoreFailedError  its disk or its file failed: exit 74
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self


class MonitorError(Exception):
    exit_code = 1


class ConfigError(MonitorError):
    """All that is wrong with the configuration, one sentence a problem."""

    exit_code = 78  # EX_CONFIG of sysexits.h

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ConnectorError(MonitorError):
    """`permanent` stops the account until an administrator mends it; otherwise its next turn comes after
    `retry_after` seconds (None: the caller's own back-off). `unreachable`: no answer came at all, as when this machine
    is offline."""

    exit_code = 75  # EX_TEMPFAIL

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.unreachable = unreachable


class DeliveryError(MonitorError):
    """`permanent`: this recipient will not get this message (an SMTP 5xx); otherwise it stays in the outbox."""

    exit_code = 75

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class InboxError(MonitorError):
    """`permanent`: an administrator must mend it; otherwise the next turn may go well."""

    exit_code = 75

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class RegisterError(MonitorError):
    pass


class StoreError(MonitorError):
    pass


class ErasedError(StoreError):
    pass


class StoreFailedError(StoreError):
    """The disk or the database file failed: this process may not touch it again."""

    exit_code = 74  # EX_IOERR of sysexits.h

    @classmethod
    def damaged(cls, path: Path, cause: BaseException | str | None) -> Self:
        """The file is no whole database; `cause` is what the driver, or SQLite's own check, says."""
        said = cause if isinstance(cause, str) else type(cause).__name__
        return cls(f"{path} is not a usable database ({said}); keep the file and restore a backup")
