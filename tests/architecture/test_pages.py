"""Every page type says what the registry may know of it, has its template, and stands in a place of its own in the tree."""

import pytest
from django.apps import apps
from django.template.loader import get_template
from wagtail.models import Page

from sites.common.models import BasePage

# Types that are no items of their own: search finds what stands in them. A new type belongs in neither by default.
NOT_IN_THE_REGISTRY = {"columns.HomePage", "columns.ColumnPage"}
PAGE_TYPES = [model for model in apps.get_models() if issubclass(model, Page) and model is not Page]
types = pytest.mark.parametrize("model", PAGE_TYPES, ids=lambda model: model._meta.label)


@types
def test_every_page_type_is_a_base_page(model: type[Page]) -> None:
    assert issubclass(model, BasePage)


@types
def test_every_page_type_decides_on_the_registry(model: type[BasePage]) -> None:
    """It says its entry itself, or stands in the list above; inheriting the silence of BasePage is no decision."""
    decides = model.registry_entry is not BasePage.registry_entry
    assert decides != (model._meta.label in NOT_IN_THE_REGISTRY)


@types
def test_every_page_type_has_its_template(model: type[Page]) -> None:
    get_template(model.template)


@types
def test_every_page_type_says_where_it_may_stand(model: type[Page]) -> None:
    """A type without limits could be put anywhere, below articles and above the home page."""
    if model._meta.label != "columns.HomePage":  # the home page stands under the root, which is a plain Page
        assert Page not in model.allowed_parent_page_models()
    assert set(model.allowed_parent_page_models()) < {Page, *PAGE_TYPES}


def test_the_list_of_exceptions_names_types_that_exist() -> None:
    assert {model._meta.label for model in PAGE_TYPES} >= NOT_IN_THE_REGISTRY
