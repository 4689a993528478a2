from django.db import migrations, models

from assent.foundation.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "height", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("height", models.SmallIntegerField()),
                ("place", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        AppendOnly("node"),
    ]
