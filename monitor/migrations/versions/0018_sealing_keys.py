"""A key for each case, day and month

Revision: 0018, after 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        'sealing_key',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('key_id', sa.LargeBinary(), nullable=False),
        sa.Column('purpose', _TEXT(), nullable=False),
        sa.Column('ref', _TEXT(), nullable=False),
        sa.Column('wrapped', sa.LargeBinary(), nullable=False),
        sa.Column('wrapped_by', _TEXT(), nullable=False),
        sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('destroyed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('key_id'),
    )
    op.create_index('ix_sealing_key_ref', 'sealing_key', ['school_id', 'purpose', 'ref'])


def downgrade() -> None:
    op.drop_table('sealing_key')
