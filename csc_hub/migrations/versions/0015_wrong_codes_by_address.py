"""Wrong codes are counted by address and place, and no longer on each link."""

from alembic import op

revision = '0015'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Wrong codes are counted by address and place, and no longer on each link."""
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.drop_column('tries')


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
