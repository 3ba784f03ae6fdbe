"""Reads a spreadsheet that nobody vouches for into plain cells. Runs inside the sandbox's child process."""
