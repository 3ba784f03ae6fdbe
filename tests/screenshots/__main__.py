"""Writes every page and important state of a fresh demonstration to build/screenshots, at desktop and phone width.

Run as `python -m tests.screenshots`, or with words of names to write only those: `python -m tests.screenshots plan`.
"""

from __future__ import annotations

import sys
import time

from tests import browser
from tests.browser import PHONE, ROOT, WIDE
from tests.hub import NAMES
from tests.screenshots import casework, doors, invited, letters, outside, planning, signing, whole_plans
from tests.screenshots.gallery import OUT, Gallery, context, long_names


def printed(gallery: Gallery, cases: dict[str, str]) -> None:
    """How the pages look on paper."""
    for name, where in (("plan", "/plan"), ("context", ""), ("assessment", "/assessment"), ("conference", "/conference"), ("invitations", "/invitations"), ("register", "/register")):
        page = gallery.page("coordinator")
        page.goto(gallery.server.url + cases["school"] + where)
        page.pdf(path=str(OUT / f"print-{name}.pdf"), format="A4", margin={side: "15mm" for side in ("top", "bottom", "left", "right")})


def main(only: list[str]) -> int:
    """Takes all pictures; 1 where a page had a fault."""
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir() if not only else ():
        old.unlink()
    begun = time.monotonic()
    written, faults = 0, []
    with browser.chromium() as chromium:
        written += letters.mails(chromium, only)
        for width in (WIDE, PHONE):
            with browser.demonstration() as server:
                gallery = Gallery(server, chromium, width, only)
                try:
                    cases = {key: context(gallery, name) for key, name in NAMES.items()}
                    casework.contexts(gallery, cases, long_names(gallery))
                    casework.assessments(gallery, cases)
                    casework.plans(gallery, cases)
                    planning.conferences(gallery, cases)
                    planning.invitations(gallery, cases)
                    planning.register(gallery, cases)
                    invited.invited(gallery, cases)
                    outside.exchange(gallery, cases)
                    whole_plans.brought(gallery, cases)
                    doors.doors(gallery, cases)
                    outside.people(gallery)
                    signing.kept(gallery)
                    signing.signed(gallery)
                    signing.door(gallery)
                    if width is WIDE:
                        printed(gallery, cases)
                finally:
                    gallery.close()
                written, faults = written + gallery.written, faults + gallery.watch.faults
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{written} pictures in {OUT.relative_to(ROOT)}, {time.monotonic() - begun:.0f} seconds.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
