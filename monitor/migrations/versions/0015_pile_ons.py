"""Pile-ons, cases tied together, notices for one role, and what finds cases fast

Revision: 0015
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('joined_to', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('handed_to', _TEXT, nullable=False, server_default=''))
        batch_op.create_foreign_key('fk_cases_joined_to', 'cases', ['joined_to'], ['id'])
        batch_op.create_index('ix_cases_joined_to', ['joined_to'])
        batch_op.create_index('ix_cases_sight', ['school_id', 'category', 'roles', 'bypassed', 'state'])
        batch_op.create_index('ix_cases_ref', ['school_id', 'ref'])
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('only_role', _TEXT, nullable=True))
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index('ix_item_author', ['school_id', 'network', 'author_id'])
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_thing', ['school_id', 'thing'])
    op.create_table(
        'target',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('school_id', _TEXT, nullable=False),
        sa.Column('case_id', sa.Integer(), sa.ForeignKey('cases.id'), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False),
        sa.Column('author', sa.LargeBinary(), nullable=True),
        sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.UniqueConstraint('school_id', 'digest', 'case_id'),
    )
    op.create_index('ix_target_at', 'target', ['school_id', 'digest', 'at'])
    op.create_index('ix_target_case_id', 'target', ['case_id'])
    op.create_table(
        'pile',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('school_id', _TEXT, nullable=False),
        sa.Column('case_id', sa.Integer(), sa.ForeignKey('cases.id'), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False),
        sa.Column('items', sa.Integer(), nullable=False),
        sa.Column('told', sa.Integer(), nullable=False),
        sa.Column('kinds', _TEXT, nullable=False),
        sa.Column('pupil', sa.Boolean(), nullable=False),
        sa.Column('began_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('last_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.UniqueConstraint('school_id', 'case_id'),
    )
    op.create_index('ix_pile_digest', 'pile', ['school_id', 'digest'])
    op.create_table(
        'tie',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('school_id', _TEXT, nullable=False),
        sa.Column('case_id', sa.Integer(), sa.ForeignKey('cases.id'), nullable=False),
        sa.Column('other_id', sa.Integer(), sa.ForeignKey('cases.id'), nullable=False),
        sa.Column('kind', _TEXT, nullable=False),
        sa.Column('made_by', _TEXT, nullable=False),
        sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.UniqueConstraint('school_id', 'case_id', 'other_id'),
    )
    op.create_index('ix_tie_other_id', 'tie', ['other_id'])


def downgrade() -> None:
    for table in ('tie', 'pile', 'target'):
        op.drop_table(table)
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_thing')
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index('ix_item_author')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('only_role')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        for name in ('ix_cases_ref', 'ix_cases_sight', 'ix_cases_joined_to'):
            batch_op.drop_index(name)
        batch_op.drop_constraint('fk_cases_joined_to', type_='foreignkey')
        batch_op.drop_column('handed_to')
        batch_op.drop_column('joined_to')
