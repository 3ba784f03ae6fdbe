"""How many young people came to a conference, and attendance by agency at meetings that were given up."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """How many young people came to a conference, and attendance by agency at meetings that were given up."""
    with op.batch_alter_table('conferences', schema=None) as batch_op:
        batch_op.add_column(sa.Column('young_people', sa.Integer(), nullable=True))
    op.create_table(
        'earlier_attendances',
        sa.Column('change_id', sa.Uuid(), nullable=False),
        sa.Column('agency_id', sa.Uuid(), nullable=False),
        sa.Column('invited', sa.Boolean(), nullable=False),
        sa.Column('came', sa.Boolean(), nullable=False),
        sa.Column('excused', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_earlier_attendances_agency_id_agencies')),
        sa.ForeignKeyConstraint(['change_id'], ['conference_changes.id'], name=op.f('fk_earlier_attendances_change_id_conference_changes')),
        sa.PrimaryKeyConstraint('change_id', 'agency_id', name=op.f('pk_earlier_attendances')))


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
