"""What reviewers proposed to change about rules, and what each change would have taken away. Tables only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class ProposalRow(SQLModel, table=True):
    """A proposed change of one rule. `sealed` holds the rule, the kind, the phrase and the reviewer's comment: what is
    carried out is read from there, so that nobody without the key can make one up. `state`: trial, active, withdrawn."""

    __tablename__ = "proposal"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    case_id: int = Field(foreign_key="cases.id")
    rule: str
    kind: str
    category: str
    sealed: bytes = Field(sa_type=LargeBinary)
    state: str = "trial"
    proposed_at: datetime
    proposed_by: str  # a role
    looked_to: datetime  # items judged up to then, and of those of that moment up to `looked_id`, were tried
    looked_id: int = 0
    decided_at: datetime | None = None
    decided_by: str | None = None


class TrialHitRow(SQLModel, table=True):
    """One item of which a change on trial would have taken a finding away. `left`: the severity that would have
    remained, None when nothing would have been found."""

    __tablename__ = "trial_hit"
    __table_args__ = (UniqueConstraint("school_id", "proposal_id", "item_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    item_id: int = Field(foreign_key="item.id")
    at: datetime
    left: int | None = None
