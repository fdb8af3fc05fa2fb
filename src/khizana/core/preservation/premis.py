"""PREMIS 3.0 events: what was done to an object, when, by whom or what, and with what outcome.

One file holds the new events of one object version, the object itself, facts of the files that came with it
(digest, size, format, original name), and the agents. Sources: PREMIS 3.0 XML schema (namespace
``http://www.loc.gov/premis/v3``); the Library of Congress vocabularies of event types, outcomes, agent roles,
agent types and hash functions, whose addresses are written as ``valueURI``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from lxml import etree

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest

EVENTS = "events/"
"""Folder, in an object, of such files. The state of a version names those of that version alone: the inventory of every
later one would else name them all again. Those of earlier versions are in these (``StoredObject.ever``)."""
NAMESPACE = "http://www.loc.gov/premis/v3"
VOCABULARY = "http://id.loc.gov/vocabulary/preservation/"
EVENT_TYPES = {
    "accession": "acc",
    "capture": "cap",
    "creation": "cre",
    "deletion": "del",
    "fixity check": "fix",
    "format identification": "for",
    "ingestion": "ing",
    "message digest calculation": "mes",
    "metadata modification": "mem",
    "migration": "mig",
    "modification": "mod",
    "recovery": "rec",
    "replication": "rep",
    "validation": "val",
}
"""Name of a type of event to its code in the vocabulary; other names may be used, without an address."""
OUTCOMES = {"success": "suc", "fail": "fai", "warning": "war"}
AGENT_TYPES = {"software": "sof", "person": "per", "organization": "org", "hardware": "har"}
ROLES = {"software": ("executing program", "exe")}
IMPLEMENTER = ("implementer", "imp")

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES = {"premis": NAMESPACE, "xsi": _XSI}
_OBJECT = "OCFL object identifier"
_FILE = "OCFL object identifier and logical path"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who or what did something."""

    name: str
    type: str = "software"
    """``software``, ``person``, ``organization`` or ``hardware``."""
    version: str = ""
    identifier: str = ""
    """A URI; without one the name identifies it."""

    def __post_init__(self) -> None:
        if not self.name or not self.type:
            raise ValueError("an agent needs a name and a type")


@dataclass(frozen=True, slots=True)
class Event:
    """Something done to an object or to one of its files.

    Raises ``ValueError`` when ``when`` is not a time with a time zone, or there is no identifier or type.
    """

    identifier: str
    """A URI (``urn:uuid:...``), given by the caller: chance is an argument."""
    type: str
    """A name of ``EVENT_TYPES``."""
    when: str
    """RFC 3339."""
    detail: str = ""
    outcome: str = "success"
    """``success``, ``fail``, ``warning``, or a word of the event's own."""
    outcome_detail: str = ""
    agents: tuple[Agent, ...] = ()
    subject: str = ""
    """A logical path of the object, or nothing for the object as a whole."""

    def __post_init__(self) -> None:
        if not self.identifier or not self.type or datetime.fromisoformat(self.when).utcoffset() is None:
            raise ValueError("an event needs an identifier, a type, and a time with a time zone")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is recorded of a file when it is accessioned."""

    logical_path: str
    digest: Digest
    size: int
    """Bytes."""
    media_type: str
    original_name: str = ""


def software(version: str) -> Agent:
    """Return this software, at *version*, as an agent."""
    return Agent("khizana", "software", version, f"urn:khizana:software:{version}")


def write_events(events: Sequence[Event], *, object_id: str, files: Sequence[FileFacts] = ()) -> bytes:
    """Return *events* of the object *object_id*, and facts of its *files*, as a PREMIS 3.0 document.

    The same values give the same bytes. Characters that XML cannot hold are written as a backslash, "u" and
    their number. Raises ``ValueError`` when two different agents have one identifier.
    """
    agents: dict[tuple[str, str], Agent] = {}
    for agent in (agent for event in events for agent in event.agents):
        if agents.setdefault(_identity(agent), agent) != agent:
            raise ValueError(f"two agents are both {_identity(agent)}")
    root = etree.Element(_name("premis"), {"version": "3.0"}, nsmap=_NAMESPACES)
    _add_object(root, "intellectualEntity", object_id, "")
    for facts in files:
        _add_file(root, object_id, facts)
    for event in events:
        _add_event(root, object_id, event)
    for agent in agents.values():
        _add_agent(root, agent)
    etree.indent(root, " ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def read_events(content: bytes, *, name: str = "events.xml") -> tuple[Event, ...]:
    """Return the events in the PREMIS document *content*.

    Raises ``Damaged`` saying *name* when it is not one.
    """
    root = _parse(content, name)
    try:
        agents = {_agent_key(each): _agent(each) for each in root.iterfind("premis:agent", _NAMESPACES)}
        return tuple(_event(each, agents) for each in root.iterfind("premis:event", _NAMESPACES))
    except (ValueError, KeyError) as error:
        raise Damaged("EVENTS_UNREADABLE", name=name, problem=str(error)) from error


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _name(tag), attributes)
    if text:
        element.text = _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return element


def _add_term(parent: etree._Element, tag: str, text: str, vocabulary: str, code: str | None) -> None:
    address = f"{VOCABULARY}{vocabulary}"
    _add(parent, tag, text, **({"authorityURI": address, "valueURI": f"{address}/{code}"} if code else {}))


def _add_identifier(parent: etree._Element, kind: str, object_id: str, logical_path: str) -> etree._Element:
    element = _add(parent, f"{kind}Identifier")
    _add(element, f"{kind}IdentifierType", _FILE if logical_path else _OBJECT)
    # The last number sign parts the two: percent-encoding leaves none in the path.
    value = f"{object_id}#{quote(logical_path, errors='surrogatepass')}" if logical_path else object_id
    _add(element, f"{kind}IdentifierValue", value)
    return element


def _add_object(root: etree._Element, category: str, object_id: str, logical_path: str) -> etree._Element:
    element = _add(root, "object")
    element.set(f"{{{_XSI}}}type", f"premis:{category}")
    _add_identifier(element, "object", object_id, logical_path)
    return element


def _add_file(root: etree._Element, object_id: str, facts: FileFacts) -> None:
    element = _add_object(root, "file", object_id, facts.logical_path)
    characteristics = _add(element, "objectCharacteristics")
    fixity = _add(characteristics, "fixity")
    _add_term(fixity, "messageDigestAlgorithm", "SHA-512", "cryptographicHashFunctions", "sha512")
    _add(fixity, "messageDigest", facts.digest)
    _add(characteristics, "size", str(facts.size))
    _add(_add(_add(characteristics, "format"), "formatDesignation"), "formatName", facts.media_type)
    if facts.original_name:
        _add(element, "originalName", facts.original_name)


def _add_event(root: etree._Element, object_id: str, event: Event) -> None:
    element = _add(root, "event")
    identifier = _add(element, "eventIdentifier")
    _add(identifier, "eventIdentifierType", "URI")
    _add(identifier, "eventIdentifierValue", event.identifier)
    _add_term(element, "eventType", event.type, "eventType", EVENT_TYPES.get(event.type))
    _add(element, "eventDateTime", event.when)
    if event.detail:
        _add(_add(element, "eventDetailInformation"), "eventDetail", event.detail)
    if event.outcome or event.outcome_detail:
        outcome = _add(element, "eventOutcomeInformation")
        if event.outcome:
            _add_term(outcome, "eventOutcome", event.outcome, "eventOutcome", OUTCOMES.get(event.outcome))
        if event.outcome_detail:
            _add(_add(outcome, "eventOutcomeDetail"), "eventOutcomeDetailNote", event.outcome_detail)
    for agent in event.agents:
        link = _add(element, "linkingAgentIdentifier")
        for part, text in zip(("Type", "Value"), _identity(agent), strict=True):
            _add(link, f"linkingAgentIdentifier{part}", text)
        role, code = ROLES.get(agent.type, IMPLEMENTER)
        _add_term(link, "linkingAgentRole", role, "eventRelatedAgentRole", code)
    _add_identifier(element, "linkingObject", object_id, event.subject)


def _identity(agent: Agent) -> tuple[str, str]:
    return ("URI", agent.identifier) if agent.identifier else ("name", agent.name)


def _add_agent(root: etree._Element, agent: Agent) -> None:
    element = _add(root, "agent")
    identifier = _add(element, "agentIdentifier")
    for part, text in zip(("Type", "Value"), _identity(agent), strict=True):
        _add(identifier, f"agentIdentifier{part}", text)
    _add(element, "agentName", agent.name)
    _add_term(element, "agentType", agent.type, "agentType", AGENT_TYPES.get(agent.type))
    if agent.version:
        _add(element, "agentVersion", agent.version)


def _parse(content: bytes, name: str) -> etree._Element:
    # Events come from storage, and storage may come from anywhere: no entities, no network, no huge trees.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Damaged("EVENTS_UNREADABLE", name=name, problem=str(error)) from error
    if root.tag != _name("premis"):
        raise Damaged("EVENTS_UNREADABLE", name=name, problem=f"the root is {root.tag}")
    return root


def _text(element: etree._Element, path: str) -> str:
    return element.findtext(path, "", _NAMESPACES)


def _path_in(value: str) -> str:
    return unquote(value.rpartition("#")[2], errors="surrogatepass")


def _agent_key(element: etree._Element, kind: str = "agent") -> tuple[str, str]:
    prefix = f"premis:{kind}Identifier/premis:{kind}Identifier" if kind == "agent" else f"premis:{kind}Identifier"
    return _text(element, f"{prefix}Type"), _text(element, f"{prefix}Value")


def _agent(element: etree._Element) -> Agent:
    kind, value = _agent_key(element)
    return Agent(
        _text(element, "premis:agentName"),
        _text(element, "premis:agentType"),
        _text(element, "premis:agentVersion"),
        value if kind == "URI" else "",
    )


def _event(element: etree._Element, agents: dict[tuple[str, str], Agent]) -> Event:
    outcome = "premis:eventOutcomeInformation/premis:eventOutcome"
    links = element.iterfind("premis:linkingAgentIdentifier", _NAMESPACES)
    is_file = _text(element, "premis:linkingObjectIdentifier/premis:linkingObjectIdentifierType") == _FILE
    subject = _text(element, "premis:linkingObjectIdentifier/premis:linkingObjectIdentifierValue")
    return Event(
        _text(element, "premis:eventIdentifier/premis:eventIdentifierValue"),
        _text(element, "premis:eventType"),
        _text(element, "premis:eventDateTime"),
        _text(element, "premis:eventDetailInformation/premis:eventDetail"),
        _text(element, outcome),
        _text(element, f"{outcome}Detail/premis:eventOutcomeDetailNote"),
        tuple(agents[_agent_key(link, "linkingAgent")] for link in links),
        _path_in(subject) if is_file else "",
    )
