import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.append_only import AppendOnly
from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=60)),
                ("solution", models.CharField(default="", max_length=63)),
                ("language", models.CharField(max_length=2)),
                ("digest", models.CharField(max_length=64)),
                ("form", models.TextField()),
                ("kept_at", models.DateTimeField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("controller", "number", "kind", "solution", "language"), name="document_kept_once"
                    )
                ],
            },
        ),
        AppendOnly("keptdocument"),
        ForceRowSecurity("keptdocument"),
    ]
