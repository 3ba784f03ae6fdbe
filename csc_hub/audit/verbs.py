"""Every verb an event can carry, and the words a person reads for it. A verb that is not here cannot be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc_hub.kernel import count, listed

VERBS = {
    "signed_in": "signed in",
    "sign_in_failed": "could not sign in",
    "signed_out": "signed out",
    "chose_password": "chose a password",
    "refused_door": "was refused a page",
    "made_demonstration": "made the demonstration council",
    "added_person": "added a person",
    "changed_person": "changed a person’s details",
    "made_sign_in_link": "made a link to choose a password",
    "ended_access": "ended a person’s access",
    "restored_access": "gave a person access again",
    "added_agency": "added an agency",
    "changed_agency": "changed an agency’s details",
    "merged_agencies": "merged an agency into another",
    "changed_kind": "changed a kind of agency",
    "removed_kind": "removed a kind of agency",
    "added_kind": "added a kind of agency",
    "referred": "referred the context",
    "changed_context": "changed the context’s details",
    "changed_counts": "changed the counts of young people",
    "changed_team": "changed who leads",
    "decided_threshold": "recorded the threshold decision",
    "moved": "moved the context on",
    "changed_assessment": "changed the assessment’s dates",
    "added_finding": "added a finding",
    "changed_finding": "changed a finding",
    "removed_finding": "removed a finding",
    "chose_priorities": "chose the priority issues",
    "added_involvement": "recorded who was involved",
    "removed_involvement": "removed a record of who was involved",
    "added_referral_out": "recorded a referral about an individual",
    "confirmed_referral_out": "confirmed a referral about an individual",
    "uploaded_paper": "uploaded a paper",
    "opened_paper": "opened a paper",
    "withdrew_paper": "withdrew a paper",
    "checked_paper": "had a paper checked for viruses",
    "refused_paper": "was refused a paper with a virus in it",
    "refused_file": "sent a file that could not be taken",
    "mail_came_back": "noted that a mail came back",
    "planned_conference": "began to plan a conference",
    "changed_conference": "changed the conference’s details",
    "moved_conference": "postponed, adjourned or cancelled the conference",
    "changed_agenda": "changed the agenda",
    "kept_pre_meeting": "recorded a meeting before the conference",
    "agreed_attendance": "agreed to who is asked",
    "changed_figure": "changed a clock or threshold of the council",
    "asked_person": "put somebody on the list",
    "changed_invitation": "changed why somebody is asked",
    "recorded_reply": "recorded a reply",
    "sent_invitations": "sent invitations",
    "told_of_change": "told everybody asked of a change",
    "reminded_invited": "reminded those who had not answered",
    "ignored_calendar": "left an answer from a calendar alone",
    "withdrew_invitation": "withdrew an invitation",
    "came_by_invitation": "opened the page of their invitation",
    "released_paper": "released a paper to those invited",
    "recalled_paper": "took a released paper back",
    "told_priorities": "told those invited of the priority issues",
    "gave_leave": "let somebody read a paper who is not covered by the agreement",
    "ended_leave": "ended the leave to read a paper without the agreement",
    "wrote_agreement": "wrote a version of the agreement or the terms of reference",
    "changed_agreement": "changed a draft of the agreement or the terms of reference",
    "published_agreement": "published a version of the agreement or the terms of reference",
    "withdrew_agreement": "withdrew a version of the agreement or the terms of reference",
    "asked_to_sign": "asked an organisation to sign the agreement",
    "recorded_paper_signature": "recorded a signature on paper",
    "let_sign_here": "let somebody sign the agreement at the door",
    "closed_request": "took back a request to sign",
    "came_to_sign": "opened the page to sign the agreement",
    "read_agreement": "read the agreement they were asked to sign",
    "said_who_signs": "said who signs the agreement, and for whom",
    "forwarded_agreement": "passed the agreement on to be signed",
    "declined_agreement": "declined to sign the agreement",
    "signed_agreement": "signed the agreement",
    "gave_undertaking": "gave a confidentiality undertaking for one meeting",
    "countersigned": "countersigned a signature",
    "revoked_signature": "ended a signed agreement",
    "check_failed": "asked about a signature or a text that is not known",
    "exported_signatures": "downloaded the register of signatures",
    "noted_attendance": "noted how somebody took part",
    "noted_leaving": "noted that somebody left",
    "noted_confidentiality": "noted that somebody acknowledged confidentiality",
    "corrected_attendance": "corrected a line of the register",
    "took_back_attendance": "took a line of the register back",
    "said_sufficient": "recorded what the chair says of who came",
    "counted_young_people": "recorded how many young people came",
    "closed_register": "closed the register of a day that was given up",
    "removed_invitation": "took somebody off the list",
    "answered_question": "answered a question about attendance",
    "changed_plan": "changed the plan’s dates or attendees",
    "added_worry": "added a worry to the plan",
    "changed_worry": "changed a worry in the plan",
    "removed_worry": "removed a worry from the plan",
    "added_action": "added an action to the plan",
    "changed_action": "changed an action in the plan",
    "removed_action": "removed an action from the plan",
    "uploaded_plan": "uploaded the file of a plan",
    "chose_columns": "said which column of a plan’s file is what",
    "brought_in_plan": "added a plan from a file",
    "set_plan_aside": "set the file of a plan aside",
    "took_back_plan": "took back what the file of a plan had brought",
    "issued_plan": "issued the plan",
    "updated_action": "updated an action",
    "exported_plan": "downloaded the plan",
    "exported_handout": "downloaded the agenda, the list or the register",
    "asked_for_updates": "asked an agency to report",
    "reminded_to_report": "reminded an agency to report",
    "closed_door": "closed an agency’s link to report by",
    "came_to_report": "opened the page to report on their agency’s actions",
    "exported_updates": "downloaded an agency’s workbook",
    "uploaded_updates": "uploaded an agency’s workbook",
    "chose_workbook_columns": "chose which columns of an agency’s workbook are read",
    "applied_updates": "applied an agency’s workbook",
    "discarded_updates": "set an agency’s workbook aside",
    "settled_held": "settled a cell of an agency’s workbook",
    "undid_updates": "undid an agency’s workbook",
    "returned_updates": "downloaded an agency’s workbook with its faults",
}

FIELDS = {
    "status": "status", "update": "update", "updated_on": "date of update", "evidence": "evidence", "barrier": "barrier",
    "proposed_date": "proposed date", "completed_on": "date completed",
}
COUNTS = {
    "sent_invitations": ("number", "invitation", "sent"), "told_of_change": ("number", "mail", "sent"), "reminded_invited": ("number", "reminder", "sent"),
    "chose_priorities": ("number", "issue", "chosen"), "applied_updates": ("actions", "action", "changed"), "brought_in_plan": ("actions", "intervention", "added"),
    "closed_register": ("number", "line", "kept in words")}
NAMED = frozenset({
    "added_person", "changed_person", "made_sign_in_link", "ended_access", "restored_access", "added_agency", "changed_agency", "merged_agencies",
    "asked_for_updates", "reminded_to_report", "closed_door", "exported_updates", "uploaded_updates", "chose_workbook_columns", "applied_updates", "discarded_updates", "settled_held",
    "undid_updates", "returned_updates"})
"""Events about somebody who works with the hub, or about an agency: their names are looked up when the events are read."""
FORMATS = {"xlsx": "as Excel", "docx": "as Word"}
HANDOUTS = {"agenda": "downloaded the agenda as Word", "list": "downloaded the list of people asked as Word", "register": "downloaded the register to sign as Word"}


OF_CONFERENCE = {
    "starts_at": "date and time", "minutes": "length", "chair_id": "chair", "chair_reason": "why somebody else chairs",
    "independence_note": "independence", "venue": "venue", "address": "address", "access": "getting there", "near": "how near it is",
    "near_reason": "why somewhere else", "online_link": "link for those online", "place_hidden": "what mails say of the place"}
"""Fields of a conference as the history names them."""


def said(verb: str, detail: Mapping[str, Any], name: str = "", figures: Mapping[str, str] | None = None) -> str:
    """What an event says to a person: the verb's words, and what of the detail tells one such event from another.

    `name` is whom or what it is about; `figures` names the council's figures in words.
    """
    more = [name] if name else []
    if "number" in detail and verb not in COUNTS:
        more.append(f"number {detail['number']}")
    if verb == "updated_action" and "changed" in detail:
        more.append(listed([FIELDS.get(name, name) for name in detail["changed"]]) or "nothing to report")
    elif verb in COUNTS and COUNTS[verb][0] in detail:
        key, one, done = COUNTS[verb]
        more.append(f"{count(detail[key], one)} {done}")
    elif verb == "moved" and "after" in detail:
        more.append(f"now {detail['after'].replace('_', ' ')}")
    elif verb == "changed_conference" and "changed" in detail:
        more.append(listed([OF_CONFERENCE[name] for name in detail["changed"] if name in OF_CONFERENCE]) or "nothing new")
    elif verb == "moved_conference" and "move" in detail:
        more.append({"postpone": "postponed", "adjourn": "adjourned", "cancel": "cancelled"}.get(detail["move"], "date changed"))
    elif verb == "changed_figure":
        words = (figures or {}).get(detail["figure"]) or detail["figure"].replace("_", " ")
        more.append(f"“{words}” from {detail['before']} to {detail['after']}")
    elif verb == "settled_held" and "field" in detail:
        more.append(f"{FIELDS.get(detail['field'], 'a row')} {'taken' if detail.get('way') == 'taken' else 'left as it was'}")
    elif verb == "undid_updates" and "reversed" in detail:
        more.append(f"{count(detail['reversed'], 'cell')} put back, {detail['kept']} kept")
    elif verb == "exported_plan":
        more.append(FORMATS.get(detail.get("ending", ""), ""))
    elif detail.get("about") and detail["about"] not in VERBS[verb]:
        more.append(detail["about"])
    return ", ".join([HANDOUTS.get(detail.get("kind", ""), VERBS[verb]) if verb == "exported_handout" else VERBS[verb], *filter(None, more)])
