"""What reading costs, and when followers were last compared with the network's own list

Revision: 0004, after 0003
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('spend', schema=None) as batch_op:
        batch_op.add_column(sa.Column('whole', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    with op.batch_alter_table('stream', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reconcile_due', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('listed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('uncounted', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('stream', schema=None) as batch_op:
        batch_op.drop_column('uncounted')
        batch_op.drop_column('listed_at')
        batch_op.drop_column('reconcile_due')

    with op.batch_alter_table('spend', schema=None) as batch_op:
        batch_op.drop_column('since')
        batch_op.drop_column('whole')
