"""``khizana publish SHELFMARK``: open to readers, and at which level; or withdrawn from them."""

from __future__ import annotations

import json

import click

from khizana.apps.digitisation.queries import pages_without_copy
from khizana.apps.publication import queries
from khizana.apps.publication.actions.publish import publish
from khizana.apps.publication.keeper import Keeper
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.errors import BadInput, Busy, KhizanaError, NoSpace, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId, manuscript_id
from khizana.core.policy import Agreement, Level
from khizana.wiring.library import keeper, make_good


def run(
    *,
    opened: Opened,
    shelfmarks: tuple[str, ...],
    everything: bool,
    level: str | None,
    withdraw: bool,
    as_json: bool,
) -> int:
    """Publish or withdraw one manuscript, several or all; return 1 where one of many could not be.

    Raises ``BadInput`` where none is named, ``NotFound``; what is raised of one is told of it where there are many.
    """
    if bool(shelfmarks) is everything:
        raise BadInput("PUBLISH_WHICH")
    make_good(opened.folder, opened.configuration)
    publisher = _Publisher(opened, keeper(opened.folder, opened.configuration), level, withdraw=withdraw)
    if len(shelfmarks) == 1:
        publisher.one(shelfmarks[0], as_json=as_json)
        return 0
    return publisher.many(shelfmarks, as_json=as_json)


class _Publisher:
    def __init__(self, opened: Opened, keep: Keeper, level: str | None, *, withdraw: bool) -> None:
        self._opened = opened
        self._keeper = keep
        self._level = level
        self._withdraw = withdraw

    def one(self, shelfmark: str, *, as_json: bool) -> None:
        manuscript = manuscript_id(shelfmark)
        agreement, changed = self._publish(manuscript, shelfmark)
        if as_json:
            value = {
                "manuscript": manuscript,
                "published": agreement.published,
                "level": agreement.level.value,
                "changed": changed,
            }
            click.echo(json.dumps(value, ensure_ascii=False))
        else:
            tell("WITHDRAWN" if self._withdraw else "PUBLISHED", manuscript=manuscript, level=agreement.level.value)

    def many(self, shelfmarks: tuple[str, ...], *, as_json: bool) -> int:
        wanted = [(manuscript_id(each), each) for each in shelfmarks]
        if not wanted:
            wanted = [(each, each) for each in queries.manuscript_ids(published_only=False)]
        findings: list[Finding] = []
        changed = 0
        with Progress(len(wanted), unit="") as progress:
            for manuscript, shelfmark in wanted:
                try:
                    changed += self._publish(manuscript, shelfmark)[1]
                except (Busy, NoSpace):
                    raise
                except KhizanaError as error:
                    findings.append(Finding(error.code, Severity.ERROR, manuscript, error.facts))
                progress.add(1)
        tell_findings(findings)
        if as_json:
            failed = [{"code": each.code, "manuscript": each.subject} for each in findings]
            click.echo(json.dumps({"changed": changed, "of": len(wanted), "failed": failed}, ensure_ascii=False))
        else:
            tell("WITHDRAWN_MANY" if self._withdraw else "PUBLISHED_MANY", changed=changed, count=len(wanted))
        return int(bool(findings))

    def _publish(self, manuscript: ManuscriptId, shelfmark: str) -> tuple[Agreement, bool]:
        known = queries.agreement_and_revision(manuscript)
        if known is None:
            raise NotFound("NO_MANUSCRIPT", manuscript=shelfmark)
        agreement = Agreement(Level(self._level) if self._level else known[0].level, published=not self._withdraw)
        changed = publish(
            manuscript=manuscript,
            agreement=agreement,
            keeper=self._keeper,
            pages_without_copy=pages_without_copy(manuscript, self._opened.folder),
        )
        return agreement, changed
