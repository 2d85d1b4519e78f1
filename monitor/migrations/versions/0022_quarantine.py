"""What was set aside because it failed again and again, and when a list was last read to its end

Revision: 0022, after 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        'quarantine',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('stage', _TEXT(), nullable=False),
        sa.Column('thing', _TEXT(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('why', _TEXT(), nullable=False),
        sa.Column('first_at', _TIME(), nullable=False),
        sa.Column('last_at', _TIME(), nullable=False),
        sa.Column('aside_at', _TIME(), nullable=True),
        sa.Column('again_at', _TIME(), nullable=True),
        sa.Column('dropped_at', _TIME(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('school_id', 'stage', 'thing'),
    )
    with op.batch_alter_table('stream') as batch:
        batch.add_column(sa.Column('whole_at', _TIME(), nullable=True))
        batch.add_column(sa.Column('unreachable_at', _TIME(), nullable=True))
    with op.batch_alter_table('outbox') as batch:
        batch.add_column(sa.Column('replaced', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table('outbox') as batch:
        batch.drop_column('replaced')
    with op.batch_alter_table('stream') as batch:
        batch.drop_column('whole_at')
        batch.drop_column('unreachable_at')
    op.drop_table('quarantine')
