"""What happens to files and to the collections that hold them: as it was, a file is gone."""

from django.core.files.base import ContentFile
from django.db import connection
from wagtail.models import Collection, CollectionViewRestriction

from cluster.context import in_site
from tests.cluster.edge.events.hearing import forget, told
from tests.support import roads
from tests.support.pictures import add_image, png
from tests.support.working import work_until_idle


class TestFiles:
    def document(self, alpha, ours):
        """Attach a document to alpha's article, and forget what that told."""
        document = roads.attach(alpha, ours)
        work_until_idle()
        forget()
        return document, f"document:site_alpha:{document.pk}"

    def test_another_title_of_a_document(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            document.title = "附件一"
            document.save()
        assert key in told(work=False)
        assert f"-{key}" not in told()

    def test_a_replaced_file_is_gone_as_it_was(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        roads.replace_file(alpha, document, "新的标准")
        assert f"-{key}" in told(work=False)

    def test_a_deleted_document(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        roads.delete_document(alpha, document)
        assert f"-{key}" in told(work=False)

    def test_a_document_put_into_another_collection(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        roads.put_into_collection(alpha, document, roads.new_collection(alpha, "内部"))
        assert f"-{key}" in told(work=False)

    def test_restriction_on_a_collection_above_and_its_end(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        outer = roads.new_collection(alpha, "上级")
        roads.put_into_collection(alpha, document, roads.new_collection(alpha, "下级", outer))
        forget()
        roads.restrict_collection_by_rows(alpha, outer)
        assert told(work=False) == {f"-{key}"}
        work_until_idle()
        forget()
        roads.lift_collections_by_sql(alpha)
        assert told() == {key}, "it may be linked again; the rest of the site stays"

    def test_a_restriction_that_is_moved_to_another_collection(self, pair):
        alpha, _, ours, _ = pair
        (one, ours_key), (other, other_key) = self.document(alpha, ours), self.document(alpha, ours)
        places = [roads.new_collection(alpha, name) for name in ("甲", "乙", "丙")]
        for document, place in zip((one, other), places, strict=False):
            roads.put_into_collection(alpha, document, place)
        roads.restrict_collection_by_rows(alpha, places[0])
        forget()
        with in_site(alpha):
            CollectionViewRestriction.objects.update(collection=places[1])
        assert told(work=False) == {ours_key, f"-{other_key}"}
        forget()
        with in_site(alpha):
            CollectionViewRestriction.objects.update(collection=places[2])
        assert told(work=False) == {other_key}, "of a collection without documents nothing is told"

    def test_a_moved_collection(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        above, moved = (roads.new_collection(alpha, name) for name in ("甲", "乙"))
        roads.put_into_collection(alpha, document, moved)
        forget()
        roads.move_collection(alpha, moved, above)
        assert told(work=False) == {f"-{key}"}

    def test_a_deleted_collection(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        outer = roads.new_collection(alpha, "上级")
        roads.put_into_collection(alpha, document, roads.new_collection(alpha, "下级", outer))
        forget()
        with in_site(alpha):
            Collection.objects.get(pk=roads.new_collection(alpha, "空的").pk).delete()
            assert told(work=False) == set()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM wagtailcore_collection WHERE id = %s", [outer.pk])
        assert told(work=False) == {key}, "what stands above it no longer decides"

    def test_a_pictures_words_and_its_file(self, pair):
        alpha, _, _, _ = pair
        image = add_image(alpha)
        key = f"image:site_alpha:{image.pk}"
        forget()
        with in_site(alpha):
            image.title = "另一个名字"
            image.save()
            assert told(work=False) == {key}
            forget()
            image.file = ContentFile(png("blue"), name="b.png")
            image.save()
            assert told(work=False) == {f"-{key}"}
