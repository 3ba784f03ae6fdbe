"""CSC Hub: runs Context Safeguarding Conferences, meetings about a place or group and never about a child."""

__version__ = "0.1.0"
