"""Pages and fragments: the same server state, whole for a browser and in part for htmx."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wsgi import wrap_file


def page(template: str, *, fragment: str | None = None, status: int = 200, **facts: Any) -> Response:
    """The page, or one block of it where htmx asked for a part."""
    partly = fragment and request.headers.get("HX-Request") and request.headers.get("HX-Request-Type") == "partial"
    if partly:
        found = current_app.jinja_env.get_template(template)
        context = found.new_context({**_shared(), **facts})
        text = "".join(found.blocks[fragment](context))
    else:
        text = render_template(template, **facts)
    response = make_response(text, status)
    response.headers["Vary"] = "HX-Request"
    return response


def _shared() -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for processor in current_app.template_context_processors[None]:
        facts.update(processor())
    return facts


def form_page(form: Any, title: str, *, button: str = "Save and continue", **facts: Any) -> Response:
    """A page that is one form; 422 where something in it must be put right."""
    facts = {"back": None, "intro": "", "cancel": None, "warning": "", "multipart": False, "caption": "", "danger": False, "other": None, "onward": None, "marked": getattr(form, "marked", ()), **facts}
    return page("form.html", form=form, title=title, button=button, status=422 if form.wrong else 200, **facts)


def attachment(content: Iterable[bytes] | BinaryIO, name: str, content_type: str, size: int) -> Response:
    """A stored file, streamed as a download that no browser shows or runs. An open file is left to the server to send."""
    sent = wrap_file(request.environ, content) if hasattr(content, "fileno") else content  # type: ignore[arg-type]
    answer = Response(sent, content_type=content_type, direct_passthrough=True)
    plain = "".join(c if c.isascii() and c.isalnum() or c in "-_." else "_" for c in name)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def see(url: str) -> Response:
    """Sends the browser on after something was saved; htmx follows as a whole page."""
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]
