"""Abstract page models of a site; import them from here."""

from sites.common.models.base import BasePage, RegisteredColumn
from sites.common.models.listed import ListedPage

__all__ = ["BasePage", "ListedPage", "RegisteredColumn"]
