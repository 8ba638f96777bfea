"""Let the ledger say of everything that is published now what a copy of it would say: page, content and text.

Lines from before carry no digests, and cannot be changed. What sql/functions.sql writes from now on has the same form.
"""

from django.db import migrations

NOTE = """
INSERT INTO public.audit_ledgerentry
    (at, site_code, action, subject_type, subject_id, title, version, content_hash, actor, reason, detail)
SELECT clock_timestamp(), s.code, 'content_noted', 'content', r.id::text, r.title, r.version, r.content_hash,
    jsonb_build_object('name', '数据库升级', 'person', '', 'site', ''), '升级以前发布的信息补记内容摘要值',
    jsonb_build_object(
        'first', coalesce(r.first_published_at, (SELECT min(l.at) FROM public.audit_ledgerentry l
            WHERE l.subject_type = 'resource' AND l.subject_id = r.id::text)),
        'page', s.code || ':' || r.page_id,
        'digest', s.code || ':' || CASE
            WHEN btrim(r.text, E' \\t\\n\\r\\u3000') <> '' THEN md5(translate(r.title || r.text, E' \\t\\n\\r\\u3000', ''))
            WHEN cardinality(r.document_ids) + cardinality(r.image_ids) > 0 THEN
                md5(r.title || r.document_ids::text || r.image_ids::text)
        END,
        'text', s.code || ':' || CASE
            WHEN length(said) >= 50 THEN md5(said || r.document_ids::text || r.image_ids::text)
        END)
FROM public.resources_resource r
     JOIN public.subsites_subsite s ON s.id = r.site_id
     CROSS JOIN LATERAL translate(r.text, E' \\t\\n\\r\\u00a0\\u200b\\u3000\\ufeff', '') AS said
WHERE r.state = 'published'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("resources", "0004_index_numbers_found"),
        ("audit", "0008_texts_found"),
        ("subsites", "0002_one_site_per_id_code"),
    ]

    operations = [migrations.RunSQL(NOTE, migrations.RunSQL.noop)]
