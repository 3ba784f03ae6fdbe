"""Mail that waits to go out."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mail that waits to go out."""
    op.create_table('outgoing',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('message_id', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('about', sa.Uuid(), nullable=True),
    sa.Column('context_id', sa.Uuid(), nullable=True),
    sa.Column('to_name', sa.String(length=200), nullable=False),
    sa.Column('to_address', sa.String(length=320), nullable=False),
    sa.Column('from_name', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('method', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('said', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing')),
    sa.UniqueConstraint('message_id', name=op.f('uq_outgoing_message_id'))
    )
    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outgoing_about'), ['about'], unique=False)
        batch_op.create_index(batch_op.f('ix_outgoing_context_id'), ['context_id'], unique=False)
        batch_op.create_index('ix_outgoing_due', ['state', 'due_at'], unique=False)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
