"""Tables about cases that belong together: the targets that items are aimed at, pile-ons, and cases tied by hand.

The same rules as in monitor/tables.py: no methods, no judgement, `school_id` everywhere. A target is a keyed hash.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class TargetRow(SQLModel, table=True):
    """One item was aimed at one target: the thread it stands in, or a person whom it names."""

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("school_id", "digest", "case_id"),
        Index("ix_target_at", "school_id", "digest", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id", index=True)
    digest: bytes = Field(sa_type=LargeBinary)
    author: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # keyed hash; null: the network does not say
    at: datetime


class PileRow(SQLModel, table=True):
    """One pile-on: the case that leads it, its target, and what its readers were told last."""

    __tablename__ = "pile"
    __table_args__ = (
        UniqueConstraint("school_id", "case_id"),
        Index("ix_pile_digest", "school_id", "digest"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id")
    digest: bytes = Field(sa_type=LargeBinary)  # emptied when no wave may join any more
    items: int
    told: int  # how many items there were when people were told last
    kinds: str  # "insult:2,bullying:3": families of abuse and their gravest severity
    pupil: bool = False  # the target is a child of the school: the severity was raised for it
    began_at: datetime
    last_at: datetime


class TieRow(SQLModel, table=True):
    """Two cases that should be read together, the later one first. `kind`: see_also (a person tied them), beside (too
    grave to stand in the pile), again (a new wave of an old pile)."""

    __tablename__ = "tie"
    __table_args__ = (UniqueConstraint("school_id", "case_id", "other_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    case_id: int = Field(foreign_key="cases.id")
    other_id: int = Field(foreign_key="cases.id", index=True)
    kind: str
    made_by: str  # a role, or "schoolgate"
    made_at: datetime
