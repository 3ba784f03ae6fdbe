"""Takes out of a workbook what must not be handed on unseen: macros, properties, copies of other files' cells, hidden sheets."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from csc_hub.exchange import ours
from csc_hub.exchange.mending.package import MAIN, WORKBOOK_TYPE, Package
from csc_hub.exchange.ours import AUTHOR
from csc_hub.exchange.reading.markup import yes

_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{AUTHOR}</dc:creator><cp:lastModifiedBy>{AUTHOR}</cp:lastModifiedBy></cp:coreProperties>'
)
_APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Excel</Application></Properties>"
)
_PATH = "{http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac}absPath"
_MACROS = re.compile(r"xl/vba[^/]*$")

MACROS = "The macros were taken out: the hub hands none on. The file is an ordinary workbook (.xlsx) now."
PROPERTIES = "The names of author and editors were taken out of the properties of the file."
LINKS = "Copies of cells of other files were taken out; the links to those files are still there."
SHOWN = "What was hidden is shown, because the hub hands on nothing hidden: {what}."
UNSEEN = "These cells hold something that does not show. Look at them, and delete it or move it to where it can be seen: {what}."
NAMES = "Hidden names for cells or values are shown in the list of names."


def empty(package: Package, workbook: str) -> list[str]:
    """Takes out what the rules take out, wherever it is in the package; what was done, in sentences."""
    said = []
    if _without_macros(package, workbook):
        said.append(MACROS)
    if _without_properties(package):
        said.append(PROPERTIES)
    if _without_copies(package):
        said.append(LINKS)
    for part in [name for name in package.names() if name.startswith("customxml/")]:
        package.drop(part)
    package.unrelate(workbook, "customXml")
    package.unrelate("", "customXml")
    if _show_names(package.edit(workbook)):
        said.append(NAMES)
    return said


def _without_macros(package: Package, workbook: str) -> bool:
    package.say_type(workbook, WORKBOOK_TYPE)
    package.unrelate(workbook, "vbaProject")
    macros = [name for name in package.names() if _MACROS.match(name)]
    for name in macros:
        package.drop(name)
    return bool(macros)


def _without_properties(package: Package) -> bool:
    """Makes the properties of the file say nothing of anybody, and takes out its small picture. Did they name somebody?"""
    named = False
    for kind, words in (("core-properties", _CORE), ("extended-properties", _APP)):
        part = package.related("", kind)
        if part is not None:
            text = " ".join(e.text or "" for e in package.tree(part) if isinstance(e.tag, str)
                            and etree.QName(e).localname in ("creator", "lastModifiedBy", "Manager", "Company"))
            named |= bool(text.replace(AUTHOR, "").strip())
            package.put(part, words.encode())
    for relation in package.unrelate("", "custom-properties", "thumbnail"):
        if not relation.outside and relation.target in package:
            package.drop(relation.target)
    return named


def _without_copies(package: Package) -> bool:
    """Empties what links to other files have kept of those files."""
    found = False
    for part in [name for name in package.names() if name.startswith("xl/externallinks/") and name.endswith(".xml")]:
        copies = [e for e in package.tree(part).iter(f"{{{MAIN}}}sheetDataSet", f"{{{MAIN}}}values")]
        if copies:
            package.edit(part)
        for element in copies:
            found = True
            element.getparent().remove(element)
    return found


def _show_names(root: Any) -> bool:
    """Shows hidden names, and takes away where the file lay and who reserved it."""
    for path in list(root.iter(_PATH)):
        above = path.getparent()
        while above is not root and above.getparent() is not root:
            above = above.getparent()
        root.remove(above if above is not root else path)
    for reserved in root.iter(f"{{{MAIN}}}fileSharing"):
        reserved.attrib.pop("userName", None)
    hidden = [name for name in root.iterfind(f"{{{MAIN}}}definedNames/{{{MAIN}}}definedName")
              if yes(name.get("hidden")) and not name.get("name", "").startswith("_xl")]
    for name in hidden:
        del name.attrib["hidden"]
    return bool(hidden)


def show_sheet(element: Any, first_cell: str) -> None:
    """Shows a hidden sheet, unless it is the hub's own; the hub's record of what was sent out is hidden again where a program has shown it."""
    if ours.is_manifest(first_cell):
        element.set("state", "veryHidden")
        place = str(element.getparent().index(element))
        for view in element.getroottree().getroot().iter(f"{{{MAIN}}}workbookView"):
            if view.get("activeTab") == place:
                del view.attrib["activeTab"]  # a hidden sheet cannot be the one in front
    elif not ours.is_ours(element.get("name", ""), first_cell):
        element.attrib.pop("state", None)
