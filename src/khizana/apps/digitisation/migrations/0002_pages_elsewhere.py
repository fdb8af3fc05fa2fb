import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0002_elsewhere'),
        ('digitisation', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PageElsewhere',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(help_text='Reading order, from 0')),
                ('number', models.PositiveIntegerField(help_text='In the order of its manifest, from 1')),
                ('label', models.CharField(max_length=300)),
                ('name', models.CharField(help_text='The label as an address', max_length=300)),
                ('address', models.TextField()),
                ('service', models.TextField(blank=True, default='')),
                ('version', models.PositiveSmallIntegerField(default=0)),
                ('profile', models.TextField(blank=True, default='')),
                ('width', models.PositiveIntegerField(default=0)),
                ('height', models.PositiveIntegerField(default=0)),
                ('measured', models.BooleanField(default=False, help_text="Whether that is the image's own size, not its canvas'")),
                ('manuscript', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pages_elsewhere', to='catalogue.manuscript')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('manuscript', 'position'), name='one_page_elsewhere_per_position'), models.UniqueConstraint(fields=('manuscript', 'name'), name='one_page_elsewhere_per_name')],
            },
        ),
    ]
