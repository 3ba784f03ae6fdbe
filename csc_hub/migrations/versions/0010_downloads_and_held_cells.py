"""Downloads of agencies' workbooks, cells that are held for a person, and undoing an upload."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds exports and held cells; workbooks and updates may come from the command line; the hub gets an id of its own."""
    op.create_table('exports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('issue', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_exports_agency_id_agencies')),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_exports_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exports')),
    sa.UniqueConstraint('context_id', 'number', name=op.f('uq_exports_context_id_number'))
    )
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sent_by', sa.String(length=160), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('export_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('live', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('undone', sa.JSON(), nullable=True))
        batch_op.alter_column('uploaded_by_id', existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(batch_op.f('fk_batches_export_id_exports'), 'exports', ['export_id'], ['id'])
        batch_op.create_unique_constraint(batch_op.f('uq_batches_context_id_agency_id_live'), ['context_id', 'agency_id', 'live'])
    op.execute("UPDATE batches SET sent_by = (SELECT name FROM people WHERE people.id = batches.uploaded_by_id)")
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.alter_column('sent_by', existing_type=sa.String(length=160), existing_nullable=False, server_default=None)
    with op.batch_alter_table('updates', schema=None) as batch_op:
        batch_op.alter_column('by_id', existing_type=sa.Uuid(), nullable=True)
    op.create_table('held',
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('action_id', sa.Uuid(), nullable=True),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('cell', sa.String(length=20), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('says', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(length=160), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['action_id'], ['actions.id'], name=op.f('fk_held_action_id_actions')),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_held_batch_id_batches')),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_held_context_id_contexts')),
    sa.ForeignKeyConstraint(['owner_id'], ['people.id'], name=op.f('fk_held_owner_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_held'))
    )
    with op.batch_alter_table('held', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_held_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index('ix_held_settled_at', ['settled_at'], unique=False)
    op.bulk_insert(sa.table('marks', sa.column('name', sa.String), sa.column('value', sa.String)), [{'name': 'hub', 'value': uuid.uuid4().hex}])


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
