import django.db.models.deletion
from django.db import migrations, models

from assent.foundation.scope import ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0001_initial"),
        ("tenancy", "0003_host"),
    ]

    operations = [
        migrations.CreateModel(
            name="HadBefore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.BinaryField(max_length=16)),
                ("restored_at", models.DateTimeField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.controller"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("controller", "mark"), name="dispatch_had_before_once")],
            },
        ),
        ForceRowSecurity("hadbefore"),
    ]
