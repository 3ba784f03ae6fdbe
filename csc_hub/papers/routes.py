"""Open a paper, and have one checked for viruses again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_login import current_user

from csc_hub.db import db, start_writing
from csc_hub.kernel import NotFound
from csc_hub.papers import service
from csc_hub.papers.records import Check, Paper
from csc_hub.people.rules import May
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import attachment, form_page, see

bp = Blueprint("papers", __name__)


class WithdrawForm(forms.Form):
    """Why a paper is taken back."""

    reason = forms.Paragraphs("Reason", hint="For example: the wrong file. Do not repeat what should not have been in it.", needed="Give the reason, so that somebody who reads this in a year understands it", rows=3, most=1000)


def _paper(paper_id: uuid.UUID, from_invited: bool = False) -> Paper:
    """A paper of this context; what somebody invited has sent is opened through their invitation, by fewer people."""
    paper = db.session.get(Paper, paper_id)
    if paper is None or paper.context_id != g.context.id or paper.withdrawn_at is not None or (paper.from_invited and not from_invited):
        raise NotFound
    return paper


@bp.get("/contexts/<uuid:context_id>/papers/<uuid:paper_id>")
@guards.on_context(May.READ_CASE)
def open_paper(context_id: uuid.UUID, paper_id: uuid.UUID) -> Any:
    """Streams the paper as a download, and records who opened it."""
    if request.method == "HEAD":
        _paper(paper_id)
        return Response(status=200)
    paper = _paper(paper_id)
    content = service.content_of(paper)
    start_writing()
    service.record_opening(paper, current_user, g.now)
    return attachment(content, paper.name, paper.content_type, paper.size)


@bp.post("/contexts/<uuid:context_id>/papers/<uuid:paper_id>/check")
@guards.on_context(May.EDIT_ASSESSMENT)
def check_again(context_id: uuid.UUID, paper_id: uuid.UUID) -> Any:
    """Asks the virus scanner once more."""
    paper = _paper(paper_id, from_invited=True)
    back = "sending.papers" if paper.from_invited else "assessments.show"
    found = service.check_again(paper, current_user, g.now)
    say("The paper is clean and can be opened." if found is Check.CLEAN else "A virus was found. The paper was removed.")
    return see(url_for(back, context_id=context_id))


@bp.route("/contexts/<uuid:context_id>/papers/<uuid:paper_id>/withdraw", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def withdraw(context_id: uuid.UUID, paper_id: uuid.UUID) -> Any:
    """Takes back a paper that was uploaded in error, after asking once."""
    paper, form, back = _paper(paper_id), WithdrawForm(), url_for("assessments.show", context_id=context_id)
    if form.sent and form.attempt(lambda: service.withdraw(paper, form.reason.data, current_user, g.now)):
        say("The report is withdrawn. Nobody can open it any more.")
        return see(back)
    return form_page(form, "Withdraw this report", caption=paper.name, back=back, button="Withdraw this report", danger=True,
                     intro="The file is removed for good and nobody can open it again. That it was here, who withdrew it, when and why stays on record.")
