"""Changes of rules on trial, and drills

Revision: 0017, after 0009
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        'proposal',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('rule', _TEXT(), nullable=False),
        sa.Column('kind', _TEXT(), nullable=False),
        sa.Column('category', _TEXT(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('state', _TEXT(), nullable=False),
        sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('proposed_by', _TEXT(), nullable=False),
        sa.Column('looked_to', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('looked_id', sa.Integer(), nullable=False),
        sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('decided_by', _TEXT(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f('ix_proposal_school_id'), 'proposal', ['school_id'])
    op.create_table(
        'trial_hit',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('proposal_id', sa.Integer(), nullable=False),
        sa.Column('item_id', sa.Integer(), nullable=False),
        sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('left', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['item_id'], ['item.id']),
        sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('school_id', 'proposal_id', 'item_id'),
    )
    op.create_index(op.f('ix_trial_hit_proposal_id'), 'trial_hit', ['proposal_id'])
    op.create_table(
        'drill',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('category', _TEXT(), nullable=False),
        sa.Column('account', _TEXT(), nullable=False),
        sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('asked_by', _TEXT(), nullable=False),
        sa.Column('at_night', sa.Boolean(), nullable=False),
        sa.Column('state', _TEXT(), nullable=False),
        sa.Column('item_id', sa.Integer(), nullable=True),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('ref', _TEXT(), nullable=False),
        sa.Column('began_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('how', _TEXT(), nullable=False),
        sa.Column('record', _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id']),
        sa.ForeignKeyConstraint(['item_id'], ['item.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f('ix_drill_school_id'), 'drill', ['school_id'])


def downgrade() -> None:
    for table in ('drill', 'trial_hit', 'proposal'):
        op.drop_table(table)
