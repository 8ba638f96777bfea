"""The page store: what anonymous citizens read, kept as files and fresh within a second."""
