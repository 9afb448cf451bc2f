"""Walks all operations of enfore's description with a client that was generated from it: walk.py READY-FILE FACTS CLIENT-FOLDER."""

import base64
import csv
import importlib
import json
import pkgutil
import re
import sys
import urllib.request
from pathlib import Path

READY, FACTS, FOLDER = json.load(open(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, FOLDER)

import enfore.api  # noqa: E402
import enfore.models  # noqa: E402
from enfore import AuthenticatedClient  # noqa: E402

FUNCTIONS = {m.name.rsplit(".", 1)[1]: m.name for m in pkgutil.walk_packages(enfore.api.__path__, "enfore.api.")}

# What is sent of each schema; {names} stand for the ids of what was made before.
BODIES = {
    "IndividualContact": {"id": "", "name": "Erika Mustermann", "external_id": "crm/47 11", "date_of_birth": "1990-03-25"},
    "OrganizationContact": {"id": "", "name": "ACME", "external_id": "crm/47 12", "founded": "1950-01-01"},
    "Address": {"id": "", "type": "OFFICE", "full_address": "Musterweg 1, 51063 Köln", "country_code": "DE", "usages": ["INVOICES"], "usage_context": "PROFESSIONAL"},
    "Email": {"id": "", "type": "WORK_EMAIL", "address": "erika@example.com", "usage_context": "PROFESSIONAL"},
    "Phone": {"id": "", "type": "WORK_MOBILE", "number": "+49 170 5550123", "usages": ["CALL", "SMS"], "usage_context": "PROFESSIONAL"},
    "WebAddress": {"id": "", "type": "BLOG", "url": "https://example.com/", "usage_context": "PERSONAL"},
    "ProfessionalIdentity": {"id": "", "organization_contact": "{organization}", "is_active": True, "job_title": "CTO"},
    "ProfessionalIdentityUpdate": {"is_active": True, "job_title": "CEO"},
    "CustomerRole": {"customer_id": "{owner}", "is_active": True, "is_suspended": False, "customer_since": "2025-03-25",
                     "external_card": {"number": "1", "added": "2017-07-07T13:00:00Z"},
                     "managed_by": {"contact_id": "{individual}", "professional_identity_id": "{identity}"},
                     "tax_information": {"eu_vat_number": "DE123456789", "enabled_tax_exemptions": ["REVERSE_CHARGE_EU"]}},
    "SupplierRole": {"supplier_id": "{owner}", "is_active": True, "supplier_since": "2025-03-25", "my_customer_id": "4711",
                     "tax_information": {"@type": "EscrowTaxInformation", "eu_vat_number": "DE123456789", "tax_registration_number": "123456789"}},
}


def token():
    request = urllib.request.Request(f"{READY['url']}/auth/authorize/{READY['org']}")
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{READY['app']}:{READY['secret']}".encode()).decode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["accessToken"]


def filled(value, made):
    if isinstance(value, dict):
        return {name: filled(v, made) for name, v in value.items()}
    if isinstance(value, list):
        return [filled(v, made) for v in value]
    return re.sub("{(.*?)}", lambda m: made[m[1]], value) if isinstance(value, str) else value


def order(op):
    """Organizations go before the individuals that represent them, identities before the roles that they manage; what makes
    something goes before what reads it."""
    path = op["path"]
    kinds = ["organization", "individual"]
    return ("/roles/" in path, kinds.index(re.search("individual|organization", path)[0]), path.count("{"), op["method"] == "GET", path)


def walk(operations, client):
    made = {}  # what was made last: ids by the collection's path
    for op in sorted(operations, key=order):
        path = op["path"].removeprefix("/contacts")
        kind = re.search("individual|organization", path)[0]
        values = {"org-id": READY["org"], "external-id": BODIES[kind.capitalize() + "Contact"]["external_id"]}
        for m in re.finditer("/{(.*?)}", path):
            values.setdefault(m[1], made.get(path[:m.start()]))
        where = f"{op['method']} {op['path']}"
        name = op["method"].lower() + re.sub("[^a-z]+", "_", path).rstrip("_")
        arguments = {p.replace("-", "_"): values[p] for p in re.findall("{(.*?)}", path)}
        if op["request"]:
            names = {"owner": values.get("contact-id"), "organization": made.get("/org/{org-id}/organization"), "individual": made.get("/org/{org-id}/individual"),
                     "identity": made.get("/org/{org-id}/individual/{contact-id}/professional-identities")}
            arguments["body"] = getattr(enfore.models, op["request"]).from_dict(filled(BODIES[op["request"]], names))
        answer = importlib.import_module(FUNCTIONS[name]).sync_detailed(client=client, **arguments)
        shown = json.loads(answer.content)
        check(answer.status_code == int(op["success"]), f"{where} = {answer.status_code} {shown}")
        check(type(answer.parsed).__name__ == op["response"], f"{where} is answered a {type(answer.parsed).__name__}, want {op['response']}")
        read = json.loads(json.dumps(answer.parsed.to_dict()).replace("+00:00", "Z"))  # Python's spelling of UTC
        check(read == shown, f"{where}: the client reads {read} of {shown}")
        if op["method"] == "POST":
            made[path] = shown["id"]
    return len(operations)


def check(holds, otherwise):
    if not holds:
        sys.exit("enfore: " + otherwise)


if __name__ == "__main__":
    with open(FACTS / "operations.tsv", newline="") as table:
        operations = list(csv.DictReader(table, delimiter="\t"))
    client = AuthenticatedClient(base_url=READY["url"] + "/contacts", token=token(), raise_on_unexpected_status=True)
    print(f"enfore: {walk(operations, client)} operations walked")
