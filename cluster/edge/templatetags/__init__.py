"""Template tags of the page store."""
