from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_commitments")]

    operations = [
        migrations.AddIndex(
            "standing",
            models.Index(
                condition=models.Q(("choice", 1), ("expires_ms__gt", 0)),
                fields=["controller", "expires_ms"],
                name="consent_standing_by_end",
            ),
        ),
    ]
