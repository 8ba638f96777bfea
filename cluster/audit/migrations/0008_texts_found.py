import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0007_column_templates'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ledgerentry',
            name='action',
            field=models.CharField(choices=[('publish', '发布'), ('revise', '更新'), ('withdraw', '撤回'), ('erase', '删除登记'), ('site_registered', '站点登记'), ('site_state', '站点状态变更'), ('site_changed', '站点资料变更'), ('site_removed', '站点注销'), ('columns_checked', '栏目结构检查'), ('template_drafted', '编制栏目模板草稿'), ('template_edited', '修改栏目模板草稿'), ('template_discarded', '放弃栏目模板草稿'), ('template_in_force', '启用栏目模板'), ('template_applied', '应用栏目模板'), ('holidays_entered', '录入节假日通知'), ('holidays_withdrawn', '撤销节假日通知'), ('gate_override', '说明理由后发布'), ('gate_finding', '发布检查发现'), ('waiver_asked', '申请豁免'), ('waiver_granted', '批准豁免'), ('waiver_refused', '不予豁免'), ('waiver_ended', '终止豁免'), ('content_noted', '补记内容摘要值')], max_length=20, verbose_name='事项'),
        ),
        migrations.AddIndex(
            model_name='ledgerentry',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('text', 'detail'), name='ledger_text'),
        ),
    ]
