from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='manuscript',
            name='elsewhere',
            field=models.JSONField(default=dict, help_text='Who holds the images of its pages; empty where they are here'),
        ),
    ]
