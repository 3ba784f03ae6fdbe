"""First pages and lists: reads across steps and changes nothing."""
