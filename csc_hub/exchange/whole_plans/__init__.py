"""Whole plans in: a plan written elsewhere in Word or Excel becomes a draft plan of a context."""
