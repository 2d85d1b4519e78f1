"""Evidence that people gave, the heads of the audit log, and copies bound to the log

Revision: 0012, after 0009
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

UTCDateTime = sqlmodel.sql.sqltypes.UTCDateTime
AutoString = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        'given_evidence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', AutoString(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('kind', AutoString(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', AutoString(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('said', sa.LargeBinary(), nullable=False),
        sa.Column('received_at', UTCDateTime(), nullable=False),
        sa.Column('entered_at', UTCDateTime(), nullable=False),
        sa.Column('entered_by', AutoString(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    with op.batch_alter_table('given_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_given_evidence_case_id'), ['case_id'], unique=False)
    op.create_table(
        'audit_head',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_id', AutoString(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('hash', AutoString(), nullable=False),
        sa.Column('at', UTCDateTime(), nullable=False),
        sa.Column('said_in', AutoString(), nullable=False),
        sa.Column('token', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    with op.batch_alter_table('audit_head', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_head_school_id'), ['school_id'], unique=False)
    _bind_older_copies()


def downgrade() -> None:
    # the entries that bound older copies stay: a hash chain cannot be taken back
    with op.batch_alter_table('audit_head', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_head_school_id'))
    op.drop_table('audit_head')
    with op.batch_alter_table('given_evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_given_evidence_case_id'))
    op.drop_table('given_evidence')


def _bind_older_copies() -> None:
    """An audit entry for each copy that was made before copies were bound to the log; the hashes are the copies' own."""
    audit = sa.table(
        'audit',
        *(sa.column(name) for name in ('school_id', 'seq', 'actor', 'event', 'thing', 'detail', 'prev_hash', 'hash')),
        sa.column('at', UTCDateTime()),
    )
    evidence = sa.table('evidence', *map(sa.column, ('id', 'school_id', 'case_id', 'item_id', 'sha256', 'sealed')))
    cases = sa.table('cases', *map(sa.column, ('id', 'ref')))
    bind, now = op.get_bind(), datetime.now(UTC)
    copies = bind.execute(
        sa.select(evidence, cases.c.ref)
        .join_from(evidence, cases, evidence.c.case_id == cases.c.id)
        .order_by(evidence.c.id)
    ).all()
    last = {}
    for school in {copy.school_id for copy in copies}:
        newest = bind.execute(
            sa.select(audit.c.seq, audit.c.hash).where(audit.c.school_id == school).order_by(audit.c.seq.desc()).limit(1)
        ).first()
        last[school] = (newest.seq, newest.hash) if newest else (0, '0' * 64)
    for copy in copies:
        says = [('copied', f'sha256 {copy.sha256}, case {copy.ref}, item {copy.item_id}')]
        if not copy.sealed:
            says.append(('copy no longer kept', f'case {copy.ref}'))
        for event, detail in says:
            seq, prev = last[copy.school_id]
            thing = f'copy {copy.id}'
            fields = [copy.school_id, seq + 1, now.isoformat(), 'schoolgate', event, thing, detail]
            made = hashlib.sha256((prev + json.dumps(fields, ensure_ascii=False)).encode()).hexdigest()
            row = {'school_id': copy.school_id, 'seq': seq + 1, 'at': now, 'actor': 'schoolgate', 'event': event}
            bind.execute(sa.insert(audit).values(**row, thing=thing, detail=detail, prev_hash=prev, hash=made))
            last[copy.school_id] = (seq + 1, made)
