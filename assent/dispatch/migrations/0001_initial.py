import assent.dispatch.contracts
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
            name="LinkKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wrapped", models.BinaryField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("controller",), name="dispatch_link_key_once")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("occasion", models.CharField(max_length=120)),
                ("purpose", models.CharField(max_length=64)),
                ("channel", models.CharField(max_length=8)),
                ("template", models.BigIntegerField()),
                ("language", models.CharField(default="", max_length=8)),
                ("variables", models.BinaryField(default=bytes)),
                ("state", models.CharField(default=assent.dispatch.contracts.State["DUE"], max_length=12)),
                ("not_before_ms", models.BigIntegerField()),
                ("attempt", models.SmallIntegerField(default=0)),
                ("claim", models.BigIntegerField(null=True)),
                ("claim_until_ms", models.BigIntegerField(null=True)),
                ("why", models.CharField(default="", max_length=40)),
                ("code", models.CharField(default="", max_length=60)),
                ("reference", models.CharField(default="", max_length=120)),
                ("policy_digest", models.CharField(default="", max_length=64)),
                ("basis", models.CharField(default="", max_length=32)),
                ("made_ms", models.BigIntegerField()),
                ("done_ms", models.BigIntegerField(null=True)),
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
                    models.Index(
                        condition=models.Q(("state", "due")),
                        fields=["controller", "channel", "not_before_ms"],
                        name="dispatch_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "handing_over")), fields=["controller", "subject"], name="dispatch_claimed"
                    ),
                    models.Index(fields=["controller", "occasion", "state"], name="dispatch_progress"),
                    models.Index(fields=["controller", "subject", "made_ms"], name="dispatch_by_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("controller", "occasion", "subject", "channel"), name="dispatch_message_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnsubscribeToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=32)),
                ("message", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=64)),
                ("channel", models.CharField(max_length=8)),
                ("made_ms", models.BigIntegerField()),
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
                "indexes": [models.Index(fields=["controller", "subject"], name="dispatch_token_by_subject")],
                "constraints": [models.UniqueConstraint(fields=("controller", "digest"), name="dispatch_token_once")],
            },
        ),
        ForceRowSecurity("linkkey"),
        ForceRowSecurity("message"),
        ForceRowSecurity("unsubscribetoken"),
    ]
