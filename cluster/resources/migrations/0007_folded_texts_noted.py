"""Let the ledger say of what is published now what a copy of it under other numbers and days would say.

Its lines from before cannot be changed; a text without numbers and days needs no other. What sql/functions.sql writes from now on
has the same form.
"""

from django.db import migrations

NOTE = r"""
INSERT INTO public.audit_ledgerentry
    (at, site_code, action, subject_type, subject_id, title, version, content_hash, actor, reason, detail)
SELECT clock_timestamp(), s.code, 'content_noted', 'content', r.id::text, r.title, r.version, r.content_hash,
    jsonb_build_object('name', '数据库升级', 'person', '', 'site', ''), '正文的摘要值改为不计文号和日期，已发布的信息补记',
    jsonb_build_object(
        'first', coalesce(r.first_published_at, (SELECT min(l.at) FROM public.audit_ledgerentry l
            WHERE l.subject_type = 'resource' AND l.subject_id = r.id::text)),
        'page', s.code || ':' || r.page_id,
        'text', s.code || ':' || md5(folded || r.document_ids::text || r.image_ids::text))
FROM public.resources_resource r
     JOIN public.subsites_subsite s ON s.id = r.site_id
     CROSS JOIN LATERAL translate(r.text, E' \t\n\r\u00a0\u200b\u3000\ufeff', '') AS said
     CROSS JOIN LATERAL (SELECT
         '[〔\[［(（【](19|20)\d\d[〕\]］)）】]第?\d{1,5}号|(19|20)\d\d年第\d{1,5}号|(令|公告|通告)第?\d{1,5}号' AS number,
         '((19|20)\d\d[年./-](0?[1-9]|1[0-2])[月./-](3[01]|[12]\d|0?[1-9])日?'
         '|[一二][〇零○一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)' AS day) AS form
     CROSS JOIN LATERAL regexp_replace(said, day || '([（(][^（）()]{0,20}[）)])?[。.]*$', '日') AS undated
     CROSS JOIN LATERAL regexp_replace(undated, number, '号', 'g') AS unnumbered
     CROSS JOIN LATERAL (SELECT CASE WHEN unnumbered = undated THEN undated
         ELSE regexp_replace(unnumbered, day, '日', 'g') END AS folded) AS fold
WHERE r.state = 'published' AND folded <> said AND length(folded) >= 50
"""


class Migration(migrations.Migration):
    dependencies = [("resources", "0006_parked_changes"), ("audit", "0008_texts_found"), ("subsites", "0002_one_site_per_id_code")]

    operations = [migrations.RunSQL(NOTE, migrations.RunSQL.noop)]
