"""When the service ran, and which mails about its troubles went out

Revision: 0020, after 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        'service_run',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('version', _TEXT(), nullable=False),
        sa.Column('started_at', _TIME(), nullable=False),
        sa.Column('seen_at', _TIME(), nullable=False),
        sa.Column('ended_at', _TIME(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f('ix_service_run_school_id'), 'service_run', ['school_id'])
    op.create_table(
        'incident_mail',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', _TEXT(), nullable=False),
        sa.Column('about', _TEXT(), nullable=False),
        sa.Column('what', _TEXT(), nullable=False),
        sa.Column('sign', _TEXT(), nullable=False),
        sa.Column('at', _TIME(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f('ix_incident_mail_about'), 'incident_mail', ['about'])


def downgrade() -> None:
    for table in ('incident_mail', 'service_run'):
        op.drop_table(table)
