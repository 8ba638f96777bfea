"""Policy documents and interpretations as the inspection sees them, published by the road of editors (R16–R18, R20)."""

import pytest

from cluster.context import in_site
from cluster.inspection.evaluation import evaluate
from cluster.resources import pending
from cluster.subsites.models import Subsite
from sites.content.models import PolicyDocumentPage
from tests.support.articles import column_of, through_the_gate
from tests.support.documents import publish_document, publish_interpretation
from tests.support.inspecting import column, law_of, rule_of, under

pytestmark = pytest.mark.django_db
LAW = law_of(column("zcwj", "政策文件"))


def verdicts(site: Subsite, *rules: str) -> list[bool]:
    with under(LAW):
        found = evaluate()
    return [rule_of(site, rule, found).ok for rule in rules]


def test_a_whole_document_and_its_interpretation_break_nothing(alpha: Subsite, beta: Subsite):
    document = publish_document(alpha, "关于供暖的通知")
    publish_interpretation(alpha, "供暖通知解读", document)
    publish_document(beta, "关于供水的通知", theme="")
    assert verdicts(alpha, "R16", "R17", "R18", "R19", "R20") == [True] * 5
    assert verdicts(beta, "R16", "R17") == [False, True]


def test_a_mirror_of_a_document_is_no_second_document(alpha: Subsite, beta: Subsite):
    document = publish_document(alpha, "关于供暖的通知")
    with in_site(alpha), through_the_gate(alpha):
        PolicyDocumentPage.objects.get(pk=document.pk).create_alias(parent=column_of("gfxwj"))
        pending.flush()
    assert verdicts(alpha, "R16", "R17") == [True, True]


def test_an_interpretation_of_a_withdrawn_document_stands_alone(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        document = publish_document(site, "关于供暖的通知")
        publish_interpretation(site, "供暖通知解读", document)
        if site == alpha:
            with in_site(alpha):
                document.unpublish()
                pending.flush()
    assert verdicts(alpha, "R20") == [False]
    assert verdicts(beta, "R20") == [True]
