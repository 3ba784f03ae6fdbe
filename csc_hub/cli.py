"""The `csc-hub` command, also as `flask --app app`: serve, demo, migrate, and what one person in IT needs now and then."""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

import csc_hub
from csc_hub.kernel import Refused


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(csc_hub.__version__, prog_name="csc-hub")
def main() -> None:
    """CSC Hub: runs Context Safeguarding Conferences. Settings come from the environment (see deploy/)."""
    os.umask(0o077)  # what the hub writes is for its own user


def in_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a command inside the hub; exit 2 with one sentence where the settings will not do."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from flask import has_app_context

        from sqlalchemy.exc import OperationalError

        from csc_hub.adapters.storage import StoreDown
        from csc_hub.settings import BadSettings, from_environment

        try:
            if has_app_context():
                return command(*args, **kwargs)
            with csc_hub.create_app(from_environment()).app_context():
                return command(*args, **kwargs)
        except (BadSettings, Refused) as fault:
            click.echo(str(fault), err=True)
            sys.exit(2 if isinstance(fault, BadSettings) else 1)
        except StoreDown:
            click.echo("The place where papers are kept does not answer. Nothing was changed.", err=True)
            sys.exit(1)
        except OperationalError as fault:
            click.echo(f"The database cannot be used: {str(fault.orig).strip()}", err=True)
            sys.exit(1)

    return run


@main.command()
@in_app
def migrate() -> None:
    """Bring the database to the schema of this version. Exit 0 when it is there."""
    from csc_hub import schema

    click.echo(f"The database is at {schema.upgrade()}.")


@main.command()
@in_app
@click.option("--returned", is_flag=True, help="Also two agencies’ workbooks that came back: one with a cell held, one with a cell that both sides changed, sent by a link in a mail.")
def demo(returned: bool) -> None:
    """Build the demonstration council, unless it is there already. Needs CSC_DEMONSTRATION=1."""
    from csc_hub import demonstration, schema

    demonstration.must_be_on()
    schema.upgrade()
    click.echo("The demonstration council is ready." if demonstration.build(returned) else "The demonstration council is there already.")


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=lambda: int(os.environ.get("PORT") or 8000), help="The port to answer on (or PORT).")
@click.option("--bind", default="127.0.0.1", help="The address to answer on; a demonstration answers on this machine alone.")
@click.option("--no-worker", is_flag=True, help="Send no mail here: csc-hub worker runs elsewhere.")
def serve(port: int, bind: str, no_worker: bool) -> None:
    """Serve the hub with gunicorn, two workers of four threads, and send its mail beside it."""
    from csc_hub.outbox import beside
    from csc_hub.settings import LOOPBACK, BadSettings, from_environment

    os.environ["PORT"] = str(port)
    try:
        settings = from_environment()
        if settings.demonstration and bind not in LOOPBACK:
            raise BadSettings("A demonstration answers on this machine alone: leave --bind out.")
    except BadSettings as fault:
        click.echo(str(fault), err=True)
        sys.exit(2)
    os.environ["CSC_DATA"] = str(settings.data)
    click.echo(f"CSC Hub answers on http://{bind}:{port} (stop it with Ctrl+C).")
    if settings.demonstration:
        click.echo(f"To sign in, open that address and choose somebody from the list. Files to try: {settings.data / 'samples'}")
    sys.stdout.flush()
    os.chdir(Path(csc_hub.__file__).resolve().parents[1])  # where app.py is
    if not no_worker:
        beside.start()
    _become_gunicorn([
        "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "120",
        "--preload", "--no-control-socket", "--bind", f"{bind}:{port}", "--log-level", "warning", "app:app"])


def _become_gunicorn(words: list[str]) -> NoReturn:
    """Serves in this process: to start Python anew would take a tenth of the time until the first page."""
    import ctypes

    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError):  # threads share what they freed: a worker needs a third less memory
            ctypes.CDLL(None).mallopt(-8, 1)  # M_ARENA_MAX, which glibc has and others need not
    sys.argv = ["gunicorn", *words]
    from gunicorn.app import wsgiapp

    sys.exit(wsgiapp.run(prog="gunicorn"))


@main.command()
@click.option("--once", is_flag=True, help="Send what is due now, and end.")
@click.option("--beside", is_flag=True, hidden=True, help="End when the process that started it has ended.")
@in_app
def worker(once: bool, beside: bool) -> None:
    """Send the mail that waits, until stopped. Any number of workers may run at the same time."""
    import logging

    from flask import current_app

    from csc_hub.outbox import beside as running
    from csc_hub.outbox import worker as sending

    logging.basicConfig(level=logging.WARNING, format="worker: %(message)s", stream=sys.stderr)
    logging.getLogger("csc_hub.outbox").setLevel(logging.INFO)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if not once:
        running.run(app, beside)
        return
    tried = 0
    while now_tried := sending.send_due(app):
        tried += now_tried
    click.echo(f"{tried} tried.")


@main.command("add-person")
@click.argument("email")
@click.option("--name", required=True, help="Full name.")
@click.option("--role", "roles", multiple=True, help="coordinator, lead, chair, agency_contact, partner, ig_officer or reader; may be given more than once.")
@click.option("--agency", default="", help="The agency's name, which an agency contact or partner needs.")
@click.option("--administrator", is_flag=True, help="Keeps people and settings, and sees no case content.")
@in_app
def add_person(email: str, name: str, roles: tuple[str, ...], agency: str, administrator: bool) -> None:
    """Add somebody and print a one-time link with which they choose a password. Exit 1 where that is refused."""
    from flask import current_app
    from email_validator import EmailNotValidError, validate_email

    from csc_hub import kernel
    from csc_hub.db import writing
    from csc_hub.people import records, service
    from csc_hub.people.rules import LINK_HOURS, Role

    known = {role.value for role in Role}
    wrong = [role for role in roles if role not in known]
    if wrong:
        raise Refused(f"There is no role “{wrong[0]}”. The roles are {kernel.listed(sorted(known))}.")
    try:
        email = validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise Refused(f"“{email}” is not an e-mail address.") from None
    if not kernel.tidy(name):
        raise Refused("Give the person’s name.")
    named = [a for a in records.agencies() if a.name.lower() == agency.strip().lower()]
    if agency and not named:
        raise Refused(f"There is no agency called “{agency}”. An administrator adds agencies in the hub.")
    chosen = frozenset(Role(role) for role in roles) | ({Role.ADMINISTRATOR} if administrator else frozenset())
    with writing():
        person = service.add_person(service.PersonDraft(name=kernel.tidy(name)[:160], email=email, roles=frozenset(chosen), agency_id=named[0].id if agency else None), None, kernel.now())
        token = service.make_link(person, None, kernel.now())
    click.echo(f"{person.name} is added. This link works once, within {LINK_HOURS} hours; give it to nobody else:")
    click.echo(f"{current_app.config['CSC'].url}/choose-password/{token}")


@main.command("check-workbook")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of sentences.")
def check_workbook(files: tuple[str, ...], as_json: bool) -> None:
    """Read spreadsheets as the importer would, without a database.

    Exit 0 when all is clean, 1 when something is refused, 2 when a file cannot be read.
    """
    from csc_hub.exchange import checking

    results = [checking.check(name) for name in files]
    click.echo(json.dumps(results, ensure_ascii=False, indent=2) if as_json else checking.as_text(results))
    sys.exit(checking.exit_code(results))


@main.command("export-plan")
@click.argument("reference", required=False)
@click.option("--agency", default="", help="Only this agency’s actions: as .xlsx, its workbook to fill in.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write, ending in .xlsx or .docx.")
@click.option("--list", "listing", is_flag=True, help="List the plans and their agencies.")
@click.option("--json", "as_json", is_flag=True, help="List them as JSON.")
@in_app
def export_plan(reference: str | None, agency: str, output: Path | None, listing: bool, as_json: bool) -> None:
    """Write a plan, or an agency's workbook, to a file; the download is recorded. Exit 1 where that is refused."""
    from csc_hub import kernel
    from csc_hub.exchange import terminal

    if listing:
        found = terminal.plan_list()
        click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(
            f"{plan['reference']}  {', '.join(plan['agencies']) or 'not issued yet'}" for plan in found))
        return
    if not reference or not output:
        raise click.UsageError("Name the plan and, with -o, the file to write; or use --list.")
    terminal.export_plan(reference, agency, output, kernel.now())
    click.echo(f"Written to {output}.", err=True)


@main.command("import-updates")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--agency", required=True, help="The agency that sent the workbook.")
@click.option("--plan", default="", help="The plan’s reference, where the file names none.")
@click.option("--column", "columns", multiple=True, help="The letter of the column to read where two mean the same, such as E; once for each such pair.")
@click.option("--apply", "really", is_flag=True, help="Take what can be taken, and hold the rest; without it nothing is changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@in_app
def import_updates(file: Path, agency: str, plan: str, columns: tuple[str, ...], really: bool, as_json: bool) -> None:
    """Show what an agency's workbook would change or, with --apply, take it. Exit 1 when something is held or refused, 2 when the file cannot be read."""
    from csc_hub import kernel
    from csc_hub.exchange import terminal

    try:
        result = terminal.import_updates(file, agency, plan, really, kernel.now(), columns)
    except (terminal.Unreadable, Refused) as fault:
        if as_json:
            click.echo(json.dumps({"error": str(fault), **dict.fromkeys(("rows", "matched", "changed_cells", "conflicts", "refused", "held"), 0)}, ensure_ascii=False))
        click.echo(str(fault), err=True)
        sys.exit(2 if isinstance(fault, terminal.Unreadable) else 1)
    if as_json:
        click.echo(json.dumps({name: value for name, value in result.items() if name != "lines"}, ensure_ascii=False))
    else:
        words = f"{kernel.count(result['changed_cells'], 'cell')} {'taken' if result['applied'] else 'would change'}"
        click.echo("\n".join([*result["said"], *result["lines"], f"{kernel.count(result['rows'], 'row')}, {result['matched']} matched: {words}, "
                              f"{result['conflicts']} changed here too, {result['refused']} refused, {result['held']} held."]))
    sys.exit(terminal.exit_code(result))


@main.command("check-papers")
@in_app
def check_papers() -> None:
    """Ask the virus scanner about papers that wait for it. Exit 1 while some still wait."""
    from flask import current_app

    from csc_hub import kernel
    from csc_hub.adapters.storage import Damaged, Missing, StoreDown
    from csc_hub.db import writing
    from csc_hub.papers import records, service

    if current_app.extensions["csc_scanner"] is None:
        click.echo("The council has no virus scanner (CSC_CLAMD is not set), so there is nothing to ask.")
        return
    left = 0
    for paper_id, name in [(paper.id, paper.name) for paper in records.unchecked()]:
        try:
            with writing():
                found = service.check_again(records.db.session.get_one(records.Paper, paper_id), None, kernel.now())
            click.echo(f"{name}: {'clean' if found is records.Check.CLEAN else 'a virus was found, and the paper was removed'}.")
        except (Refused, StoreDown, Missing, Damaged) as fault:
            left += 1
            click.echo(f"{name}: {fault.sentence if isinstance(fault, Refused) else 'its file cannot be had from the store'}", err=True)
    click.echo(f"{kernel.count(left, 'paper')} still waiting.")
    sys.exit(1 if left else 0)


@main.command("sweep-papers")
@click.option("--remove", is_flag=True, help="Remove them; without it they are only named.")
@in_app
def sweep_papers(remove: bool) -> None:
    """Name files in the store that belong to nothing, as an upload leaves them that broke off."""
    from flask import current_app

    from csc_hub import db as database
    from csc_hub.exchange import service

    store = current_app.extensions["csc_store"]
    found = service.strays()
    if remove and found:
        time.sleep(30)  # a file just stored gets its row within moments
        database.pause()
        found = sorted(set(found) & set(service.strays()))
    if remove:
        found += store.sweep()
    for key in found:
        click.echo(key)
        if remove:
            store.delete(key)
    click.echo(f"{len(found)} found{', and removed' if remove and found else ''}.", err=True)


@main.command("verify-signatures")
@click.option("--head", "head_file", type=click.Path(), help="A head that was written down earlier: what is missing against it is named.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@in_app
def verify_signatures(head_file: str | None, as_json: bool) -> None:
    """Prove the chain of signatures from the database alone.

    Exit 0 when it is whole, 1 when something was changed or is missing, 2 when it cannot be read.
    """
    from pathlib import Path

    from sqlalchemy.exc import DBAPIError

    from csc_hub.process.agreements import proof

    try:
        found = proof.prove(proof.head_of(Path(head_file).read_text("utf-8")) if head_file else None)
    except (OSError, ValueError, DBAPIError) as fault:
        said = str(fault.orig).strip() if isinstance(fault, DBAPIError) else str(fault)
        click.echo(json.dumps({"unreadable": said}) if as_json else f"It cannot be read: {said}.", err=not as_json)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(found.as_plain(), indent=2))
    else:
        click.echo("\n".join(f"{fault}." for fault in found.faults) or f"Whole: number {found.head.number}, {found.head.hash}.")
    sys.exit(0 if found.whole else 1)


COMMANDS = tuple(main.commands.values())


if __name__ == "__main__":
    main()
