from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publication', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='generation',
            name='library',
            field=models.CharField(default='', help_text="Whose database it is, by the settings' name", max_length=40),
        ),
        migrations.AddField(
            model_name='publication',
            name='order',
            field=models.CharField(default='', help_text='That of the manuscript: lists read this table alone', max_length=400),
        ),
        migrations.AlterField(
            model_name='publication',
            name='published',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='Stretch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public', models.BooleanField(help_text='Of the published ones alone, or of all')),
                ('first', models.CharField(help_text='The order from which it goes on; the first of all has none', max_length=400)),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('public', 'first'), name='one_stretch_from_each_place')],
            },
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['order', 'manuscript'], name='publications_by_order'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['published', 'order', 'manuscript'], name='publications_published'),
        ),
    ]
