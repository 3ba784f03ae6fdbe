"""Conferences and invitations; a plan's dates move to its conference."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Conferences and invitations; a plan's dates move to its conference."""
    op.create_table('council_figures',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_figures')),
    sa.UniqueConstraint('name', name=op.f('uq_council_figures_name'))
    )
    op.create_table('conferences',
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('chair_id', sa.Uuid(), nullable=True),
    sa.Column('chair_reason', sa.Text(), nullable=False),
    sa.Column('independence_note', sa.Text(), nullable=False),
    sa.Column('venue', sa.String(length=200), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('access', sa.Text(), nullable=False),
    sa.Column('near', sa.String(length=20), nullable=True),
    sa.Column('near_reason', sa.Text(), nullable=False),
    sa.Column('online_link', sa.String(length=500), nullable=False),
    sa.Column('agenda', sa.JSON(), nullable=False),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('attendees', sa.Text(), nullable=False),
    sa.Column('lead_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('chair_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['chair_id'], ['people.id'], name=op.f('fk_conferences_chair_id_people')),
    sa.ForeignKeyConstraint(['context_id'], ['contexts.id'], name=op.f('fk_conferences_context_id_contexts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conferences')),
    sa.UniqueConstraint('context_id', 'number', name=op.f('uq_conferences_context_id_number'))
    )
    with op.batch_alter_table('conferences', schema=None) as batch_op:
        batch_op.create_index('ix_conferences_state_starts_at', ['state', 'starts_at'], unique=False)

    op.create_table('attendance_answers',
    sa.Column('conference_id', sa.Uuid(), nullable=False),
    sa.Column('question', sa.Integer(), nullable=True),
    sa.Column('kind_id', sa.Uuid(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['conference_id'], ['conferences.id'], name=op.f('fk_attendance_answers_conference_id_conferences')),
    sa.ForeignKeyConstraint(['kind_id'], ['agency_kinds.id'], name=op.f('fk_attendance_answers_kind_id_agency_kinds')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance_answers')),
    sa.UniqueConstraint('conference_id', 'question', 'kind_id', name=op.f('uq_attendance_answers_conference_id_question_kind_id'))
    )
    op.create_table('conference_changes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conference_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_name', sa.String(length=160), nullable=False),
    sa.Column('move', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('was_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conference_id'], ['conferences.id'], name=op.f('fk_conference_changes_conference_id_conferences')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conference_changes'))
    )
    with op.batch_alter_table('conference_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conference_changes_conference_id'), ['conference_id'], unique=False)

    op.create_table('invitations',
    sa.Column('conference_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=True),
    sa.Column('why', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('reply', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('deputy', sa.String(length=200), nullable=False),
    sa.Column('replied_on', sa.Date(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_invitations_agency_id_agencies')),
    sa.ForeignKeyConstraint(['conference_id'], ['conferences.id'], name=op.f('fk_invitations_conference_id_conferences')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_invitations_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('conference_id', 'person_id', name=op.f('uq_invitations_conference_id_person_id'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitations_conference_id'), ['conference_id'], unique=False)

    op.create_table('pre_meetings',
    sa.Column('conference_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('who', sa.String(length=300), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['conference_id'], ['conferences.id'], name=op.f('fk_pre_meetings_conference_id_conferences')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pre_meetings'))
    )
    with op.batch_alter_table('pre_meetings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pre_meetings_conference_id'), ['conference_id'], unique=False)

    with op.batch_alter_table('assessments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('signed_off_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.alter_column('email',
               existing_type=sa.VARCHAR(length=254),
               nullable=True)

    _move_dates()
    _note_sign_offs()
    with op.batch_alter_table('plans', schema=None) as batch_op:
        batch_op.drop_column('attendees')
        batch_op.drop_column('conference_on')
        batch_op.drop_column('review_on')



def _move_dates() -> None:
    """A plan's dates and attendees become those of its conference, at 10:00 in London for two hours."""
    connection = op.get_bind()
    plans = sa.table("plans", sa.column("context_id", sa.Uuid()), sa.column("conference_on", sa.Date()),
                     sa.column("review_on", sa.Date()), sa.column("attendees", sa.Text()))
    contexts = sa.table("contexts", sa.column("id", sa.Uuid()), sa.column("chair_id", sa.Uuid()))
    conferences = sa.table(
        "conferences", *(sa.column(name, sa.Uuid()) for name in ("id", "context_id", "chair_id")),
        *(sa.column(name, sa.Integer()) for name in ("version", "number", "minutes")), sa.column("state", sa.String()),
        sa.column("starts_at", sa.DateTime(timezone=True)), sa.column("review_on", sa.Date()), sa.column("agenda", sa.JSON()),
        *(sa.column(name, sa.Text()) for name in TEXTS))
    for context_id, chair_id, day, review, attendees in connection.execute(sa.select(
            plans.c.context_id, contexts.c.chair_id, plans.c.conference_on, plans.c.review_on, plans.c.attendees
            ).join(contexts, contexts.c.id == plans.c.context_id)).all():
        if day or review or attendees:
            starts_at = dt.datetime.combine(day, dt.time(10), ZoneInfo("Europe/London")).astimezone(dt.timezone.utc) if day else None
            connection.execute(conferences.insert().values(
                id=uuid.uuid4(), version=1, context_id=context_id, chair_id=chair_id, number=1, minutes=120, state="planned",
                starts_at=starts_at, review_on=review, agenda=[10, 15, 20, 10, 15, 50],
                **{**dict.fromkeys(TEXTS, ""), "attendees": attendees}))


def _note_sign_offs() -> None:
    """When each assessment was signed off stands in the events."""
    connection = op.get_bind()
    events = sa.table("events", sa.column("at", sa.DateTime(timezone=True)), sa.column("verb", sa.String()),
                      sa.column("context_id", sa.Uuid()), sa.column("detail", sa.JSON()))
    assessments = sa.table("assessments", sa.column("context_id", sa.Uuid()), sa.column("signed_off_at", sa.DateTime(timezone=True)))
    for at, context_id, detail in connection.execute(sa.select(events.c.at, events.c.context_id, events.c.detail).where(
            events.c.verb == "moved")).all():
        if detail.get("after") == "assessed":
            connection.execute(assessments.update().where(assessments.c.context_id == context_id).values(signed_off_at=at))


TEXTS = ("chair_reason", "independence_note", "venue", "address", "access", "near_reason", "online_link", "attendees")


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
