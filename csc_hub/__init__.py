"""CSC Hub: runs Context Safeguarding Conferences, meetings about a place or group and never about a child."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from flask import Flask

    from csc_hub.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings) -> Flask:
    """The hub, put together. Imports happen here so that child processes start light."""
    import flask_login
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from csc_hub import cli, demonstration
    from csc_hub import db as database
    from csc_hub.adapters import mail, mailbox, scanner, storage
    from csc_hub.exchange.doors import chores as door_chores
    from csc_hub.outbox import records as outbox  # noqa: F401 (its table belongs to the schema)
    from csc_hub.overview import frame
    from csc_hub.process.agreements import chores as agreement_chores
    from csc_hub.process.invitations import chores
    from csc_hub.web import compressed, errors, guards, look, quick, uploads

    app = Flask("csc_hub", template_folder=str(look.ROOT / "templates"), static_folder=str(look.ROOT / "static"))
    app.url_rule_class, app.request_class = quick.Rule, uploads.Request
    app.config.update(
        CSC=settings, SECRET_KEY=settings.secret, TESTING=settings.testing, SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True, "pool_use_lifo": True} | (
            {"pool_pre_ping": True} if settings.database_url.startswith("postgres") else {"connect_args": {"cached_statements": 32}}),  # 128 take 6 MB more
        TRUSTED_HOSTS=settings.hosts, MAX_CONTENT_LENGTH=1024 * 1024, MAX_FORM_MEMORY_SIZE=900 * 1024, MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="__Host-csc" if settings.https else "csc", SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=True)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    app.session_interface = guards.Sessions()
    database.db.init_app(app)
    guards.csrf.init_app(app)
    logins = flask_login.LoginManager(app)
    logins.session_protection = None  # it only tells whether a sign-in is fresh, which nothing asks
    logins.user_loader(guards.load_person)
    _open_doors(app)
    app.extensions["csc_store"] = storage.open_store(settings)
    app.extensions["csc_scanner"] = scanner.Clamd(settings.clamd) if settings.clamd else None
    app.extensions["csc_chores"] = [chores.run, agreement_chores.run, door_chores.run]
    app.extensions["csc_mail"] = mail.open_mail(settings)
    app.extensions["csc_mailbox"] = mailbox.open_mailbox(settings)
    compressed.init(app)
    look.init(app)
    errors.init(app)
    app.context_processor(frame.facts)
    app.view_functions["static"].guard = "anyone"  # type: ignore[attr-defined]
    for room in _rooms():
        app.register_blueprint(room.bp)
    for command in cli.COMMANDS:
        app.cli.add_command(command)
    if settings.demonstration and not settings.testing:
        with app.app_context():
            demonstration.refuse_foreign()
            database.db.engine.dispose()  # a worker that begins as a copy of this process must open its own
    return app


def _open_doors(app: Flask) -> None:
    """What an earlier step asks of a later one: who comes in, by which link, and what follows."""
    from csc_hub.exchange.doors import routes as door_routes
    from csc_hub.exchange.doors import service as doors
    from csc_hub.overview import said
    from csc_hub.people.links import Purpose
    from csc_hub.process.agreements import signing, signing_routes
    from csc_hub.process.conferences import records as conferences_records
    from csc_hub.process.contexts import records as contexts_records
    from csc_hub.process.contexts import service as contexts_service
    from csc_hub.process.invitations import closing, reply_routes, replying
    from csc_hub.process.plans import records as plans_records
    from csc_hub.process.plans import routes as plans_routes

    app.extensions["csc_context_door"] = contexts_service.enter
    app.extensions["csc_invited"] = replying.who
    app.extensions["csc_signing"] = signing.who
    app.extensions["csc_reporting"] = doors.who
    app.extensions["csc_came_by"] = {
        Purpose.INVITATION: reply_routes.came_by, Purpose.SIGNING: signing_routes.came_by, Purpose.UPDATES: door_routes.came_by}
    app.extensions["csc_update_form"] = plans_routes.UpdateForm
    app.extensions["csc_day_of_conference"] = conferences_records.day_of
    app.extensions["csc_conference_in_hand"] = conferences_records.current
    app.extensions["csc_conference_held"] = closing.obstacle_to_moving
    app.extensions["csc_conference_changed"] = closing.conference_changed
    app.extensions["csc_references"] = contexts_records.references
    app.extensions["csc_said"] = said.in_words
    app.extensions["csc_holders"] = lambda context_id: [(agency.id, agency.name) for agency, _ in plans_records.agencies_in(context_id)]


def _rooms() -> list[ModuleType]:
    """Every module that brings pages, each with its blueprint `bp`."""
    from csc_hub.audit import routes as audit
    from csc_hub.exchange import incoming_routes, returning_routes  # noqa: F401 (their pages are exchange's)
    from csc_hub.exchange import routes as exchange
    from csc_hub.exchange.doors import asking_routes  # noqa: F401 (its pages are exchange's too)
    from csc_hub.exchange.doors import routes as doors
    from csc_hub.exchange.whole_plans import routes as whole_plans
    from csc_hub.overview import attendance, health, scans, signatures  # noqa: F401 (scans belong to the register's pages)
    from csc_hub.overview import routes as overview
    from csc_hub.papers import routes as papers
    from csc_hub.people import routes as people
    from csc_hub.people import signing_in
    from csc_hub.process.agreements import check_routes, merging_routes
    from csc_hub.process.agreements import routes as agreements
    from csc_hub.process.agreements import passing_routes, signing_routes  # noqa: F401 (passing on belongs to signing's pages)
    from csc_hub.process.assessments import routes as assessments
    from csc_hub.process.conferences import council
    from csc_hub.process.conferences import routes as conferences
    from csc_hub.process.contexts import routes as contexts
    from csc_hub.process.invitations import at_door_routes, cover_routes, register_routes, reply_routes, sending_routes
    from csc_hub.process.invitations import routes as invitations
    from csc_hub.process.plans import our_actions
    from csc_hub.process.plans import routes as plans

    return [health, overview, signing_in, people, council, contexts, assessments, papers, conferences, invitations, reply_routes, sending_routes,
            register_routes, at_door_routes, attendance, plans, our_actions, exchange, doors, whole_plans, audit, agreements, signing_routes, signatures, cover_routes, check_routes, merging_routes]
