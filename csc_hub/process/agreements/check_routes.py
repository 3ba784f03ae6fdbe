"""The public page that says whether a receipt or a text is genuine. Only receipts and the documents lead there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from csc_hub.kernel import Refused
from csc_hub.process.agreements import checking
from csc_hub.process.agreements.checking import Asked, Verdict
from csc_hub.web import forms, guards
from csc_hub.web.pages import page

bp = Blueprint("checking", __name__)
MOST = 512 * 1024


class CheckForm(forms.Form):
    """A code, or a text."""

    code = forms.Line("Check code or SHA-256", hint="The check code is on the receipt. A SHA-256 has 64 letters and digits.", most=120, wanted=True, width="govuk-!-width-two-thirds")
    file = forms.File("Or choose the text", hint=f"The text file that was downloaded from the hub, up to {MOST // 1024} kB. It is compared and not kept.", needed="")

    def asked(self) -> Asked:
        """What was typed or chosen. Raises `Refused` at the field."""
        chosen = self.file.data if getattr(self.file.data, "filename", "") else None
        if self.code.data and chosen:
            raise Refused("Enter a code or choose a text, and not both", "code")
        if chosen:
            content = chosen.stream.read(MOST + 1)
            if not content or len(content) > MOST:
                raise Refused("The file is empty. Choose the text file" if not content else f"The text must have {MOST // 1024} kB or less", "file")
            return checking.asked_of(content)
        if not self.code.data:
            raise Refused("Enter the check code from the receipt, or choose a text", "code")
        return checking.asked(self.code.data)


@bp.route("/check", methods=["GET", "POST"])
@guards.anyone_with_file(MOST)
def check() -> Any:
    """Answers in three ways, and never says who signed or what."""
    form, found = CheckForm(), None
    if form.sent:
        try:
            found = checking.verdict(form.asked(), request.remote_addr or "", g.now, g.today)
        except Refused as refusal:
            form.refuse(refusal)
    return page("agreements/check.html", form=form, found=found, verdicts=Verdict, status=422 if form.wrong else 200)
