"""Search of the whole site cluster: documents, engines, drain, rebuild, queries and pages; see README.md beside this file."""
