"""Backups that were made and tried

Revision: 0021, after 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        'backup_run',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('kind', _TEXT(), nullable=False),
        sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('ok', sa.Boolean(), nullable=False),
        sa.Column('file', _TEXT(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('records', sa.Integer(), nullable=False),
        sa.Column('says', _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f('ix_backup_run_school_id'), 'backup_run', ['school_id'])
    op.create_table(
        'backup_series',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('mark', _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('school_id'),
    )


def downgrade() -> None:
    for table in ('backup_series', 'backup_run'):
        op.drop_table(table)
