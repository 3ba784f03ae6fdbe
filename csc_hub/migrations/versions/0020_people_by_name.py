"""People are found in the order of their names by an index."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """People are found in the order of their names by an index."""
    op.create_index('ix_people_by_name', 'people', [sa.text('lower(name)'), 'id'], unique=False)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
