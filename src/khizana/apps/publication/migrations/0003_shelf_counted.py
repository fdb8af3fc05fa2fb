from django.db import migrations
from django.db.models import OuterRef, Subquery


def count(apps, _):
    """Give the publications that are there their order, and count them."""
    from khizana.apps.publication.shelf import stretches

    manuscripts = apps.get_model('catalogue', 'Manuscript')
    publications = apps.get_model('publication', 'Publication')
    orders = manuscripts.objects.filter(pk=OuterRef('manuscript_id')).values('order')
    publications.objects.update(order=Subquery(orders[:1]))
    stretch = apps.get_model('publication', 'Stretch')
    for public in (False, True):
        rows = publications.objects.filter(published=True) if public else publications.objects.all()
        found = stretches(rows.order_by('order').values_list('order', flat=True).iterator())
        stretch.objects.bulk_create(stretch(public=public, first=first, count=count) for first, count in found)


class Migration(migrations.Migration):

    dependencies = [
        ('publication', '0002_shelf'),
        ('catalogue', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
