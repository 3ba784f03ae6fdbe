"""Files from those invited, and mail that is read."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the file of an invitation, and what was dealt with in the mailbox."""
    op.create_table('mail_read',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('place', sa.String(length=64), nullable=False),
    sa.Column('used', sa.Boolean(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('said', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_read')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_read_key'))
    )
    with op.batch_alter_table('mail_read', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_read_place'), ['place'], unique=False)

    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('file_id', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_invitations_file_id_papers'), 'papers', ['file_id'], ['id'])

    with op.batch_alter_table('papers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('from_invited', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('papers', schema=None) as batch_op:
        batch_op.alter_column('from_invited', server_default=None)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
