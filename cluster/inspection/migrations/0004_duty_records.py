"""Keep who answered for a column when; of sites that are older than this the records begin now, with who answers now."""

import django.db.models.deletion
from django.db import migrations, models

BEGIN = """
INSERT INTO public.inspection_dutyrecord (site_id, column_code, unit, officer_name, reviewer_name, since)
SELECT id, '', '', '', '', clock_timestamp() FROM public.subsites_subsite WHERE kind <> 'console';
INSERT INTO public.inspection_dutyrecord (site_id, column_code, unit, officer, officer_name, reviewer, reviewer_name, since)
SELECT site_id, column_code, unit, officer, officer_name, reviewer, reviewer_name, clock_timestamp() FROM public.inspection_columnduty
"""


class Migration(migrations.Migration):

    dependencies = [
        ('inspection', '0003_rules_and_homes'),
        ('subsites', '0002_one_site_per_id_code'),
    ]

    operations = [
        migrations.CreateModel(
            name='DutyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('column_code', models.CharField(blank=True, max_length=40, verbose_name='栏目代码')),
                ('unit', models.CharField(blank=True, max_length=120, verbose_name='责任单位')),
                ('officer', models.UUIDField(blank=True, null=True, verbose_name='责任人编号')),
                ('officer_name', models.CharField(blank=True, max_length=60, verbose_name='责任人')),
                ('reviewer', models.UUIDField(blank=True, null=True, verbose_name='监督人编号')),
                ('reviewer_name', models.CharField(blank=True, max_length=60, verbose_name='监督人')),
                ('since', models.DateTimeField(verbose_name='自')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='至')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='duty_records', to='subsites.subsite', verbose_name='站点')),
            ],
            options={
                'verbose_name': '栏目责任登记',
                'verbose_name_plural': '栏目责任登记',
                'ordering': ('site', 'column_code', 'since'),
                'indexes': [models.Index(fields=['site', 'since'], name='duty_record_since')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('site', 'column_code'), name='duty_record_one_now')],
            },
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]
