"""Agencies that became part of another, and who belonged to them."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Agencies that became part of another, and who belonged to them."""
    op.create_table(
        'agency_mergers',
        sa.Column('from_id', sa.Uuid(), nullable=False),
        sa.Column('into_id', sa.Uuid(), nullable=False),
        sa.Column('whom', sa.JSON(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('by_name', sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(['from_id'], ['agencies.id'], name=op.f('fk_agency_mergers_from_id_agencies')),
        sa.ForeignKeyConstraint(['into_id'], ['agencies.id'], name=op.f('fk_agency_mergers_into_id_agencies')),
        sa.PrimaryKeyConstraint('from_id', name=op.f('pk_agency_mergers')))
    with op.batch_alter_table('agency_mergers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agency_mergers_into_id'), ['into_id'], unique=False)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
