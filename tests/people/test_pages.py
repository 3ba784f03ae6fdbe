"""The pages of people: what stands beside each name."""

import re

from tests.hub import Hub, words_of


def test_whoever_has_no_role_does_not_sign_in_and_lacks_no_password(hub: Hub) -> None:
    owen = hub.be("administrator")
    plain = {"job_title": "", "phone": "", "access_needs": "", "agency_id": ""}
    owen.post("/people/add", name="Asked Only", email="", **plain)
    owen.post("/people/add", name="Newly Reading", email="newly.reading@anyshire.example", roles="reader", **plain)
    page = words_of(owen.get("/people"))
    assert re.search(r"Asked Only – Does not sign in", page.replace("  ", " ")) and re.search(r"Newly Reading Reader – No password yet", page)
    person = re.search(r'href="(/people/[0-9a-f-]+)">Asked Only', owen.get("/people").text)
    assert person and "Does not sign in: no role" in words_of(owen.get(person[1]))
