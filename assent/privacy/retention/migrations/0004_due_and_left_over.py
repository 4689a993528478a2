from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retention", "0003_told")]

    operations = [
        migrations.AddIndex("asked", models.Index(fields=["controller", "at_ms"], name="retention_asked_when")),
        migrations.AddField("run", "scan_part", models.SmallIntegerField(default=0)),
        migrations.AddField("run", "scan_after", models.BigIntegerField(default=0)),
        migrations.AddField("run", "left", models.JSONField(default=dict)),
        migrations.AddField("run", "scanned_at", models.DateTimeField(null=True)),
    ]
