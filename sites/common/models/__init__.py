"""Models of what all apps of a site share; import them from here."""

from sites.common.models.base import BasePage, RegisteredColumn
from sites.common.models.gate_pass import OF_LIVE_PAGES, GatePass, PassPurpose
from sites.common.models.listed import ListedPage

__all__ = ["OF_LIVE_PAGES", "BasePage", "GatePass", "ListedPage", "PassPurpose", "RegisteredColumn"]
