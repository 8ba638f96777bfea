"""The console: Wagtail's admin over the public tables, for the provincial office and the inspectors."""
