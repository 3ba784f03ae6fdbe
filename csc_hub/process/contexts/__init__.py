"""The place, school, group or neighbourhood of concern: threshold, counts and team."""
