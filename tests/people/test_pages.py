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


def test_a_kind_of_the_councils_own_is_removed_on_its_page_and_one_in_use_says_by_whom(hub: Hub) -> None:
    owen = hub.be("administrator")
    for name in ("Ferry operators", "Piers"):
        owen.post("/agencies/kinds/add", name=name, statutory="0")
    kinds = dict(re.findall(r'([^<>]+) <a [^>]*href="(/agencies/kinds/[0-9a-f-]+)"', owen.get("/agencies").text))
    owen.post("/agencies/add", name="Coast Ferries", kind_id=kinds["Ferry operators"].rpartition("/")[2], statutory="0")
    for name in kinds:
        offered = re.search(r'action="([^"]+)/remove"', owen.get(kinds[name]).text)
        assert bool(offered) is (name in ("Ferry operators", "Piers")), "the guidance’s kinds stay"
    answer = owen.post(f"{kinds['Ferry operators']}/remove", page=kinds["Ferry operators"])
    assert answer.status_code == 422 and "in use by Coast Ferries. Choose another kind for them first" in words_of(answer)
    assert owen.post(f"{kinds['Piers']}/remove", page=kinds["Piers"]).status_code == 303
    page = words_of(owen.get("/agencies"))
    assert "Ferry operators" in page and "“Piers” is removed" in page and page.count("Piers") == 1
