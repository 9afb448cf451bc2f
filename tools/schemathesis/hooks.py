"""Brings the requests that Schemathesis makes to what is there, and says which of its failures the contract means so.

Environment: CONTACTS_URL, CONTACTS_TOKEN, an access token of the organization demo, CONTACTS_USERNAME and CONTACTS_PASSWORD.
"""

import itertools
import os
import random
import re

import requests
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData, UseAfterFree

URL = os.environ["CONTACTS_URL"]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['CONTACTS_TOKEN']}"
numbers = itertools.count(1)
chance = random.Random(1)

INDIVIDUALS = "/contacts/org/{org-id}/individual"
ORGANIZATIONS = "/contacts/org/{org-id}/organization"
PLACEHOLDERS = "/contacts/org/{org-id}/placeholder-customers"
CUSTOMER_LISTS = "/contacts/org/{org-id}/customer-lists"
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BODIES = {  # of a resource, by the last word of its collection
    "individual": lambda: {"name": "Ada Lovelace", "external_id": f"fuzz {next(numbers)}"},
    "organization": lambda: {"name": "Analytical Engines", "external_id": f"fuzz {next(numbers)}"},
    "placeholder-customers": lambda: {
        "customer_id": f"fuzz {next(numbers)}", "name": "Till", "is_active": True, "customer_since": "2025-03-25",
        "requires_formal_invoice": False, "track_revenue": False,
    },
    "customer-lists": lambda: {"name": "Newsletter"},
    "addresses": lambda: {"type": "NOT_QUALIFIED", "full_address": "London", "usage_context": "PERSONAL"},
    "emails": lambda: {"type": "PERSONAL_EMAIL", "address": "ada@example.com", "usage_context": "PERSONAL"},
    "phones": lambda: {"type": "MOBILE", "number": "+44 20 7946 0000", "usage_context": "PERSONAL"},
    "web-addresses": lambda: {"type": "PERSONAL_WEBSITE", "url": "https://example.com", "usage_context": "PERSONAL"},
    "professional-identities": lambda: {"organization_contact": made(ORGANIZATIONS, {}), "is_active": False},
    "personal-relationships": lambda: {"type": "FRIEND", "individual_contact": made(INDIVIDUALS, {})},
    "departments": lambda: {"name": "Works"},
    "locations": lambda: {"name": "London"},
    "memberships": lambda: {"type": "CLUB", "name": "Royal Society"},
    "tags": lambda: {"name": f"fuzz {next(numbers)}"},
    "images": lambda: {"data": PICTURE},
    "items": lambda: {"items": [{"id": with_roles(INDIVIDUALS)}]},
    "exports": lambda: {"format": "VCARD", "tag": "VIP"},
    "webhooks": lambda: {"url": "https://receiver.example.com/"},
    "option_types": lambda: {"names": [{"lang": "en", "name": f"fuzz {next(numbers)}"}]},
    "option_sub_types": lambda: {"names": [{"lang": "en", "name": f"fuzz {next(numbers)}"}]},
}


def post(path, body):
    answer = session.post(URL + path, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def with_roles(contacts):
    """Makes a contact that is customer and supplier, and returns its id."""
    contact = made(contacts, {})
    for role, body in {
        "customer": {"customer_id": f"fuzz {next(numbers)}", "is_active": True, "is_suspended": False, "customer_since": "2025-03-25"},
        "supplier": {"supplier_id": f"fuzz {next(numbers)}", "is_active": True, "supplier_since": "2025-03-25"},
        "alternative-payer": {"alternative_payer_id": f"fuzz {next(numbers)}", "is_active": True, "since": "2025-03-25"},
    }.items():
        session.put(f"{URL}{filled(contacts, {})}/{contact}/roles/{role}", json=body, timeout=30).raise_for_status()
    return contact


def filled(template, parameters):
    return re.sub(r"{(.*?)}", lambda m: str(parameters.get(m[1], "demo")), template)


def made(collection, parameters):
    """Makes a resource in a collection, and returns its id."""
    word = collection.rsplit("/", 1)[1]
    if word == "webhooks":
        make_room_for_webhook(filled(collection, parameters))
    answer = post(filled(collection, parameters), BODIES[word]())
    return answer["items"][0]["id"] if word == "items" else answer["id"]


def make_room_for_webhook(path):
    """Deletes the webhooks of an organization that has nearly as many as it may have."""
    answer = session.get(URL + path, timeout=30)
    answer.raise_for_status()
    webhooks = answer.json()["items"]
    for webhook in webhooks if len(webhooks) > 15 else []:
        session.delete(f"{URL}{path}/{webhook['id']}", timeout=30).raise_for_status()


def option():
    """Makes a contact with an option, and returns the option's id."""
    body = {"typeId": 1, "subTypeId": 1, "value": "020 7946 0000"}
    return post(f"/rest/accounts/contacts/{made(INDIVIDUALS, {})}/options", body)[0]["id"]


def named(collection, parameters):
    """Makes what the segment of a path behind a collection can name, and returns the name."""
    parent, word = collection.rsplit("/", 1)
    if word == "contacts":
        return int(made(INDIVIDUALS, {}))
    if collection in (INDIVIDUALS, ORGANIZATIONS):
        return with_roles(collection)
    if word == "options":
        return option()
    if word == "id-from-external-id":
        return post(filled(parent, {}), body := BODIES["individual"]()) and body["external_id"]
    if word == "internal":
        return made(parent.removesuffix("-id-mapping"), {})
    if word == "external":
        return post(filled(parent.removesuffix("-id-mapping"), {}), body := BODIES["individual"]()) and body["external_id"]
    return made(collection, parameters)


standing = {}  # a resource for many requests to meet, and how many it will still meet: they can spoil it for those behind them


def stand(key, make):
    value, left = standing.get(key, (None, 0))
    if left == 0:
        value, left = make(), 50
    standing[key] = value, left - 1
    return value


def existing(template, deletes):
    """Parameters of a path at which there is something. What is to be deleted is made for it."""
    parameters = {"org-id": "demo"}
    segments = template.split("/")
    last = max(i for i, s in enumerate(segments) if s.startswith("{"))
    for i, segment in enumerate(segments):
        name, collection = segment[1:-1], "/".join(segments[:i])
        if not segment.startswith("{") or name in parameters:
            continue
        if deletes and i == last:
            parameters[name] = named(collection, parameters)
        else:
            parameters[name] = stand((collection, *parameters.values()), lambda: named(collection, parameters))
    return parameters


REFERENCES = {
    "individual_contact": INDIVIDUALS, "managed_by": INDIVIDUALS, "contact_id": INDIVIDUALS, "internal": INDIVIDUALS,
    "organization_contact": ORGANIZATIONS, "alternative_payer": INDIVIDUALS,
}


def refer(value):
    """Lets most references of a body lead to something."""
    if isinstance(value, list):
        return [refer(v) for v in value]
    if not isinstance(value, dict):
        return value
    return {k: reference(k) if k in REFERENCES and isinstance(v, str) and chance.random() < 0.8 else refer(v) for k, v in value.items()}


def reference(field):
    return stand(field, lambda: made(REFERENCES[field], {}))


def log_in(case):
    """Sends the user's credentials, or a refresh token that they have just got."""
    user = {"username": os.environ["CONTACTS_USERNAME"], "password": os.environ["CONTACTS_PASSWORD"]}
    if case.operation.path.endswith("/refresh"):
        answer = session.post(URL + "/rest/login", json=user, timeout=30)
        if answer.status_code != 429:  # other cases send too many wrong passwords now and then
            case.body = {"refresh_token": answer.json()["refresh_token"]}
    else:
        case.body = user


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None:
        return
    if case.meta.phase.name == TestPhase.STATEFUL:  # its links know what is there
        if case.headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
            case.headers.pop("Idempotency-Key", None)  # with one that it sent before, a creation is told again that was deleted since
        return
    if case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH) and chance.random() < 0.9:
        deletes = case.method.upper() == "DELETE"
        try:
            found = existing(case.operation.path, deletes)
        except requests.HTTPError:  # a case has deleted what stands: it takes ids from answers too
            standing.clear()
            found = existing(case.operation.path, deletes)
        for name, value in found.items():
            if name in case.path_parameters:
                case.path_parameters[name] = type(case.path_parameters[name])(value)  # some phases write numbers as text
    if case.meta.is_negative_at(ParameterLocation.BODY) or not isinstance(case.body, (dict, list)):
        return
    if not case.operation.path.startswith("/rest/login"):
        case.body = refer(case.body)
    elif not case.meta.is_negative_at(ParameterLocation.QUERY) and chance.random() < 0.5:
        log_in(case)


def lenient(value):
    """Tells whether a body holds what the plentymarkets dialect takes beyond its schema: a flag as true or false, a number as text,
    null for nothing, an id that is ignored, one option in place of an array."""
    if isinstance(value, list):
        return any(map(lenient, value))
    if isinstance(value, dict):
        return "id" in value or any(map(lenient, value.values()))
    return value is None or isinstance(value, bool) or isinstance(value, str) and value.lstrip("-").isdigit()


def untyped(body):
    """Tells whether a supplier's tax information has no type: the description requires one for generated clients, the platform has a default."""
    return isinstance(body, dict) and isinstance(body.get("tax_information"), dict) and "@type" not in body["tax_information"]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Keeps a failure unless the contract means what it is about."""
    path, _, query = response.request.path_url.partition("?")
    if "%3F" in path:
        return False  # API Gateway decodes the path and cuts it there: another resource answers, or none
    if response.status_code == 431 and len(query) > 8000:
        return False  # the gateway's own answer, which comes before any operation
    if isinstance(failure, MissingHeaderNotRejected) and path.startswith("/contacts/"):
        return response.status_code != 403  # this dialect's status for missing credentials
    if isinstance(failure, RejectedPositiveData):
        if "cursor=" in query and re.search("the cursor is not one of this list|can't be combined with cursor", response.text):
            return False  # a cursor is sealed, and goes without offset: no schema of one parameter says that
        if re.search("can't be combined with sort|requires sort=name", response.text):
            return False  # nor that these parameters go together, or don't
        if "since=" in query and "the token is not one of these changes" in response.text:
            return False  # it is sealed like a cursor
        if "not valid multipart" in response.text:
            return False  # a part whose name has control characters, which no MIME header can hold
        if any(re.search('["*]', case.headers.get(name, "*")) is None for name in ("If-Match", "If-None-Match")):
            return False  # the coverage phase takes nothing and 0 for valid, though the pattern asks for quotes
        if "must be an id, below 2^53" in response.text:
            return False  # in 16 digits no readable pattern says it
    if isinstance(failure, AcceptedNegativeData) and path.startswith("/rest/") and lenient(case.body):
        return False
    if isinstance(failure, AcceptedNegativeData) and case.operation.path.endswith("/roles/supplier") and untyped(case.body):
        return False
    if isinstance(failure, AcceptedNegativeData) and response.status_code == 200 and case.operation.path.endswith(("/batch", "/items")):
        return not response.json()["problems"]  # each row is refused by itself
    if isinstance(failure, UseAfterFree):
        return re.search("/(individual|organization)/[^/]*$", failure.free) is None  # deleted contacts stay readable
    return True
