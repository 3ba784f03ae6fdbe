"""Whom a request to sign is for, where it is somebody on the register whom the hub does not know."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whom a request to sign is for, where it is somebody on the register whom the hub does not know."""
    with op.batch_alter_table('signing_requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('line_id', sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
