import assent.campaigns.contracts
import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("segment", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=64)),
                ("channel", models.CharField(max_length=8)),
                ("editions", models.JSONField()),
                ("state", models.CharField(default=assent.campaigns.contracts.CampaignState["DRAFT"], max_length=12)),
                ("scheduled_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["controller", "state", "scheduled_at"], name="campaigns_by_state"),
                    models.Index(fields=["controller", "made_at"], name="campaigns_by_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Occurrence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("cursor", models.BigIntegerField(default=0)),
                ("matched", models.BigIntegerField(default=0)),
                ("lost", models.JSONField(default=dict)),
                ("lease_until_ms", models.BigIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("filled_at", models.DateTimeField(null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.campaign"
                    ),
                ),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("controller", "campaign", "number"), name="campaigns_occurrence_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("number", models.IntegerField()),
                ("subjects", models.JSONField()),
                ("bodies", models.JSONField()),
                ("compiled", models.JSONField()),
                ("variables", models.JSONField()),
                ("made_at", models.DateTimeField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("controller", "name", "number"), name="campaigns_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender_name", models.CharField(max_length=120)),
                ("sender_address", models.CharField(max_length=254)),
                ("reply_to", models.CharField(default="", max_length=254)),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.templateversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("controller", "version", "sender_name", "sender_address", "reply_to"),
                        name="campaigns_edition_once",
                    )
                ],
            },
        ),
        ForceRowSecurity("templateversion"),
        ForceRowSecurity("edition"),
        ForceRowSecurity("campaign"),
        ForceRowSecurity("occurrence"),
    ]
