"""The first tables."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""
    op.create_table('agency_kinds',
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('statutory', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agency_kinds')),
    sa.UniqueConstraint('name', name=op.f('uq_agency_kinds_name')),
    sa.UniqueConstraint('number', name=op.f('uq_agency_kinds_number'))
    )
    op.create_table('events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('verb', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=True),
    sa.Column('context_id', sa.Uuid(), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index('ix_events_context_id_id', ['context_id', 'id'], unique=False)
        batch_op.create_index('ix_events_subject_verb', ['subject', 'verb'], unique=False)

    op.create_table('marks',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_marks'))
    )
    op.create_table('sequences',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_sequences'))
    )
    op.create_table('sign_in_failures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('who', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_failures'))
    )
    with op.batch_alter_table('sign_in_failures', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_failures_who_at', ['who', 'at'], unique=False)

    op.create_table('agencies',
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('kind_id', sa.Uuid(), nullable=False),
    sa.Column('statutory', sa.Boolean(), nullable=False),
    sa.Column('contact_name', sa.String(length=160), nullable=False),
    sa.Column('contact_email', sa.String(length=254), nullable=False),
    sa.Column('contact_phone', sa.String(length=60), nullable=False),
    sa.Column('escalation_name', sa.String(length=160), nullable=False),
    sa.Column('escalation_email', sa.String(length=254), nullable=False),
    sa.Column('escalation_phone', sa.String(length=60), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['kind_id'], ['agency_kinds.id'], name=op.f('fk_agencies_kind_id_agency_kinds')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agencies')),
    sa.UniqueConstraint('name', name=op.f('uq_agencies_name'))
    )
    op.create_table('people',
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('job_title', sa.String(length=160), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('access_needs', sa.String(length=1000), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('session_key', sa.Uuid(), nullable=False),
    sa.Column('link_hash', sa.String(length=64), nullable=True),
    sa.Column('link_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_people_agency_id_agencies')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('email', name=op.f('uq_people_email')),
    sa.UniqueConstraint('link_hash', name=op.f('uq_people_link_hash'))
    )
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_people_agency_id'), ['agency_id'], unique=False)

    op.create_table('contexts',
    sa.Column('order', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('place', sa.String(length=300), nullable=False),
    sa.Column('themes', sa.JSON(), nullable=False),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('state_reason', sa.Text(), nullable=False),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=True),
    sa.Column('chair_id', sa.Uuid(), nullable=True),
    sa.Column('threshold_met', sa.Boolean(), nullable=True),
    sa.Column('threshold_reasons', sa.Text(), nullable=False),
    sa.Column('threshold_by', sa.String(length=160), nullable=False),
    sa.Column('threshold_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['chair_id'], ['people.id'], name=op.f('fk_contexts_chair_id_people')),
    sa.ForeignKeyConstraint(['lead_id'], ['people.id'], name=op.f('fk_contexts_lead_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contexts')),
    sa.UniqueConstraint('order', name=op.f('uq_contexts_order')),
    sa.UniqueConstraint('reference', name=op.f('uq_contexts_reference'))
    )
    with op.batch_alter_table('contexts', schema=None) as batch_op:
        batch_op.create_index('ix_contexts_state_order', ['state', 'order'], unique=False)

    op.create_table('grants',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('opened_by', sa.String(length=40), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_grants_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants'))
    )
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grants_context_id'), ['context_id'], unique=False)
        batch_op.create_index('ix_grants_person_id_context_id', ['person_id', 'context_id'], unique=False)

    op.create_table('papers',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('extension', sa.String(length=10), nullable=False),
    sa.Column('content_type', sa.String(length=120), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('check', sa.String(length=20), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['people.id'], name=op.f('fk_papers_uploaded_by_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_papers')),
    sa.UniqueConstraint('key', name=op.f('uq_papers_key'))
    )
    with op.batch_alter_table('papers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_papers_context_id'), ['context_id'], unique=False)

    op.create_table('person_roles',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_person_roles_person_id_people')),
    sa.PrimaryKeyConstraint('person_id', 'role', name=op.f('pk_person_roles'))
    )
    op.create_table('assessments',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=True),
    sa.Column('period_to', sa.Date(), nullable=True),
    sa.Column('mapping_date', sa.Date(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_assessments_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessments')),
    sa.UniqueConstraint('context_id', name=op.f('uq_assessments_context_id'))
    )
    op.create_table('batches',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('format', sa.String(length=10), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('read', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Uuid(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_batches_agency_id_agencies')),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_batches_context_id_contexts')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['people.id'], name=op.f('fk_batches_uploaded_by_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('key', name=op.f('uq_batches_key'))
    )
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.create_index('ix_batches_context_id_uploaded_at', ['context_id', 'uploaded_at'], unique=False)

    op.create_table('findings',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('weight', sa.String(length=10), nullable=False),
    sa.Column('priority', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_findings_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_findings'))
    )
    with op.batch_alter_table('findings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_findings_context_id'), ['context_id'], unique=False)

    op.create_table('involvements',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('who', sa.String(length=20), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=True),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('on', sa.Date(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_involvements_agency_id_agencies')),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_involvements_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_involvements'))
    )
    with op.batch_alter_table('involvements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_involvements_context_id'), ['context_id'], unique=False)

    op.create_table('plans',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('conference_on', sa.Date(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('attendees', sa.Text(), nullable=False),
    sa.Column('issue', sa.Integer(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('issued_by', sa.String(length=160), nullable=False),
    sa.Column('changed_since', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_plans_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plans')),
    sa.UniqueConstraint('context_id', name=op.f('uq_plans_context_id'))
    )
    op.create_table('referrals_out',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('by_name', sa.String(length=160), nullable=False),
    sa.Column('destination', sa.String(length=20), nullable=False),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_referrals_out_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referrals_out'))
    )
    with op.batch_alter_table('referrals_out', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_referrals_out_context_id'), ['context_id'], unique=False)

    op.create_table('reports',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_reports_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sa.UniqueConstraint('context_id', 'kind', name=op.f('uq_reports_context_id_kind'))
    )
    op.create_table('report_versions',
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('paper_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_report_versions_paper_id_papers')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_report_versions_report_id_reports')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_versions')),
    sa.UniqueConstraint('report_id', 'number', name=op.f('uq_report_versions_report_id_number'))
    )
    op.create_table('worries',
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('worry', sa.Text(), nullable=False),
    sa.Column('impact', sa.Text(), nullable=False),
    sa.Column('helping', sa.Text(), nullable=False),
    sa.Column('goal', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_worries_plan_id_plans')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worries'))
    )
    with op.batch_alter_table('worries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_worries_plan_id'), ['plan_id'], unique=False)

    op.create_table('actions',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('worry_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('intervention', sa.Text(), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=False),
    sa.Column('team', sa.String(length=160), nullable=False),
    sa.Column('owner', sa.String(length=160), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('timescale', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('update', sa.Text(), nullable=False),
    sa.Column('updated_on', sa.Date(), nullable=True),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('barrier', sa.Text(), nullable=False),
    sa.Column('proposed_date', sa.Date(), nullable=True),
    sa.Column('completed_on', sa.Date(), nullable=True),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_in', sa.Integer(), nullable=True),
    sa.Column('issued_agency_id', sa.Uuid(), nullable=True),
    sa.Column('issued_facts', sa.JSON(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_actions_agency_id_agencies')),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_actions_context_id_contexts')),
    sa.ForeignKeyConstraint(['issued_agency_id'], ['agencies.id'], name=op.f('fk_actions_issued_agency_id_agencies')),
    sa.ForeignKeyConstraint(['worry_id'], ['worries.id'], name=op.f('fk_actions_worry_id_worries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_actions')),
    sa.UniqueConstraint('context_id', 'number', name=op.f('uq_actions_context_id_number'))
    )
    with op.batch_alter_table('actions', schema=None) as batch_op:
        batch_op.create_index('ix_actions_agency_id_status', ['agency_id', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_actions_issued_agency_id'), ['issued_agency_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_actions_worry_id'), ['worry_id'], unique=False)

    op.create_table('updates',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('action_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('by_name', sa.String(length=160), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('changed', sa.String(length=200), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['action_id'], ['actions.id'], name=op.f('fk_updates_action_id_actions')),
    sa.ForeignKeyConstraint(['by_id'], ['people.id'], name=op.f('fk_updates_by_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_updates'))
    )
    with op.batch_alter_table('updates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_updates_action_id'), ['action_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_updates_batch_id'), ['batch_id'], unique=False)

    _seed_kinds()
    _close_events()


KINDS = (
    (1, "Children’s Social Care", True),
    (2, "Council representatives (councillors or officers)", True),
    (3, "Community Safety", True),
    (4, "Education/ local schools", True),
    (5, "Representation from parents’ forum (or similar)", False),
    (6, "Representation from young people/ school council (where relevant)", False),
    (7, "Police (Safer Schools Officer/ Community police)", True),
    (8, "Youth Justice Service", True),
    (9, "CAMHs", True),
    (10, "Local youth provision", False),
    (11, "Voluntary and community organisations", False),
    (12, "Health school nurse", True),
    (13, "Health sexual health", True),
    (14, "Housing", True),
    (15, "Local businesses", False),
)


def _seed_kinds() -> None:
    """The guidance's fifteen kinds of agency, in its order (Attendance)."""
    table = sa.table(
        "agency_kinds", sa.column("id", sa.Uuid()), sa.column("version", sa.Integer()), sa.column("position", sa.Integer()),
        sa.column("number", sa.Integer()), sa.column("name", sa.String()), sa.column("statutory", sa.Boolean()))
    op.bulk_insert(table, [
        {"id": uuid.uuid4(), "version": 1, "position": number, "number": number, "name": name, "statutory": statutory}
        for number, name, statutory in KINDS])


def _close_events() -> None:
    """Makes the database itself refuse to change or remove an event."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'events are never changed or removed'; END $$")
        op.execute("CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
                   "FOR EACH STATEMENT EXECUTE FUNCTION events_are_kept()")
        return
    op.execute("CREATE TRIGGER events_are_kept_insert BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id) "
               "BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END")  # REPLACE asks no delete trigger
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER events_are_kept_{verb.lower()} BEFORE {verb} ON events "
                   "BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END")


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
