from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('preservation', '0003_replica_sealed'),
    ]

    operations = [
        migrations.AddField(
            model_name='replica',
            name='sent',
            field=models.PositiveIntegerField(default=0, help_text='The newest version that a courier carries to this place, whether it arrived or not'),
        ),
    ]
