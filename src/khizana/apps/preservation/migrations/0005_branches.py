from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('preservation', '0004_replica_sent'),
    ]

    operations = [
        migrations.AddField(
            model_name='preservationobject',
            name='undecided',
            field=models.PositiveIntegerField(default=0, help_text='What a person has to decide since branches were joined'),
        ),
        migrations.AddField(
            model_name='objectversion',
            name='joining',
            field=models.BooleanField(default=False, help_text='Made by joining branches alone: it may be made anew'),
        ),
        migrations.AddField(
            model_name='objectversion',
            name='before',
            field=models.JSONField(default=list, help_text='Digests of the inventories that had this number, oldest first'),
        ),
    ]
