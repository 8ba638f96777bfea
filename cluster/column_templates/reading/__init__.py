"""Read the texts of a version and say at once everything that is wrong with them, with file, line and cure.

Called by `current` and `versions`, by the planting of moulds and by tests; gives the values of `law`. What the texts may say
is told in cluster/column_templates/LANGUAGE.md.
"""

from cluster.column_templates.reading.problems import BrokenTemplates, Problem
from cluster.column_templates.reading.whole import read_law

__all__ = ["BrokenTemplates", "Problem", "read_law"]
