from django.db import migrations, models

from assent.foundation import scope


def add_version(apps, schema_editor):
    """
    Add the column where it stands, and fill it from what each choice's proof pins.

    Django would copy the table on SQLite, and the copy would have another layout than the one made for a million rows.
    """
    connection = schema_editor.connection
    table = apps.get_model("consent", "Standing")._meta.db_table
    record = apps.get_model("consent", "ConsentRecord")._meta.db_table
    version = apps.get_model("policy", "PolicyVersion")._meta.db_table
    with scope.every_controller(reason="the column is filled for everybody"), connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return  # the databases of other rooms have no such table
        cursor.execute(f'ALTER TABLE "{table}" ADD COLUMN "version" integer NOT NULL DEFAULT 0')
        cursor.execute(
            f'UPDATE "{table}" SET version = COALESCE((SELECT MAX(v.number) FROM "{record}" r JOIN "{version}" v '
            f'ON v.controller_id = r.controller_id AND v.digest = r.policy_digest WHERE r.id = "{table}".record), 0)'
        )


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0001_initial"),
        ("policy", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_version, migrations.RunPython.noop)],
            state_operations=[
                migrations.AddField(model_name="standing", name="version", field=models.IntegerField(db_default=0)),
            ],
        ),
    ]
