"""The lock on what the templates planted."""
