"""An index of the changes that were put aside: whoever is told of something newer forgets them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0005_content_noted")]

    operations = [
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("parked_at__isnull", False)), fields=["consumer", "resource_id"], name="change_parked"
            ),
        ),
    ]
