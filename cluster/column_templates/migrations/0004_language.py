"""A version keeps the number of the language under which it was written; the guard of past versions keeps that as well."""

from django.db import migrations, models

KEEP = """
CREATE OR REPLACE FUNCTION public.qz_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Superusers, who restore a backup, belong to every role.
    owner_acts boolean := (SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft'
       AND (NEW.number, NEW.sources, NEW.digest{language_new}) IS DISTINCT FROM (OLD.number, OLD.sources, OLD.digest{language_old}) THEN
        RAISE EXCEPTION '栏目模板第 % 版已经启用过，文本不能再改；请编制下一版。', OLD.number;
    END IF;
    IF NOT owner_acts AND ((TG_OP <> 'INSERT' AND OLD.state <> 'draft') OR (TG_OP <> 'DELETE' AND NEW.state <> 'draft')) THEN
        RAISE EXCEPTION '网页进程只能编制草稿；启用一个版本由后台任务或者命令完成。';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


class Migration(migrations.Migration):
    """Add the number and keep it."""

    dependencies = [("column_templates", "0003_waivers_of_a_site")]
    operations = [
        migrations.AddField(
            model_name="templateversion",
            name="language",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="模板语言"),
        ),
        migrations.RunSQL(
            KEEP.format(language_new=", NEW.language", language_old=", OLD.language"),
            KEEP.format(language_new="", language_old=""),
        ),
    ]
