"""Keep what the rules said of each site last, for board, panels and exports; and ask for it.

Written by the clock with the states of columns. Nothing is judged by it: the next look judges anew.
"""

from django.db.models import Exists, OuterRef, QuerySet

from cluster.column_templates.waivable import column_words
from cluster.inspection.evaluation import Evaluation
from cluster.inspection.models import Grade, RuleOutcome

_WRITTEN = [field.name for field in RuleOutcome._meta.concrete_fields if field.name not in ("id", "site", "rule_id")]


def store_outcomes(found: Evaluation) -> None:
    """Write the outcomes of the evaluated sites; what stays broken, or kept, stays so since the same moment."""
    known = {
        (site_id, rule_id): (ok, since)
        for site_id, rule_id, ok, since in RuleOutcome.objects.filter(
            site_id__in=[site.pk for site in found.sites]
        ).values_list("site_id", "rule_id", "ok", "since")
    }
    at = found.moment.at
    rows = []
    for site in found.sites:
        law = found.moment.law.of(site.kind)
        for verdict in found.verdicts[site.pk]:
            ok, since = known.get((site.pk, verdict.rule_id), (None, at))
            rows.append(
                RuleOutcome(
                    site_id=site.pk,
                    rule_id=verdict.rule_id,
                    title=verdict.title,
                    ok=verdict.ok,
                    grade=verdict.grade,
                    sentence=verdict.sentence,
                    cure=verdict.cure,
                    basis=verdict.basis,
                    waivers="\n".join(
                        f"{column_words(law, waiver.column_code)}：{waiver.text}" for waiver in verdict.waivers
                    ),
                    since=since if ok == verdict.ok else at,
                    evaluated_at=at,
                )
            )
    RuleOutcome.objects.filter(site_id__in=found.columns).exclude(rule_id__in={row.rule_id for row in rows}).delete()
    RuleOutcome.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["site", "rule_id"], update_fields=_WRITTEN, batch_size=1000
    )


def broken_rules() -> QuerySet[RuleOutcome]:
    """Return the rules that sites do not keep."""
    return RuleOutcome.objects.filter(ok=False)


def vetoes() -> QuerySet[RuleOutcome]:
    """Return those that alone fail their site."""
    return broken_rules().filter(grade=Grade.VETO)


def has_veto(site_field: str = "site_id") -> Exists:
    """Return whether the site of a row is failed by a rule."""
    return Exists(vetoes().filter(site_id=OuterRef(site_field)))


def veto_sentence(number: int) -> str:
    """Say how many sites are failed by a rule."""
    return f"{number}个网站有单项否决" if number else "没有网站被单项否决"


def vetoed_sites() -> int:
    """Count them."""
    return vetoes().values("site_id").distinct().count()
