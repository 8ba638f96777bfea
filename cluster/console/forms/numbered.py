"""NumberedForm: a form whose order is placed once, however often it is sent.

Base of the forms that order jobs; cluster.console.ordering reads the number.
"""

import uuid

from django import forms


class NumberedForm(forms.Form):
    """A form that carries the number of the order it will place."""

    number = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def order_number(self) -> uuid.UUID:
        """Return the number that came with the form, or a new one."""
        return self.cleaned_data.get("number") or uuid.uuid4()
