import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("subjects", "0001_initial"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("name", models.BinaryField()),
                ("size", models.IntegerField()),
                ("token", models.CharField(max_length=43)),
                ("stored_at", models.DateTimeField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subjects.subject"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["controller", "subject"], name="file_of_subject"),
                    models.Index(fields=["controller", "kind", "id"], name="file_of_kind"),
                ],
            },
        ),
        ForceRowSecurity("file"),
    ]
