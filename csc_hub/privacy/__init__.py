"""What may identify one young person in words: found to be looked at by a person, and never kept."""
