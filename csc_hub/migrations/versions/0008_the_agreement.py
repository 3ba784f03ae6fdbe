"""The information sharing agreement: texts, requests, signatures in a chain; one table of links; no "covered" flag any more."""

import datetime as dt
import hashlib
import json
import uuid
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

EARLIER = "Recorded before the hub kept signatures"
EARLIER_TEXT = ("This entry stands for agreements that organisations had signed before this hub kept signatures. A coordinator recorded who was "
                "covered. The text that was signed is not kept here.")


def upgrade() -> None:
    """Adds the agreement and its chain, moves the links, and turns each "covered" flag into a signature that says where it comes from."""
    op.create_table('agreement_versions',
    sa.Column('document', sa.String(length=12), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('parties', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('changes', sa.Text(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('months', sa.Integer(), nullable=False),
    sa.Column('approved_by', sa.String(length=200), nullable=False),
    sa.Column('approved_on', sa.Date(), nullable=True),
    sa.Column('asks_again', sa.Boolean(), nullable=False),
    sa.Column('asks_kinds', sa.JSON(), nullable=False),
    sa.Column('grace_days', sa.Integer(), nullable=False),
    sa.Column('placeholder', sa.Boolean(), nullable=False),
    sa.Column('shown', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.String(length=160), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.String(length=160), nullable=False),
    sa.Column('withdrawn_reason', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_versions')),
    sa.UniqueConstraint('document', 'number', name=op.f('uq_agreement_versions_document_number'))
    )
    op.create_table('links',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('about_id', sa.Uuid(), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_links_token_hash'))
    )
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.create_index('ix_links_about_id', ['about_id'], unique=False)
        batch_op.create_index('ix_links_address', ['address'], unique=False)

    op.create_table('signing_requests',
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('conference_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('way', sa.String(length=12), nullable=False),
    sa.Column('witness', sa.String(length=160), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(length=160), nullable=False),
    sa.Column('forwarded_from_id', sa.Uuid(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_sha256', sa.String(length=64), nullable=False),
    sa.Column('typed', sa.JSON(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decline_reason', sa.String(length=1000), nullable=False),
    sa.Column('forwarded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_signing_requests_agency_id_agencies')),
    sa.ForeignKeyConstraint(['forwarded_from_id'], ['signing_requests.id'], name=op.f('fk_signing_requests_forwarded_from_id_signing_requests')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_signing_requests_person_id_people')),
    sa.ForeignKeyConstraint(['version_id'], ['agreement_versions.id'], name=op.f('fk_signing_requests_version_id_agreement_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signing_requests'))
    )
    with op.batch_alter_table('signing_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signing_requests_agency_id'), ['agency_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_signing_requests_conference_id'), ['conference_id'], unique=False)

    op.create_table('signatures',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('signed', sa.String(length=12), nullable=False),
    sa.Column('way', sa.String(length=12), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=True),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('version_number', sa.Integer(), nullable=False),
    sa.Column('text_sha256', sa.String(length=64), nullable=False),
    sa.Column('agency_id', sa.Uuid(), nullable=False),
    sa.Column('organisation', sa.String(length=160), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('typed_name', sa.String(length=160), nullable=False),
    sa.Column('job_title', sa.String(length=160), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('authority', sa.String(length=500), nullable=False),
    sa.Column('everybody', sa.Boolean(), nullable=False),
    sa.Column('named', sa.JSON(), nullable=False),
    sa.Column('conference_id', sa.Uuid(), nullable=True),
    sa.Column('verified', sa.String(length=300), nullable=False),
    sa.Column('witness', sa.String(length=160), nullable=False),
    sa.Column('paper_id', sa.Uuid(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_local', sa.String(length=60), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('ip', sa.String(length=60), nullable=False),
    sa.Column('agent', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agencies.id'], name=op.f('fk_signatures_agency_id_agencies')),
    sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_signatures_paper_id_papers')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_signatures_person_id_people')),
    sa.ForeignKeyConstraint(['request_id'], ['signing_requests.id'], name=op.f('fk_signatures_request_id_signing_requests')),
    sa.ForeignKeyConstraint(['version_id'], ['agreement_versions.id'], name=op.f('fk_signatures_version_id_agreement_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signatures')),
    sa.UniqueConstraint('code', name=op.f('uq_signatures_code')),
    sa.UniqueConstraint('hash', name=op.f('uq_signatures_hash')),
    sa.UniqueConstraint('number', name=op.f('uq_signatures_number')),
    sa.UniqueConstraint('request_id', name=op.f('uq_signatures_request_id'))
    )
    with op.batch_alter_table('signatures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signatures_agency_id'), ['agency_id'], unique=False)
        batch_op.create_index('ix_signatures_version_id', ['version_id'], unique=False)

    op.create_table('signature_acts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('deed', sa.String(length=16), nullable=False),
    sa.Column('signature_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('by_name', sa.String(length=160), nullable=False),
    sa.Column('job_title', sa.String(length=160), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['signature_id'], ['signatures.id'], name=op.f('fk_signature_acts_signature_id_signatures')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature_acts')),
    sa.UniqueConstraint('hash', name=op.f('uq_signature_acts_hash')),
    sa.UniqueConstraint('number', name=op.f('uq_signature_acts_number')),
    sa.UniqueConstraint('signature_id', 'deed', name=op.f('uq_signature_acts_signature_id_deed'))
    )
    with op.batch_alter_table('signature_acts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signature_acts_signature_id'), ['signature_id'], unique=False)

    op.create_table('paper_exceptions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_name', sa.String(length=160), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['invitation_id'], ['invitations.id'], name=op.f('fk_paper_exceptions_invitation_id_invitations')),
    sa.ForeignKeyConstraint(['version_id'], ['report_versions.id'], name=op.f('fk_paper_exceptions_version_id_report_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_exceptions')),
    sa.UniqueConstraint('invitation_id', 'version_id', name=op.f('uq_paper_exceptions_invitation_id_version_id'))
    )
    with op.batch_alter_table('paper_exceptions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paper_exceptions_invitation_id'), ['invitation_id'], unique=False)

    with op.batch_alter_table('papers', schema=None) as batch_op:
        batch_op.alter_column('context_id', existing_type=sa.Uuid(), nullable=True)

    _move_links()
    _move_covered(dt.datetime.now(dt.timezone.utc))
    _close_chain()
    with op.batch_alter_table('invitation_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invitation_links_invitation_id'))

    op.drop_table('invitation_links')
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.drop_column('covered')


def _move_links() -> None:
    """Links to invitations go on working: they lie in one table with all others now, each with the address it was mailed to."""
    op.execute("INSERT INTO links (id, purpose, about_id, address, token_hash, code_hash, made_at, until, tries, revoked_at) "
               "SELECT l.id, 'invitation', l.invitation_id, lower(coalesce(p.email, '')), l.token_hash, l.code_hash, l.made_at, l.until, l.tries, l.revoked_at "
               "FROM invitation_links l JOIN invitations i ON i.id = l.invitation_id JOIN people p ON p.id = i.person_id")


def _table(called: str, /, **columns: sa.types.TypeEngine) -> sa.TableClause:
    return sa.table(called, *(sa.column(column, kind) for column, kind in columns.items()))


def _move_covered(now: dt.datetime) -> None:
    """One signature for each person who was recorded as covered at their agency, for a year, under a version that nobody can sign."""
    uid, text, line, day, moment, yes, number = sa.Uuid(), sa.Text(), sa.String(), sa.Date(), sa.DateTime(timezone=True), sa.Boolean(), sa.Integer()
    invitations = _table("invitations", person_id=uid, agency_id=uid, covered=yes)
    people, agencies = _table("people", id=uid, name=line, email=line, job_title=line), _table("agencies", id=uid, name=line)
    query = sa.select(people.c.id, people.c.name, people.c.email, people.c.job_title, agencies.c.id, agencies.c.name).select_from(invitations).join(
        people, people.c.id == invitations.c.person_id).join(agencies, agencies.c.id == invitations.c.agency_id).where(invitations.c.covered).distinct()
    covered = sorted(op.get_bind().execute(query).all(), key=lambda row: (row[5], row[1]))
    if not covered:
        return
    today, version = now.astimezone(ZoneInfo("Europe/London")).date(), uuid.uuid4()
    until, sha256 = today + dt.timedelta(days=365), hashlib.sha256(EARLIER_TEXT.encode()).hexdigest()
    op.bulk_insert(_table(
        "agreement_versions", id=uid, version=number, document=line, number=number, title=line, purpose=text, parties=text, body=text, changes=text,
        effective_on=day, months=number, approved_by=line, asks_again=yes, asks_kinds=sa.JSON(), grace_days=number, placeholder=yes, shown=text, sha256=line,
        published_at=moment, published_by=line, withdrawn_by=line, withdrawn_reason=text), [{
            "id": version, "version": 1, "document": "agreement", "number": 0, "title": EARLIER, "purpose": "", "parties": "", "body": EARLIER_TEXT, "changes": "",
            "effective_on": today, "months": 12, "approved_by": "", "asks_again": False, "asks_kinds": [], "grace_days": 0, "placeholder": True,
            "shown": EARLIER_TEXT, "sha256": sha256, "published_at": now, "published_by": "The hub itself", "withdrawn_by": "", "withdrawn_reason": ""}])
    rows, previous = [], "0" * 64
    for place, (person, name, email, job, agency, organisation) in enumerate(covered, 1):
        row = {
            "id": uuid.uuid4(), "number": place, "previous": previous, "code": uuid.uuid4().hex[:10].upper(), "signed": "agreement", "way": "recorded", "request_id": None,
            "version_id": version, "version_number": 0, "text_sha256": sha256, "agency_id": agency, "organisation": organisation, "person_id": person,
            "name": name, "typed_name": "", "job_title": job, "email": email or "", "authority": "", "everybody": False, "named": [str(person)],
            "conference_id": None, "verified": "A coordinator recorded this person as covered", "witness": "", "paper_id": None, "opened_at": None,
            "signed_at": now, "signed_local": f"{now.astimezone(ZoneInfo('Europe/London')):%d/%m/%Y %H:%M:%S %Z}", "until": until, "ip": "", "agent": ""}
        facts = {"table": "signatures"} | {key: _plain(value) for key, value in row.items()}
        previous = row["hash"] = hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        rows.append(row)
    signatures = _table(
        "signatures", id=uid, number=number, previous=line, hash=line, code=line, signed=line, way=line, request_id=uid, version_id=uid, version_number=number,
        text_sha256=line, agency_id=uid, organisation=line, person_id=uid, name=line, typed_name=line, job_title=line, email=line, authority=line, everybody=yes,
        named=sa.JSON(), conference_id=uid, verified=line, witness=line, paper_id=uid, opened_at=moment, signed_at=moment, signed_local=line, until=day, ip=line, agent=line)
    op.bulk_insert(signatures, rows)
    op.bulk_insert(_table("sequences", name=line, last=number), [{"name": "signature chain", "last": len(rows)}])


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.timezone.utc).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, uuid.UUID) else value


def _close_chain() -> None:
    """The database itself refuses to change or remove a signature, or what was done with one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE FUNCTION signatures_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'signatures are never changed or removed'; END $$")
        for table in ("signatures", "signature_acts"):
            op.execute(f"CREATE TRIGGER {table}_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                       "FOR EACH STATEMENT EXECUTE FUNCTION signatures_are_kept()")
        return
    for table in ("signatures", "signature_acts"):
        op.execute(f"CREATE TRIGGER {table}_are_kept_insert BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                   "BEGIN SELECT RAISE(ABORT, 'signatures are never changed or removed'); END")  # REPLACE asks no delete trigger
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_are_kept_{verb.lower()} BEFORE {verb} ON {table} "
                       "BEGIN SELECT RAISE(ABORT, 'signatures are never changed or removed'); END")


def downgrade() -> None:
    """Back-out is by restoring the backup taken before the upgrade."""
    raise NotImplementedError
