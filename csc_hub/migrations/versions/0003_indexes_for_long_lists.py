"""Indexes for long lists."""

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Indexes for long lists."""
    with op.batch_alter_table('actions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_actions_issued_agency_id'))
        batch_op.create_index('ix_actions_late', ['context_id', 'due_on', 'status', 'issued_in'], unique=False)
        batch_op.create_index('ix_actions_own', ['issued_agency_id', 'status', 'due_on', 'context_id', 'number', 'id'], unique=False)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
