"""The column tree of a site: its home page, its columns, and what a template plants in a base schema."""
