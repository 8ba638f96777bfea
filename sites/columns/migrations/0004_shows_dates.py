"""Columns know whether their lists print dates; the templates say so, `column_templates apply` and the nightly repair write it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("columns", "0003_home_planted_as")]

    operations = [
        migrations.AddField(
            model_name="columnpage",
            name="shows_dates",
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name="列表显示日期"),
        ),
    ]
