from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subjects", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="merging",
            name="moved",
            field=models.BinaryField(default=bytes),
        ),
    ]
