"""Forms of the office on waivers: grant until a day, refuse or end with a reason. Used by views.waivers."""

from django import forms

from cluster.column_templates.models import Waiver, WaiverState


class DecideWaiverForm(forms.Form):
    """One decision; which are open depends on where the waiver stands."""

    decision = forms.ChoiceField(label="决定", widget=forms.RadioSelect)
    expires_on = forms.DateField(
        label="有效期至",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="批准时必填；到这一天为止有效。",
    )
    note = forms.CharField(
        label="批注",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="申请的网站会看到；不批准或提前终止时必填。",
    )

    def __init__(self, *args: object, waiver: Waiver, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        asked = [("grant", "批准"), ("refuse", "不予批准")]
        choices = {WaiverState.ASKED: asked, WaiverState.GRANTED: [("end", "提前终止")]}
        self.fields["decision"].choices = choices.get(WaiverState(waiver.state), [])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """Ask for the day of a grant."""
        typed = super().clean() or self.cleaned_data
        if typed.get("decision") == "grant" and not typed.get("expires_on") and "expires_on" not in self.errors:
            self.add_error("expires_on", "批准豁免要写明有效期。")
        return typed
