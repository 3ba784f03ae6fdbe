"""The conference: date, chair, venue, agenda, pre-meetings, and the countdown to it."""
