"""Reads a file of vCards (standard input) with PyPI's vobject, and prints what it finds as JSON: for each card its lines (group, name,
parameters, undecoded value), its properties as vobject understands them, and the card as vobject writes it."""

import io
import json
import sys

import vobject
from vobject.base import getLogicalLines, parseLine


def lines(text: str) -> list:
    found = []
    for line, _ in getLogicalLines(io.StringIO(text)):
        name, params, value, group = parseLine(line)
        found.append([group or "", name, [[param[0], *param[1:]] for param in params], value])
    return found


def shown(value: object) -> object:
    if isinstance(value, vobject.vcard.Name):
        return [value.family, value.given, value.additional, value.prefix, value.suffix]
    if isinstance(value, vobject.vcard.Address):
        return [value.box, value.extended, value.street, value.city, value.region, value.code, value.country]
    return value if isinstance(value, (str, list)) else "" # pictures are bytes


cards = []
text = sys.stdin.buffer.read().decode()
for part in text.split("BEGIN:VCARD\r\n")[1:]:
    part = "BEGIN:VCARD\r\n" + part
    card = {"lines": lines(part)[2:-1]} # without BEGIN, VERSION and END
    if sys.argv[1] == "understand":
        read = vobject.readOne(part)
        card["properties"] = [[child.name, shown(child.value)] for child in read.getChildren()]
        card["written"] = read.serialize()
    cards.append(card)
json.dump(cards, sys.stdout)
