"""Tables of figures, as aligned text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = str | float | int | None
Figures = dict[str, float | None]  # "functions dev, rules, macro-F1": what a target is compared with


@dataclass
class Table:
    """`notes` stand below it, a line each. None is written as a dash."""

    title: str
    columns: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = [list(self.columns), *([_written(cell) for cell in row] for row in self.rows)]
        whole = [line for line in lines if len(line) == len(self.columns)]
        widths = [max(len(line[at]) for line in whole) for at in range(len(self.columns))]
        shown = [_aligned(line, widths) for line in lines]
        return "\n".join([self.title, *(f"  {line}" for line in (*shown, *self.notes))])

    def json(self) -> Mapping[str, Any]:
        return {
            "title": self.title, "columns": list(self.columns), "rows": self.rows, "notes": self.notes
        }  # fmt: skip


def _written(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.1f}" if abs(cell) >= 1 or not cell else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    """A row with fewer cells than columns is a name and a sentence."""
    if len(line) < len(widths):
        return f"{line[0]:<{widths[0]}}  {' '.join(line[1:])}"
    return "  ".join([
        f"{line[0]:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
    ])  # fmt: skip


def percent(part: int, whole: int) -> float | None:
    """None where there is nothing to take a share of."""
    return round(100 * part / whole, 1) if whole else None


def per_1000(part: int, whole: int) -> float | None:
    return round(1000 * part / whole, 2) if whole else None
