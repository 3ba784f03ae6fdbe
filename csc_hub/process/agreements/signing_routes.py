"""The pages of somebody who was asked to sign: read, say who you are, sign; or decline, or pass it on. No account, one column."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, request, session, url_for

from csc_hub.adapters import markdown
from csc_hub.kernel import NotFound, Refused
from csc_hub.people import links
from csc_hub.people.links import Link, Purpose
from csc_hub.process.agreements import receipts, rules, signing, undertaking
from csc_hub.process.agreements.records import Signature
from csc_hub.process.agreements.rules import Way
from csc_hub.process.agreements.signing import About, Browser
from csc_hub.web import forms, guards
from csc_hub.web.pages import page, see

bp = Blueprint("signing", __name__)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ReadForm(forms.Form):
    """Step 1."""


class AboutForm(forms.Form):
    """Step 2."""

    name = forms.Line("Your full name", needed="Enter your name", most=160, autocomplete="name")
    job_title = forms.Line("Your job title", needed="Enter your job title", most=160, autocomplete="organization-title")
    authority = forms.Choice("Can you sign for your organisation?", needed="Say whether you can sign for your organisation")
    covers = forms.Choice("Whom does your signature cover?", needed="Say whom your signature covers")
    named = forms.Choices("The people it covers", hint="Choose them if your signature does not cover everybody.")
    email = forms.Email("Your e-mail address", hint="Your receipt is sent there.", autocomplete="email")


class SignForm(forms.Form):
    """Step 3."""

    typed_name = forms.Line("Type your full name", needed="Type your name", most=160, autocomplete="name")


def came_by(link: Link) -> Response:
    """Lets somebody in by their link or code. Raises `NotFound` where nothing waits for them any more."""
    found = signing.came(link)
    if found is None or found.request.closed_at or found.request.declined_at:
        raise NotFound
    found = signing.come_in(link, g.now)
    session.pop("handed", None)
    session.pop("began", None)
    session["signing"] = str(found.link.id)
    return see(url_for("signing.read"))


@bp.route("/s/<sign_key>", methods=["GET", "POST"])
@guards.anyone
def link(sign_key: str) -> Any:
    """What a link shows before a person presses Continue. Looking changes nothing, whoever or whatever looks."""
    found = links.of_token(sign_key, g.now, Purpose.SIGNING)
    came = signing.came(found) if found else None
    if found is None or came is None:
        own = signing.who(session.get("signing"), g.now)
        if own and links.is_about(sign_key, own.request.id):  # the code on a screen, which this phone has used already
            return see(url_for("signing.read"))
        return page("signing/no_link.html", status=404)
    try:
        if not came.request.signed_at:
            signing.must_wait(came.request)
    except Refused as refusal:
        return page("signing/over.html", sentence=refusal.sentence, asked=came.request)
    return came_by(found) if request.method == "POST" else page("signing/link.html", door=came.request.way_ is Way.DOOR)


def began() -> str:
    """From which page they came to sign, `invited` or `door`: there they go back to. Whoever came by a link has the page that this browser opened before."""
    return session.get("began") or next((one for one in ("invited", "door") if one in session), "")


def elsewhere_to_go() -> Any:
    """The page for somebody who has nothing left to do here; None while there is."""
    asked = g.signing.request
    if asked.signed_at:
        return see(url_for("signing.done"))
    try:
        signing.must_wait(asked)
        signing.version_now(g.now)
    except Refused as refusal:
        return page("signing/over.html", sentence=refusal.sentence, asked=asked)
    return None


def _text(form: forms.Form) -> Any:
    version = signing.version_now(g.now)
    return page("signing/read.html", status=422 if form.wrong else 200, form=form, version=version, asked=g.signing.request,
                shown=markdown.html(version.shown, top=2))


def browser() -> Browser:
    """Where this request comes from."""
    return Browser(request.remote_addr or "", request.user_agent.string)


@bp.route("/sign", methods=["GET", "POST"])
@guards.signing
def read() -> Any:
    """Step 1 of 3: the whole text."""
    elsewhere = elsewhere_to_go()
    if elsewhere:
        return elsewhere
    form = ReadForm()
    if form.sent and form.attempt(lambda: signing.read(g.signing.request, request.form.get("seen", ""), g.now)):
        return see(url_for("signing.about"))
    return _text(form)


@bp.get("/sign/text.txt")
@guards.signing
def download() -> Any:
    """The exact text that is signed, so that anybody can work out its hash."""
    version = signing.version_now(g.now)
    answer = Response(version.shown.encode(), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="agreement-version-{version.number}.txt"'
    return answer


@bp.route("/sign/about", methods=["GET", "POST"])
@guards.signing
def about() -> Any:
    """Step 2 of 3: who you are, and whom your signature covers."""
    asked = g.signing.request
    elsewhere = elsewhere_to_go() or _unread()
    if elsewhere:
        return elsewhere
    form, there = AboutForm(), signing.people_of(asked.agency)
    day = undertaking.day_of_meeting(asked)
    form.authority.offer([("sign", rules.authority_of(asked.agency.name)), ("pass", "I need to pass this to somebody who can sign"), *(
        [("undertake", "I cannot sign for them. I sign for myself, for this meeting only")] if day and day >= g.today else [])])
    form.covers.offer([("everybody", f"Everybody at {asked.agency.name}"), ("named", "Only the people I choose here")])
    own = [(asked.line_id, f"{asked.name} (you)")] if asked.line_id else []
    form.named.offer([*own, *((person.id, person.name) for person in there)])
    if not form.is_sent():
        form.name.data = asked.typed.get("name") or asked.name
        for name in ("job_title", "authority", "named", "email"):
            form[name].data = asked.typed.get(name) or form[name].data
        form.covers.data = asked.typed.get("covers") or "everybody"
        form.named.data = form.named.data or [str(one) for one, _ in own]
    if not there:
        del form.covers, form.named
    if asked.email:
        del form.email
    if form.sent and form.attempt(lambda: signing.about(asked, _typed(form), g.now)):
        return see(url_for({"sign": "signing.sign", "pass": "signing.pass_on"}.get(form.authority.data, "signing.undertaking")))
    return page("signing/about.html", status=422 if form.wrong else 200, form=form, asked=asked)


def _typed(form: Any) -> About:
    """Where the hub knows nobody at an organisation, everybody there is covered."""
    return About(form.name.data or "", form.job_title.data or "", form.authority.data, form.covers.data if form.covers else "everybody",
                 list(form.named.data or ()) if form.named else [], (form.email.data or "") if form.email else "")


def _unread() -> Any:
    return None if signing.has_read(g.signing.request, signing.version_now(g.now)) else see(url_for("signing.read"))


@bp.route("/sign/name", methods=["GET", "POST"])
@guards.signing
def sign() -> Any:
    """Step 3 of 3: type your name and sign."""
    asked, form = g.signing.request, SignForm()
    elsewhere = elsewhere_to_go()
    if elsewhere:
        return elsewhere
    version = signing.version_now(g.now)
    if not signing.has_read(asked, version):
        if asked.read_sha256 and form.is_sent():
            again = ReadForm()
            again.refuse(Refused(signing.CHANGED))
            return _text(again)
        return see(url_for("signing.read"))
    if not signing.is_told(asked):
        return see(url_for("signing.about"))
    if form.sent and form.attempt(lambda: signing.sign(g.signing, form.typed_name.data or "", browser(), g.now)):
        return see(url_for("signing.done"))
    until = rules.signature_until(g.today, version.months)
    return page("signing/sign.html", status=422 if form.wrong else 200, form=form, asked=asked, version=version, until=until)


def _signed() -> Signature:
    """What this person signed here: the agreement, or else the undertaking for the meeting."""
    found = signing.signature_of(g.signing.request) or undertaking.undertaking_of(g.signing.request)
    if found is None:
        raise NotFound
    return found


@bp.get("/sign/done")
@guards.signing
def done() -> Any:
    """That it is signed, with the check code, the receipt, and what is open now."""
    signature = _signed()
    return page("signing/done.html", signature=signature, covers=receipts.covers(signature), began=began(),
                here=signature.way_ is Way.DOOR)


@bp.get("/sign/receipt")
@guards.signing
def receipt() -> Any:
    """The receipt to print."""
    signature = _signed()
    return page("signing/receipt.html", signature=signature, rows=receipts.rows(signature), council=current_app.config["CSC"].council,
                check_url=receipts.check_url())


@bp.get("/sign/receipt.docx")
@guards.signing
def receipt_word() -> Any:
    """The receipt as a Word document."""
    answer = Response(receipts.as_word(_signed(), current_app.config["CSC"].council), content_type=WORD)
    answer.headers["Content-Disposition"] = 'attachment; filename="receipt.docx"'
    return answer


@bp.post("/sign/leave")
@guards.anyone
def leave() -> Any:
    """Closes these pages on this device, also when their link is over: the link in the mail opens them again, and a device goes back to whose it is."""
    session.pop("signing", None)
    handed = session.pop("handed", None)
    if handed or guards.is_handed():
        guards.take_back()
        return see(url_for("signing_in.sign_in", next=handed["back"] if handed else None))
    return see(url_for("replies.code"))
