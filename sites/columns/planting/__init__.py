"""Fill a base schema with the columns, groups and workflow of its kind, and give a clone its own name.

Named by settings.BASE_SCHEMA_STEPS and PROVISIONING_STEPS; every step may be run again.
"""

from sites.columns.planting.adopting import adopt_site
from sites.columns.planting.fitting import fit_columns
from sites.columns.planting.sowing import plant_columns

__all__ = ["adopt_site", "fit_columns", "plant_columns"]
