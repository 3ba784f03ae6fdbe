"""Gives an agency its own workbook back with its faults marked. Runs inside the sandbox's child process."""
