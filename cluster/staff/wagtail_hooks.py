"""Hooks of the persons: the dialogue in which an account's person is chosen, in the admin of every site."""

from wagtail import hooks

from cluster.staff.choosers import PERSON_CHOOSER, PersonChooserViewSet


@hooks.register("register_admin_viewset")
def register_person_chooser() -> PersonChooserViewSet:
    """Give the dialogue its addresses."""
    return PERSON_CHOOSER
