"""Hostile and unusual words in every field of every form (A8)."""

from __future__ import annotations

import random
import re
from typing import Any

from tests.exchange.test_safe_text import HOSTILE
from tests.house.page import Page, Walk, injected
from tests.house.test_strings import (
    ODD, STRINGS, VALUES, WORDS, as_kept, forms_of, held_words, is_date, is_number, plain_form, send,
)
from tests.trust.stage import Outcome, Stage

ODD_LETTERS = "<>\"'`&%{}$#;|=+-@\\/\x00\x08\x1b\x7f\x85\xa0\u200b\u200e\u202e\u2028\ufeff\uff1d\ufffe\ud800\U0001f469\u0301é漢ش\t\r\n "


def strings(count: int) -> list[str]:
    """Hand-made ones first, then seeded mixtures of them."""
    chance = random.Random(600)
    made = list(dict.fromkeys((*STRINGS[:-2], *HOSTILE, *VALUES[len(STRINGS) - 2:-1])))[:count]
    short = [text for text in made if len(text) < 200]
    while len(made) < count:
        way = chance.randrange(3)
        if way == 0:
            text = chance.choice(short) + chance.choice(short)
        elif way == 1:
            text = "".join(chance.choices(ODD_LETTERS, k=chance.randrange(1, 60)))
        else:
            text = chance.choice(short)
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(ODD_LETTERS) + text[place:]
        made += [text] if text not in made else []
    return made


def words(stage: Stage) -> Outcome:
    """A8: never a broken page, never live in one, kept as typed or refused in words."""
    found, walk = Outcome(), Walk(stage.ground())
    ground, texts_sent = walk.ground, strings(stage.times(6, 600))
    ground.watch.changed()
    fields = 0
    for endpoint, (role, url, form) in forms_of(walk).items():
        secret = any(c.kind in ("file", "password") for c in form.fields)
        texts = [c for c in form.fields if c.kind in WORDS and not is_date(c) and not is_number(c)]
        odd = [c for c in form.fields if c.kind in ODD and c.name not in ("csrf_token", "") or is_date(c) or is_number(c)]
        fields += len(texts) + len(odd)
        plain = plain_form(endpoint, form)
        for number, text in enumerate(texts_sent):
            sent = {c.name: text for c in texts}
            if odd and (number % 3 == 2 or not texts):  # one other field at a time, so that each form is also taken
                sent = {odd[number // 3 % len(odd)].name: text[:2_000 if secret else None]}
            answer = send(ground, role, url, [(name, sent.get(name, value)) for name, value in plain])
            wrong = _wrong(answer)
            if answer.status_code == 303 and set(sent) == {c.name for c in texts} and not secret and sent:
                held = set(held_words(ground.watch.line))
                wrong += [f"{c.name} was not kept as typed" for c in texts if as_kept(c, text) not in held]
                wrong += _wrong(ground.seats[role].ask("GET", answer.headers["Location"]))
            found.expect(not wrong, f"{endpoint}, {text[:40]!r} in {', '.join(sent)}: {wrong}")
            if ground.watch.changed():
                ground.watch.restore()
    found.figure = f"{len(texts_sent)} strings × {fields} fields in {found.tried} forms sent, {len(found.failed)} failures"
    return found


def _wrong(answer: Any) -> list[str]:
    """What is wrong with an answer to hostile words."""
    wrong = [] if answer.status_code in (200, 303, 404, 409, 413, 422, 429) else [f"answered {answer.status_code}"]
    wrong += [f"header {name}" for name, value in answer.headers if re.search("[\r\n]", value) or name == "Set-Cookie" and value.startswith("csc=x")]
    if answer.mimetype == "text/html" and answer.text:
        page = Page(answer.text)
        wrong += [f"injected {what}" for what in injected(page)]
        wrong += ["a template was run"] if "csc49csc" in page.words else []
        wrong += ["a zero byte in the page"] if "\x00" in answer.text else []
        wrong += [f"{name} came in" for name in ("hx-get", "hx-trigger") for v in page.all(name) if "sign-out" in v or v == "load"]
    return wrong
