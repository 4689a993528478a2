import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.append_only import AppendOnly
from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_version_agreed_to"), ("tenancy", "0001_initial")]

    operations = [
        migrations.AddField("consentrecord", "salt", models.BinaryField(max_length=16, null=True)),
        migrations.AddField("consentrecord", "line", models.BigIntegerField(null=True)),
        migrations.AddField("consentrecord", "place", models.IntegerField(null=True)),
        AppendOnly("consentrecord", sealed=("line", "place"), forgotten=("salt",), anew=True),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("line", models.BigIntegerField(primary_key=True, serialize=False)),
                ("commitments", models.BinaryField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
        ),
        ForceRowSecurity("batch"),
        AppendOnly("batch"),
    ]
