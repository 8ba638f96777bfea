"""Validity that follows dates and other documents, of its own site and of others; both ends tell it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cluster.context import in_site
from cluster.resources.documents import Validity, ValidityFacts, validity_changes_on, validity_on
from cluster.resources.models import Mark, Resource, ResourceLink
from cluster.resources.validity_task import turn_validities
from cluster.subsites.models import Subsite
from cluster.subsites.services import resume_site, suspend_site
from sites.content.models import DocumentRelation, PolicyDocumentPage
from tests.support.articles import column_of, publish_article
from tests.support.documents import draft_document, project_now, publish_document, registered, shown_marks
from tests.support.pages import address_of, browse, links
from tests.support.registry import is_tombstone

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("facts", "validity", "turn"),
    [
        ({}, Validity.VALID, None),
        ({"effective_on": TODAY + timedelta(1)}, Validity.PENDING, TODAY + timedelta(1)),
        ({"effective_on": TODAY}, Validity.VALID, None),
        ({"expires_on": TODAY}, Validity.VALID, TODAY + timedelta(1)),
        ({"expires_on": TODAY - timedelta(1)}, Validity.EXPIRED, None),
        ({"expires_on": date.max}, Validity.VALID, None),
        ({"amended_on": TODAY}, Validity.AMENDED, None),
        ({"repealed_on": TODAY + timedelta(9)}, Validity.VALID, TODAY + timedelta(9)),
        ({"repealed_on": TODAY, "amended_on": TODAY}, Validity.REPEALED, None),
        ({"stated": "repealed"}, Validity.REPEALED, None),
        ({"stated": "amended", "expires_on": TODAY - timedelta(1)}, Validity.EXPIRED, None),
        ({"stated": "amended"}, Validity.AMENDED, None),
    ],
)
def test_validity_by_dates_and_links(facts, validity, turn):
    found = ValidityFacts(**facts)
    assert validity_on(TODAY, found) == validity
    assert validity_changes_on(TODAY, found) == turn


def test_a_repeal_shows_on_both_pages_and_its_removal_restores(alpha):
    old = publish_document(alpha, "旧办法")
    assert shown_marks(alpha, old)["有效性"] == "有效"
    new = publish_document(alpha, "新办法", repeals=old)
    assert "废止" in shown_marks(alpha, old)["有效性"]
    assert "新办法" in shown_marks(alpha, old)["有效性"]
    assert links(browse(alpha, address_of(alpha, new)), ".about a") == {"旧办法": address_of(alpha, old)}
    assert list(links(browse(alpha, address_of(alpha, old)), ".about a")) == ["新办法"]
    project_now()
    assert (registered(alpha, old).validity, registered(alpha, old).is_current) == ("repealed", False)
    with in_site(alpha):
        page = PolicyDocumentPage.objects.get(pk=new.pk)
        page.relations.all().delete()
        page = PolicyDocumentPage.objects.get(pk=new.pk)
        page.relations = []
        page.save_revision().publish()
    project_now()
    assert shown_marks(alpha, old)["有效性"] == "有效"
    assert registered(alpha, old).validity == "valid"


def test_withdrawing_the_repealing_document_restores_too(alpha):
    old = publish_document(alpha, "旧办法")
    new = publish_document(alpha, "新办法", amends=old)
    project_now()
    assert registered(alpha, old).validity == "amended"
    with in_site(alpha):
        PolicyDocumentPage.objects.get(pk=new.pk).unpublish()
    project_now()
    assert is_tombstone(alpha, new)
    assert registered(alpha, old).validity == "valid"
    assert not ResourceLink.objects.exists()


def test_a_repeal_counts_from_the_day_on_which_it_takes_effect(alpha):
    old = publish_document(alpha, "旧办法")
    day = timezone.localdate() + timedelta(30)
    publish_document(alpha, "新办法", repeals=old, effective_date=day)
    project_now()
    row = registered(alpha, old)
    assert (row.validity, row.validity_until) == ("valid", day)


def test_the_worker_turns_validities_when_their_day_comes(alpha):
    page = publish_document(alpha, "将要施行", effective_date=timezone.localdate() + timedelta(1))
    assert registered(alpha, page).validity == "pending"
    assert not turn_validities.run()
    with in_site(alpha):
        # What the calendar does tomorrow.
        PolicyDocumentPage.objects.filter(pk=page.pk).update(effective_date=timezone.localdate())
    Mark.objects.all().delete()
    Resource.objects.filter(page_id=page.pk).update(validity_until=timezone.localdate())
    assert turn_validities.run()
    assert not turn_validities.run(), "one mark is enough"
    project_now()
    assert registered(alpha, page).validity == "valid"


def test_a_site_above_may_repeal_and_others_not(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    of_county, of_city = publish_document(alpha, "县里的办法"), publish_document(beta, "市里的办法")
    publish_document(beta, "市里的决定", repeals=registered(alpha, of_county))
    project_now()
    assert registered(alpha, of_county).validity == "repealed"
    assert "市里的决定" in shown_marks(alpha, of_county)["有效性"]
    assert links(browse(alpha, address_of(alpha, of_county)), ".about a")["市里的决定"].startswith(beta.root_url)
    with in_site(alpha), pytest.raises(ValidationError) as refused:
        DocumentRelation(kind="repeals", elsewhere=str(registered(beta, of_city).pk)).clean()
    assert "上级网站" in str(refused.value)
    # By a road that asks nobody: the link comes to nothing.
    publish_document(alpha, "县里的决定", repeals=registered(beta, of_city))
    project_now()
    assert registered(beta, of_city).validity == "valid"
    assert shown_marks(beta, of_city)["有效性"] == "有效"


def test_another_site_names_documents_by_address_or_number_and_only_public_ones(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    public, draft = publish_document(alpha, "公开的"), draft_document(alpha, "草稿")
    row = registered(alpha, public)
    with in_site(beta):
        for text in (str(row.pk), alpha.root_url + row.path, f"{alpha.primary_host}{row.path.rstrip('/')}"):
            relation = DocumentRelation(kind="repeals", elsewhere=text)
            relation.clean()
            assert relation.registry_id == row.pk
    hidden = [alpha.root_url + address_of(alpha, draft), "http://nowhere.example/x/", "不是网址"]
    with in_site(alpha):
        public.unpublish()
    project_now()
    with in_site(beta):
        for text in (*hidden, str(row.pk)):
            with pytest.raises(ValidationError) as refused:
                DocumentRelation(kind="repeals", elsewhere=text).clean()
            assert "找不到" in str(refused.value)


def test_what_a_suspended_site_has_repealed_stays_repealed(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    old = publish_document(alpha, "县里的办法")
    new = publish_document(beta, "市里的决定", repeals=registered(alpha, old))
    project_now()
    suspend_site(beta, reason="检修")
    project_now()
    assert is_tombstone(beta, new)
    # The document that says so cannot be read now, and is not named; what it did holds.
    assert links(browse(alpha, address_of(alpha, old)), ".about a") == {}
    assert (shown_marks(alpha, old)["有效性"], registered(alpha, old).validity) == ("废止", "repealed")
    with in_site(beta):
        PolicyDocumentPage.objects.get(pk=new.pk).unpublish()
    resume_site(beta)
    project_now()
    assert (shown_marks(alpha, old)["有效性"], registered(alpha, old).validity) == ("有效", "valid")


def test_references_name_documents_and_one_at_a_time(alpha):
    document, article = publish_document(alpha, "办法"), publish_article(alpha, "法律", column="zcwj")
    with in_site(alpha):
        for page in (document, article):
            DocumentRelation(kind="repeals", document_id=page.pk).clean()
        for wrong in (
            {},
            {"document_id": document.pk, "elsewhere": "x"},
            {"document_id": column_of().pk},
            {"document_id": document.pk, "page_id": document.pk},
        ):
            with pytest.raises(ValidationError):
                DocumentRelation(kind="repeals", **wrong).clean()
