import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("subjects", "0001_initial"),
        ("tenancy", "0003_host"),
    ]

    operations = [
        migrations.CreateModel(
            name="Knock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handle", models.BinaryField(max_length=32)),
                ("field", models.CharField(max_length=8)),
                ("token", models.BinaryField(max_length=32)),
                ("host", models.CharField(default="", max_length=253)),
                ("language", models.CharField(max_length=8)),
                ("code", models.BinaryField(default=bytes, max_length=32)),
                ("link", models.BinaryField(default=bytes, max_length=32)),
                ("tries", models.SmallIntegerField(default=0)),
                ("asked_ms", models.BigIntegerField()),
                ("ends_ms", models.BigIntegerField()),
                ("answered_ms", models.BigIntegerField(null=True)),
                ("used_ms", models.BigIntegerField(null=True)),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subjects.subject",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["controller", "link"], name="portal_knock_by_link"),
                    models.Index(
                        condition=models.Q(("answered_ms", None)),
                        fields=["controller", "asked_ms"],
                        name="portal_knock_unanswered",
                    ),
                    models.Index(fields=["controller", "ends_ms"], name="portal_knock_by_end"),
                    models.Index(fields=["controller", "subject"], name="portal_knock_by_subject"),
                ],
                "constraints": [models.UniqueConstraint(fields=("controller", "handle"), name="portal_knock_by_handle")],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=32)),
                ("field", models.CharField(max_length=8)),
                ("language", models.CharField(max_length=8)),
                ("began_ms", models.BigIntegerField()),
                ("seen_ms", models.BigIntegerField()),
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
                    models.Index(fields=["controller", "subject"], name="portal_session_by_subject"),
                    models.Index(fields=["controller", "seen_ms"], name="portal_session_by_time"),
                ],
                "constraints": [models.UniqueConstraint(fields=("controller", "digest"), name="portal_session_by_cookie")],
            },
        ),
        ForceRowSecurity("knock"),
        ForceRowSecurity("session"),
    ]
