import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.scope import ForceRowSecurity

CONTROLLER = {"db_index": False, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}


class Migration(migrations.Migration):
    dependencies = [("retention", "0004_due_and_left_over"), ("tenancy", "0003_host")]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement", models.BigIntegerField()),
                ("solution", models.CharField(max_length=63)),
                ("choice", models.CharField(max_length=10)),
                ("given", models.JSONField()),
                ("purposes", models.JSONField()),
                ("state", models.CharField(max_length=10)),
                ("until_ms", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("begun_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("part", models.SmallIntegerField(default=0)),
                ("after", models.BigIntegerField(default=0)),
                ("people", models.BigIntegerField(default=0)),
                ("told", models.BigIntegerField(default=0)),
                ("run", models.BigIntegerField(null=True)),
                ("report", models.JSONField(default=dict)),
                ("lease_until", models.DateTimeField(null=True)),
                ("controller", models.ForeignKey(to="tenancy.controller", **CONTROLLER)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("controller", "agreement"), name="retention_one_closing_per_agreement")
                ]
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("subjects", models.BinaryField()),
                ("people", models.IntegerField()),
                ("size", models.BigIntegerField()),
                ("apart", models.BigIntegerField()),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                ("fetched_at", models.DateTimeField(null=True)),
                ("fetched_by", models.CharField(default="", max_length=60)),
                ("closing", models.ForeignKey(to="retention.closing", **CONTROLLER)),
                ("controller", models.ForeignKey(to="tenancy.controller", **CONTROLLER)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("controller", "closing", "number"), name="retention_parcel_number")
                ]
            },
        ),
        ForceRowSecurity("closing"),
        ForceRowSecurity("parcel"),
    ]
