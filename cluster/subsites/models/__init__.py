"""Rows of the directory of sites; import them from here."""

from cluster.subsites.models.job import Job, JobState
from cluster.subsites.models.region import Region, RegionLevel
from cluster.subsites.models.subsite import PUBLIC_STATES, Domain, SiteKind, SiteState, Subsite

__all__ = ["PUBLIC_STATES", "Domain", "Job", "JobState", "Region", "RegionLevel", "SiteKind", "SiteState", "Subsite"]
