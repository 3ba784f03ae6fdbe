"""Ways to the outside: file stores, virus scanner, child processes. They know no domain word."""
