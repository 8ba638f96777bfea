"""Import of documents from JSON Lines: read, check, place, publish, report.

The command import_documents calls `run.import_file`; every other module is a step of that road.
"""
