"""Files are found by their text, and a replaced file by its new one; what is private is kept out, by every road."""

import json

import pytest
from wagtail.models import Collection, CollectionViewRestriction

from cluster.context import in_site
from cluster.resources.models import AttachmentText, Mark
from cluster.subsites.models import Subsite
from tests.support import roads
from tests.support.registry import ledger_of, row_of
from tests.support.working import work_until_idle

pytestmark = pytest.mark.usefixtures("beta_untouched")


def attach(site, page, text):
    """Publish the page with a new document, and let the worker read it."""
    document = roads.attach(site, page, text, "tongzhi.txt")
    work_until_idle()
    return document


def private_collection(site: Subsite) -> Collection:
    """Return a collection for those alone who sign in."""
    private = roads.new_collection(site, "内部")
    with in_site(site):
        CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    return private


def test_text_is_extracted_and_bumps_the_row(pair):
    alpha, beta, ours, _ = pair
    before = row_of(alpha, ours).version
    document = attach(alpha, ours, "种子补贴发放标准")
    stored = AttachmentText.objects.get(schema_name=alpha.schema_name, document_id=document.pk)
    assert (stored.state, stored.text.strip()) == ("done", "种子补贴发放标准")
    assert row_of(alpha, ours).version > before
    assert row_of(alpha, ours).attachments_digest
    assert not AttachmentText.objects.filter(schema_name=beta.schema_name).exists()


def test_replaced_file(pair):
    alpha, _, ours, _ = pair
    document = attach(alpha, ours, "旧的标准")
    digest = row_of(alpha, ours).attachments_digest
    roads.replace_file(alpha, document, "新的标准")
    work_until_idle()
    assert AttachmentText.objects.get(document_id=document.pk).text.strip() == "新的标准"
    assert row_of(alpha, ours).attachments_digest != digest


def test_document_in_a_private_collection_is_kept_out(pair):
    alpha, _, ours, _ = pair
    document = attach(alpha, ours, "内部资料")
    roads.put_into_collection(alpha, document, private_collection(alpha))
    work_until_idle()
    assert row_of(alpha, ours).document_ids == []
    version = row_of(alpha, ours).version
    roads.put_into_collection(alpha, document)
    work_until_idle()
    assert row_of(alpha, ours).document_ids == [document.pk]
    assert row_of(alpha, ours).attachments_digest
    assert row_of(alpha, ours).version > version
    assert ledger_of(ours, alpha)[-2:] == ["revise", "revise"]


def test_document_that_was_private_from_the_first_day_comes_out(pair):
    """Its text was never extracted; the page names it in its body, where a bulk update put it."""
    alpha, _, ours, _ = pair
    document = roads.new_document(alpha, "内部资料", collection=private_collection(alpha))
    body = [{"type": "paragraph", "value": f'<p><a linktype="document" id="{document.pk}">见附件</a></p>'}]
    roads.update_own_table(alpha, ours, body=json.dumps(body))
    work_until_idle()
    assert row_of(alpha, ours).document_ids == []
    assert not AttachmentText.objects.exists()
    with in_site(alpha):
        document.collection = Collection.get_first_root_node()
        document.save()
    work_until_idle()
    assert row_of(alpha, ours).document_ids == [document.pk]
    assert AttachmentText.objects.get(schema_name=alpha.schema_name).text.strip() == "内部资料"


def test_collection_moved_below_a_private_one_and_out_again(pair):
    alpha, _, ours, _ = pair
    document = attach(alpha, ours, "内部资料")
    private, plain = private_collection(alpha), roads.new_collection(alpha, "普通")
    roads.put_into_collection(alpha, document, roads.new_collection(alpha, "普通之下", plain))
    work_until_idle()
    assert row_of(alpha, ours).document_ids == [document.pk]
    roads.move_collection(alpha, plain, private)
    work_until_idle()
    assert row_of(alpha, ours).document_ids == []
    roads.move_collection(alpha, plain)
    work_until_idle()
    assert row_of(alpha, ours).document_ids == [document.pk]


def test_restriction_on_a_collection_above_and_its_end(pair):
    alpha, _, ours, _ = pair
    document = attach(alpha, ours, "内部资料")
    outer = roads.new_collection(alpha, "上级")
    roads.put_into_collection(alpha, document, roads.new_collection(alpha, "下级", outer))
    work_until_idle()
    assert row_of(alpha, ours).document_ids == [document.pk]
    roads.restrict_collection_by_rows(alpha, outer)
    assert set(Mark.objects.values_list("scope", "object_id")) == {("document", document.pk)}, "not the whole site"
    work_until_idle()
    assert row_of(alpha, ours).document_ids == []
    roads.lift_collections_by_sql(alpha)
    work_until_idle()
    assert row_of(alpha, ours).document_ids == [document.pk]


def test_a_new_or_renamed_collection_is_no_work(pair):
    alpha, _, _, _ = pair
    made = roads.new_collection(alpha, "新的")
    with in_site(alpha):
        made.name = "改名"
        made.save()
    assert not Mark.objects.exists()


def test_deleted_document_takes_its_text_along(pair):
    alpha, _, ours, _ = pair
    document = attach(alpha, ours, "要删的附件")
    roads.delete_document(alpha, document)
    work_until_idle()
    assert not AttachmentText.objects.filter(schema_name=alpha.schema_name).exists()
