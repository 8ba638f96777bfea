"""Policy documents and interpretations for tests, published by the road of editors."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from wagtail.models import Page

from cluster.context import in_site
from cluster.resources import pending
from cluster.resources.models import LinkKind, Mark, Resource
from cluster.resources.projection_task import project_marks
from cluster.subsites.models import Subsite
from sites.content.models import DocumentRelation, InterpretationPage, InterpretedDocument, PolicyDocumentPage
from tests.support.articles import column_of, through_the_gate
from tests.support.pages import address_of, browse
from tests.support.registry import row_of

MARKS: dict[str, Any] = {
    "document_kind": "通知",
    "issuer": "甲县人民政府",
    "doc_no": ["甲政发〔2026〕5号"],
    "pub_date": date(2026, 11, 20),
    "theme": "02",
    "author": "责任编辑",
    "summary": "说明要点。",
}


def draft_document(site: Subsite, title: str, *, column: str = "zcwj", **fields: Any) -> PolicyDocumentPage:
    """Add an unpublished policy document to a column of the site."""
    with in_site(site), transaction.atomic():
        page = PolicyDocumentPage(
            title=title, live=False, body=[("paragraph", "<p>正文</p>")], **{"source": site.name, **MARKS, **fields}
        )
        column_of(column).add_child(instance=page)
        page.save_revision()
        return page


def publish_document(
    site: Subsite, title: str, *, repeals: Any = None, amends: Any = None, **fields: Any
) -> PolicyDocumentPage:
    """Publish a policy document; `repeals` and `amends` name a page of the site or the registry row of another one's."""
    page = draft_document(site, title, **fields)
    with in_site(site), transaction.atomic(), through_the_gate(site):
        page = PolicyDocumentPage.objects.get(pk=page.pk)
        for kind, target in ((LinkKind.REPEALS, repeals), (LinkKind.AMENDS, amends)):
            if target is not None:
                page.relations.add(DocumentRelation(kind=kind.value, **reference_to(target)))
        page.save_revision().publish()
        pending.flush()
        return PolicyDocumentPage.objects.get(pk=page.pk)


def publish_interpretation(
    site: Subsite, title: str, *targets: Any, column: str = "zcjd", **fields: Any
) -> InterpretationPage:
    """Publish an interpretation of these documents."""
    with in_site(site), transaction.atomic(), through_the_gate(site):
        page = InterpretationPage(
            title=title,
            live=False,
            body=[("paragraph", "<p>解读</p>")],
            **{"source": site.name, "author": "责任编辑", "summary": "说明要点。", **fields},
        )
        column_of(column).add_child(instance=page)
        page.documents = [InterpretedDocument(**reference_to(target)) for target in targets]
        page.save_revision().publish()
        pending.flush()
        return InterpretationPage.objects.get(pk=page.pk)


def reference_to(target: Page | Resource) -> dict[str, Any]:
    """Return the fields of a reference to a page of the site or to a row of the registry."""
    return {"registry_id": target.pk} if isinstance(target, Resource) else {"document_id": target.pk}


def project_now() -> None:
    """Do what a commit and the worker would: in a test that rolls back, marks are never due by themselves."""
    pending.flush()
    Mark.objects.update(not_before=datetime(2026, 1, 1, tzinfo=UTC))
    while project_marks.run():
        Mark.objects.update(not_before=datetime(2026, 1, 1, tzinfo=UTC))


def registered(site: Subsite, page: Page) -> Resource:
    """Return the registry row of a page, which must be there."""
    row = row_of(site, page)
    assert row is not None
    return row


def again(site: Subsite, page: PolicyDocumentPage) -> PolicyDocumentPage:
    """Read the document again from its site."""
    with in_site(site):
        return PolicyDocumentPage.objects.get(pk=page.pk)


def shown_marks(site: Subsite, page: PolicyDocumentPage) -> dict[str, str]:
    """Return the table of marks as citizens read it."""
    soup = browse(site, address_of(site, page))
    cells = [cell.get_text(" ", strip=True) for cell in soup.select(".marks th, .marks td")]
    return dict(zip(cells[::2], cells[1::2], strict=True))
