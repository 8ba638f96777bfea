"""The worker: one process that does everything that happens in the background."""
