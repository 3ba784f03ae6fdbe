"""The assessment: findings, priority issues, who was involved, and the uploaded reports."""
