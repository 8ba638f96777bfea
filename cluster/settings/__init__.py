"""Settings of the cluster: base, and what development, tests and production change in it."""
