"""How a long turn says that it goes on, so that whoever watches it counts from its last step and not from its beginning.

A turn may rightly take long: fifty pages of a slow network, two hundred mails. Each of its steps has a deadline of its own.
Says nothing outside a turn that is watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_step: ContextVar[Callable[[], None] | None] = ContextVar("step", default=None)


def going_on() -> None:
    """A new step begins: one call of a connector, one message, one stage."""
    step = _step.get()
    if step is not None:
        step()


@contextmanager
def watched(step: Callable[[], None]) -> Iterator[None]:
    """Call `step` at each `going_on` within, in this thread or task."""
    token = _step.set(step)
    try:
        yield
    finally:
        _step.reset(token)
