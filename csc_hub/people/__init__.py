"""Agencies, people, roles, grants and sign-in."""
