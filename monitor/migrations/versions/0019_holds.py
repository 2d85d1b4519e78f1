"""Holds: what must not be pruned or erased

Revision: 0019, after 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        'hold',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('kind', _TEXT(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('network', _TEXT(), nullable=True),
        sa.Column('author_id', _TEXT(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('placed_at', _TIME(), nullable=False),
        sa.Column('placed_by', _TEXT(), nullable=False),
        sa.Column('asked_at', _TIME(), nullable=True),
        sa.Column('lifted_at', _TIME(), nullable=True),
        sa.Column('lifted_by', _TEXT(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_hold_author', 'hold', ['school_id', 'network', 'author_id'])
    op.create_index(op.f('ix_hold_case_id'), 'hold', ['case_id'])


def downgrade() -> None:
    op.drop_table('hold')
