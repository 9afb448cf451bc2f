"""Writes an OpenAPI description from the facts of api/enfore: describe.py FACTS >FILE."""

import csv
import json
import re
import sys
from pathlib import Path

FORMATS = {"date", "date-time", "email", "uri"}


def rows(facts, name):
    with open(Path(facts) / name, newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def typed(kind, schemas):
    if kind.startswith("["):
        return {"type": "array", "items": typed(kind[1:-1], schemas)}
    if kind in schemas:
        return {"$ref": "#/components/schemas/" + kind}
    if kind in FORMATS:
        return {"type": "string", "format": kind}
    return {"type": kind}


def describe(facts):
    fields, enumerations = rows(facts, "schemas.tsv"), rows(facts, "enumerations.tsv")
    names = {f["schema"] for f in fields} | {e["enumeration"] for e in enumerations}
    schemas = {e["enumeration"]: {"type": "string", "enum": e["values"].split()} for e in enumerations}
    for f in fields:
        if f["field"] == "@type":
            kinds = [typed(kind, names) for kind in f["type"].split("|")]
            schemas[f["schema"]] = {"oneOf": kinds, "discriminator": {"propertyName": "@type"}}
            continue
        s = schemas.setdefault(f["schema"], {"type": "object", "required": [], "properties": {}})
        if f["required"]:
            s["required"].append(f["field"])
        if not f["type"]:
            continue
        p = s["properties"][f["field"]] = typed(f["type"], names)
        p |= {"readOnly": True} if f["read-only"] else {}
        p |= {bound: int(f[at]) for bound, at in (("minLength", "least"), ("maxLength", "most")) if f[at]}
    for s in schemas.values():
        if s.get("required") == []:
            del s["required"]
    paths = {}
    for o in rows(facts, "operations.tsv"):
        path = o["path"].removeprefix("/contacts")
        problem = {"description": "Refused", "content": {"application/problem+json": {"schema": typed("Problem", names)}}}
        op = {"responses": {o["success"]: {"description": "Done", "content": {"application/json": {"schema": typed(o["response"], names)}}}, "403": problem},
              "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall("{(.*?)}", path)]}
        if o["request"]:
            op["requestBody"] = {"content": {"application/json": {"schema": typed(o["request"], names)}}}
        paths.setdefault(path, {})[o["method"].lower()] = op
    return {"openapi": "3.0.0", "info": {"title": "contacts", "version": "0.3.1"}, "paths": paths, "components": {"schemas": schemas}}


if __name__ == "__main__":
    json.dump(describe(sys.argv[1]), sys.stdout, indent=1)
