import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_runs"), ("tenancy", "0003_host")]

    operations = [
        migrations.AddField("ending", "tell_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "ending",
            models.Index(
                condition=models.Q(("tell_at__isnull", False)),
                fields=["controller", "tell_at"],
                name="retention_ending_to_tell",
            ),
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "controller", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        ForceRowSecurity("told"),
    ]
