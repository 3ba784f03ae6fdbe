"""The safeguarding process, in order: an earlier step never imports a later one."""

STEPS = ("contexts", "assessments", "agreements", "conferences", "invitations", "plans")
