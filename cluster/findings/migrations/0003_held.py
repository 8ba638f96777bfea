from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('findings', '0002_standing'),
    ]

    operations = [
        migrations.AddField(
            model_name='finding',
            name='page_type',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='页面类型'),
        ),
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('taken_off', '已撤下'), ('flagged', '已标记'), ('standing', '原有内容待改'), ('schedule_refused', '定时发布未通过'), ('held', '等待核实')], max_length=20, verbose_name='处置'),
        ),
    ]
