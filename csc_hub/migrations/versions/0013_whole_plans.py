"""Files of whole plans, and what the council said of the titles and names in them."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files of whole plans, and what the council said of the titles and names in them."""
    op.create_table(
        'plan_files',
        sa.Column('context_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('format', sa.String(length=10), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('key', sa.String(length=80), nullable=False),
        sa.Column('read', sa.JSON(), nullable=False),
        sa.Column('chosen', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('uploaded_by_id', sa.Uuid(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by', sa.String(length=160), nullable=False),
        sa.Column('brought', sa.JSON(), nullable=False),
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_plan_files_context_id_contexts')),
        sa.ForeignKeyConstraint(['uploaded_by_id'], ['people.id'], name=op.f('fk_plan_files_uploaded_by_id_people')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_files')),
        sa.UniqueConstraint('key', name=op.f('uq_plan_files_key')))
    with op.batch_alter_table('plan_files', schema=None) as batch_op:
        batch_op.create_index('ix_plan_files_context_id_uploaded_at', ['context_id', 'uploaded_at'], unique=False)
    op.create_table(
        'remembered',
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('words', sa.String(length=200), nullable=False),
        sa.Column('means', sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint('kind', 'words', name=op.f('pk_remembered')))


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
