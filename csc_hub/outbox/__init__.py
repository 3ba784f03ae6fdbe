"""Letters that wait to go out: queued with what they tell of, sent afterwards by a worker of its own."""
