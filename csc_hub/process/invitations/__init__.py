"""Who is asked to a conference and why, what they replied, and whether the people the guidance means are covered."""
