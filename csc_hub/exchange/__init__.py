"""Excel and Word in and out: rows become the same drafts as the forms."""
