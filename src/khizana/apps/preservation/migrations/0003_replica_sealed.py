from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('preservation', '0002_replicas'),
    ]

    operations = [
        migrations.AddField(
            model_name='replica',
            name='sealed',
            field=models.JSONField(default=dict, help_text='Folder of each sealed version to the sha512 of its SHA512SUMS'),
        ),
    ]
