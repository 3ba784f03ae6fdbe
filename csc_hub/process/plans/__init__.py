"""The intervention plan: worries, goals, interventions, and the updates agencies send."""
