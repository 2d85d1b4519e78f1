"""What reviewers decide of followers, what has to be done on the network after it, and whom the school follows

Revision: 0005, after 0004
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('followed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('network', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('external_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('allowed', sa.Boolean(), nullable=False),
    sa.Column('says', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first_seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('school_id', 'account', 'external_id')
    )
    op.create_table('follower_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('network', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('external_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('handle', sa.LargeBinary(), nullable=True),
    sa.Column('choice', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('undone_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('undone_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('follower_decision', schema=None) as batch_op:
        batch_op.create_index('ix_follower_decision', ['school_id', 'network', 'external_id'], unique=False)

    op.create_table('follower_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('follower_id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('action', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('means', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('said_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('said_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('shown', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('shown_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('next_attempt_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('tried', sa.Integer(), nullable=False),
    sa.Column('done', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('detail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['follower_decision.id'], ),
    sa.ForeignKeyConstraint(['follower_id'], ['follower.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('school_id', 'follower_id', 'decision_id')
    )
    with op.batch_alter_table('follower_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follower_step_follower_id'), ['follower_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('follower_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_follower_step_follower_id'))

    op.drop_table('follower_step')
    with op.batch_alter_table('follower_decision', schema=None) as batch_op:
        batch_op.drop_index('ix_follower_decision')

    op.drop_table('follower_decision')
    op.drop_table('followed')
