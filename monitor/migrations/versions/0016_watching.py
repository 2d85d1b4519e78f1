"""What was watched day by day, the week's and the term's reports, and digests as they were mailed

Revision: 0016, after 0009
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False)


def upgrade() -> None:
    op.create_table(
        'watched_day',
        sa.Column('id', sa.Integer(), nullable=False),
        _text('school_id'),
        _text('account'),
        _text('kind'),
        sa.Column('day', sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ('every', 'made', 'missed', 'failed', 'longest')
        ),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('school_id', 'account', 'kind', 'day'),
    )
    op.create_table(
        'watch_gap',
        sa.Column('id', sa.Integer(), nullable=False),
        _text('school_id'),
        _text('account'),
        _text('kind'),
        sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_watch_gap_until', 'watch_gap', ['until'])
    op.create_table(
        'report',
        sa.Column('id', sa.Integer(), nullable=False),
        _text('school_id'),
        _text('kind'),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('covers_from', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('covers_to', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('school_id', 'kind', 'day'),
    )
    op.create_table(
        'kept_digest',
        sa.Column('id', sa.Integer(), nullable=False),
        _text('school_id'),
        _text('kind'),
        sa.Column('day', sa.Date(), nullable=False),
        _text('role'),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('school_id', 'kind', 'day', 'role'),
    )


def downgrade() -> None:
    for table in ('kept_digest', 'report'):
        op.drop_table(table)
    op.drop_index('ix_watch_gap_until', table_name='watch_gap')
    for table in ('watch_gap', 'watched_day'):
        op.drop_table(table)
