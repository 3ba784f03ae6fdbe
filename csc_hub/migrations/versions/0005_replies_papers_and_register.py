"""Invitations that are sent and answered, papers that are released, and the register of a meeting."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds replies, links and attendances, and what else sending, circulation and the meeting's day need."""
    op.create_table('attendances',
    sa.Column('conference_id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=True),
    sa.Column('agency_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('how', sa.String(length=12), nullable=False),
    sa.Column('deputy_for', sa.String(length=160), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged', sa.Boolean(), nullable=False),
    sa.Column('noted_by', sa.String(length=160), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_attendances_agency_id_agencies')),
    sa.ForeignKeyConstraint(['conference_id'], ['conferences.id'], name=op.f('fk_attendances_conference_id_conferences')),
    sa.ForeignKeyConstraint(['invitation_id'], ['invitations.id'], name=op.f('fk_attendances_invitation_id_invitations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendances')),
    sa.UniqueConstraint('invitation_id', name=op.f('uq_attendances_invitation_id'))
    )
    with op.batch_alter_table('attendances', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attendances_conference_id'), ['conference_id'], unique=False)

    op.create_table('invitation_links',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['invitation_id'], ['invitations.id'], name=op.f('fk_invitation_links_invitation_id_invitations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_links_token_hash'))
    )
    with op.batch_alter_table('invitation_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitation_links_invitation_id'), ['invitation_id'], unique=False)

    op.create_table('replies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('by_name', sa.String(length=160), nullable=False),
    sa.Column('reply', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('deputy', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['invitation_id'], ['invitations.id'], name=op.f('fk_replies_invitation_id_invitations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replies'))
    )
    with op.batch_alter_table('replies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_replies_invitation_id'), ['invitation_id'], unique=False)

    with op.batch_alter_table('conferences', schema=None) as batch_op:
        batch_op.add_column(sa.Column('place_hidden', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('priorities_told_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('sufficient', sa.String(length=3), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('sufficient_words', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('sufficient_by', sa.String(length=160), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('sufficient_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sequence', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('sent_by', sa.String(length=400), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('told_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('access_needs', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('contribution', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('deputy_for_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('covered', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_foreign_key(batch_op.f('fk_invitations_deputy_for_id_invitations'), 'invitations', ['deputy_for_id'], ['id'])

    with op.batch_alter_table('report_versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('released_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('released_by', sa.String(length=160), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('recalled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('recalled_by', sa.String(length=160), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('recall_reason', sa.Text(), nullable=False, server_default=''))

    with op.batch_alter_table('conferences', schema=None) as batch_op:
        batch_op.alter_column('place_hidden', server_default=None)
        batch_op.alter_column('sufficient', server_default=None)
        batch_op.alter_column('sufficient_words', server_default=None)
        batch_op.alter_column('sufficient_by', server_default=None)

    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.alter_column('sequence', server_default=None)
        batch_op.alter_column('sent_by', server_default=None)
        batch_op.alter_column('access_needs', server_default=None)
        batch_op.alter_column('contribution', server_default=None)
        batch_op.alter_column('covered', server_default=None)

    with op.batch_alter_table('report_versions', schema=None) as batch_op:
        batch_op.alter_column('released_by', server_default=None)
        batch_op.alter_column('recalled_by', server_default=None)
        batch_op.alter_column('recall_reason', server_default=None)


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
