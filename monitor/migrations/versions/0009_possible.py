"""Whose role an unverified follower's name resembles

Revision: 0009, after 0008
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('follower', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('possible', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='')
        )
    # every follower is judged once more, as after an import: nothing else would look at those who are judged already
    op.execute(
        "UPDATE follower SET verified_at = NULL WHERE state IN ('unverified', 'claimed', 'verified', 'organisation')"
    )


def downgrade() -> None:
    with op.batch_alter_table('follower', schema=None) as batch_op:
        batch_op.drop_column('possible')
