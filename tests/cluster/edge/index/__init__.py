"""The index of the store: admission, what changes reach and in which order, removal, room."""
