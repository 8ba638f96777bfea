"""What has been in force stays as it was; the role of the web processes writes drafts alone."""

from django.db import migrations

KEEP = """
CREATE FUNCTION public.qz_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Superusers, who restore a backup, belong to every role.
    owner_acts boolean := (SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft'
       AND (NEW.number, NEW.sources, NEW.digest) IS DISTINCT FROM (OLD.number, OLD.sources, OLD.digest) THEN
        RAISE EXCEPTION '栏目模板第 % 版已经启用过，文本不能再改；请编制下一版。', OLD.number;
    END IF;
    IF NOT owner_acts AND ((TG_OP <> 'INSERT' AND OLD.state <> 'draft') OR (TG_OP <> 'DELETE' AND NEW.state <> 'draft')) THEN
        RAISE EXCEPTION '网页进程只能编制草稿；启用一个版本由后台任务或者命令完成。';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER qz_keep_version BEFORE INSERT OR UPDATE OR DELETE ON public.column_templates_templateversion
    FOR EACH ROW EXECUTE FUNCTION public.qz_keep_version();
"""
UNDO = """
DROP TRIGGER qz_keep_version ON public.column_templates_templateversion;
DROP FUNCTION public.qz_keep_version();
"""


class Migration(migrations.Migration):
    """Install the guard."""

    dependencies = [("column_templates", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, UNDO)]
