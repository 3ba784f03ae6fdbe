"""One stored file: name, type, size, SHA-256, where it lies and who opened it."""
