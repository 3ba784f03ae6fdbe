"""Doors by which agencies report without an account."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Doors by which agencies report without an account."""
    op.create_table(
        'update_doors',
        sa.Column('context_id', sa.Uuid(), nullable=False),
        sa.Column('agency_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=True),
        sa.Column('name', sa.String(length=160), nullable=False),
        sa.Column('email', sa.String(length=254), nullable=False),
        sa.Column('asked_by', sa.String(length=160), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('came_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('before_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reported_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by', sa.String(length=160), nullable=False),
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_update_doors_agency_id_agencies')),
        sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_update_doors_context_id_contexts')),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_update_doors_person_id_people')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_update_doors')))
    with op.batch_alter_table('update_doors', schema=None) as batch_op:
        batch_op.create_index('ix_update_doors_context_id_agency_id', ['context_id', 'agency_id'], unique=False)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
