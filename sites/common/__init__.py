"""What every app of a subsite shares: the base page, blocks, listing, context, upload form."""
