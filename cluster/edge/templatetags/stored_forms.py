"""The tag of forms on stored pages: {% load stored_forms %} … {% stored_form_token %}.

In place of {% csrf_token %}, which would make a page that belongs to one visitor; see cluster.edge.forms.
"""

from django import template
from django.utils.html import format_html

from cluster.edge.forms import TOKEN_FIELD

register = template.Library()


@register.simple_tag
def stored_form_token() -> str:
    """Write the empty field that the script fills when the form is first touched."""
    return format_html('<input type="hidden" name="{}" value="" data-form-token>', TOKEN_FIELD)
