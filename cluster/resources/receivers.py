"""Signals in: pages that changed are projected before the commit; migrations get their triggers.

Connected by ResourcesConfig.ready. Changes that send no signal (bulk updates, SQL) reach the feed by triggers instead.
"""

from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from cluster.postgresql import connection
from cluster.resources import pending, triggers


def page_changed(instance: models.Model, **kwargs: Any) -> None:
    """Remember the page for the projection before the commit."""
    if isinstance(instance, Page) and not kwargs.get("raw"):
        pending.add_page(instance.pk)


def restriction_changed(instance: models.Model, **kwargs: Any) -> None:
    """A restriction hides or shows a whole subtree at once."""
    if isinstance(instance, PageViewRestriction):
        pending.add_subtree(instance.page_id)


def page_moved(instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """A place below a restriction hides what is moved there, with the mirrors that stay elsewhere."""
    if parent_page_before != parent_page_after:
        pending.add_subtree(instance.pk)


def connect() -> None:
    """Connect the receivers."""
    post_save.connect(page_changed, dispatch_uid="resources_page_saved")
    post_delete.connect(page_changed, dispatch_uid="resources_page_deleted")
    page_published.connect(page_changed, dispatch_uid="resources_page_published")
    page_unpublished.connect(page_changed, dispatch_uid="resources_page_unpublished")
    post_page_move.connect(page_moved, dispatch_uid="resources_page_moved")
    for signal in (post_save, post_delete):
        signal.connect(restriction_changed, sender=PageViewRestriction, dispatch_uid="resources_restriction")


def install_after_migration(**kwargs: Any) -> None:
    """Install functions (public) or triggers (a site's schema) once all tables of the migration are there."""
    with connection.cursor() as cursor:
        table = "resources_mark" if connection.schema_name == "public" else "wagtailcore_page"
        cursor.execute("SELECT to_regclass(%s)", [f'"{connection.schema_name}".{table}'])
        if cursor.fetchone()[0] is None:
            return
    if connection.schema_name == "public":
        triggers.install_functions()
    else:
        triggers.install_triggers(connection.schema_name)
