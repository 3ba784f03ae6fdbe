"""Which download a workbook that came back was, and how that is known: by its signed sheet, by the number in its guide, or not at all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from csc_hub.db import db
from csc_hub.exchange import exports, manifest, records
from csc_hub.exchange.merging import Base
from csc_hub.exchange.records import Export
from csc_hub.exchange.updates import ReadUpdates
from csc_hub.kernel import Refused, moment_in_words
from csc_hub.people import mergers
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context

ANOTHER_HUB = "This workbook was made by another council’s hub, so nothing in it was read. Send it back to whoever sent it to you"
CHANGED = ("The hub’s own sheet in this workbook was changed or copied from elsewhere, so the hub does not rely on it. "
           "Each cell that differs from the plan is a question")
SEVERAL = "This workbook holds the hub’s own sheets of several downloads, so the hub relies on none of them. Each cell that differs from the plan is a question"
UNKNOWN = ("The hub cannot tell which of its workbooks this was: its own sheet and the number in the guide are missing. "
           "Each cell that differs from the plan is a question")


@dataclass(frozen=True)
class Origin:
    """Where a workbook comes from: the download it was, or the marks its own sheet carries, or neither; and what is to be said of it."""

    export: Export | None = None
    marks: bool = False  # the hub signed it, and has no record of the download, as after going back to a backup
    said: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()  # hidden sheets that only say that they are the hub's


def plan_named(found: ReadUpdates) -> uuid.UUID | None:
    """The plan that a workbook's own sheet names, if this hub signed it."""
    named = [manifest.named(m["lines"]) for m in found.manifests if m["lines"] and manifest.believed(m["lines"], exports.key())]
    return uuid.UUID(named[0].plan) if named else None


def judge(found: ReadUpdates, context: Context, agency: Agency, own_only: bool = False) -> Origin:
    """Where a workbook for this plan and agency comes from. Raises `Refused` at "file" where it belongs elsewhere."""
    if not found.manifests:
        return _by_number(found.number, context, agency)
    whole = [m for m in found.manifests if m["lines"]]
    if any(manifest.named(m["lines"]).hub != records.hub_id() for m in whole):
        raise Refused(ANOTHER_HUB, "file")
    signed = [m for m in whole if manifest.believed(m["lines"], exports.key())]
    if len(signed) < len(found.manifests):
        return Origin(said=(CHANGED,), exposed=tuple(m["hidden"] for m in whole if m not in signed and m["hidden"]))
    named = {manifest.named(m["lines"]) for m in signed}
    if len(named) > 1:
        return Origin(said=(SEVERAL,))
    return _by_name(named.pop(), context, agency, own_only)


def _by_name(named: manifest.Named, context: Context, agency: Agency, own_only: bool) -> Origin:
    if named.plan != context.id.hex:
        other = None if own_only else db.session.get(Context, uuid.UUID(named.plan))
        raise Refused(f"This workbook belongs to {'the plan ' + other.reference if other else 'another plan'}, not to {context.reference}. Send it in there", "file")
    if named.agency != agency.id.hex and not _part_of(uuid.UUID(named.agency), agency):
        whose = None if own_only else db.session.get(Agency, uuid.UUID(named.agency))
        raise Refused(f"This workbook was made for {whose.name if whose else 'another agency'}, not for {agency.name}. "
                      + ("Send the one that was made for your agency" if own_only else "Choose that agency, or upload the other workbook"), "file")
    export = db.session.get(Export, uuid.UUID(named.export))
    if export is None:
        return Origin(marks=True)
    return Origin(export)


def _part_of(agency_id: uuid.UUID, agency: Agency) -> bool:
    """Whether an agency has become part of this one since its workbook was downloaded."""
    merger = mergers.merger_of(agency_id)
    return merger is not None and merger.into_id == agency.id


def _by_number(number: str, context: Context, agency: Agency) -> Origin:
    if not number:
        return Origin(said=(UNKNOWN,))
    count, _, reference = number.partition(" of ")
    if reference != context.reference:
        raise Refused(f"The guide of this workbook names the plan {reference}, not {context.reference}. Send it in there", "file")
    export = records.export_of(context.id, int(count))
    if export is None or export.agency_id != agency.id:
        return Origin(said=(f"The guide says that this is workbook {number}, but that one was not made for {agency.name}. "
                            "Each cell that differs from the plan is a question",))
    return Origin(export, said=(f"The hub’s own sheet is missing from this workbook. By the number in its guide it is compared with workbook {count}, "
                                f"downloaded on {moment_in_words(export.at)}",))


def base_of(export: Export | None, found: ReadUpdates, marks: bool) -> Base | None:
    """What a workbook is compared with, or None."""
    if export is not None:
        return Base(texts={int(number): dict(zip(manifest.COLUMNS, words, strict=False)) for number, words in export.said.items()})
    if marks:
        lines = next(m["lines"] for m in found.manifests if m["lines"])
        return Base(marks=manifest.marks(lines), key=exports.key())
    return None
