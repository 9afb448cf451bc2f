"""Writes what Python's phonenumbers, a port of Google's library, makes of many spellings: the second oracle of package phone.

Usage: tools/phoneoracle/run.sh > pkg/phone/testdata/oracle.jsonl

A line is [text, region, E.164]: the last is "" where the text is no possible number. It is the port's answer and nothing else;
what package phone refuses beyond that, its test knows. The version of the port has the metadata that pkg/phone/plans.txt has.
"""

import itertools
import json
import random

import phonenumbers as p

# What may stand around a number, %s.
AROUND = [
    "%s", "%s\t", "%s\n", "%s,", "%s;", '"%s"', "%s!", "'%s'", "%s.", "(%s)", "%s\r\n", "%s ,", "%s?", "%s:", "%s/", "%s*", "%s_", "%s&&",
    "%s&&x]]", "%s]", "%s\u200e", "\u202a%s\u202c", "%s\u2069 ", "%s\u200b", "%s\u00a0", "%s\u00b2", "%s \U0001f4de", "<%s>", "%s \u2013", "%s|",
    "Tel.: %s", "tel:%s", "  %s  ", "%s ext. 12", "%s x12", "%s;ext=12", "%s#", "%s ext. 12#", "%s ext. 12,", "%s,,12", "%s / 13", "%s or", "%s x12/x13",
    "%s;isub=7", "%s;phone-context=+49", "%s\u2009", "%s\u0301", "%s\u00bb", "%s\u3002", "%s\\", "%s+", "++%s", "-%s", "%s-", "%s\x00",
]
SEPARATORS = [" ", "", ".", "/", "-", " - ", "\u00a0", "\u2013", "\u3000", "\u2011"]
ZEROS = ["0", "\uff10", "\u0660", "\u06f0", "\u0966", "\u0e50", "\U0001d7ce", "\U0001e950"]
PIECES = [
    "+", "\uff0b", "00", "011", "0", "1", "49", "44", "30", "123456", "5550123", "\uff17", "\u0664", "\u06f9", " ", "\u00a0", "\t", "\n", "-",
    "\u2013", ".", ",", ";", ":", "/", "\\", "(", ")", "*", "#", "~", "=", "&", "&&", "]", "!", '"', "'", "x", "X", "ext", "Ext.", "extn", "int", "n", "a",
    "FLOWERS", ";ext=", "tel:", ";phone-context=+49", ";phone-context=example.com", ";isub=", "\u0301", "\u200b", "\u202c", "\u0969", "\u00b2",
]
TYPES = [p.PhoneNumberType.FIXED_LINE, p.PhoneNumberType.MOBILE, p.PhoneNumberType.TOLL_FREE, p.PhoneNumberType.UNKNOWN]
FORMATS = [p.PhoneNumberFormat.NATIONAL, p.PhoneNumberFormat.INTERNATIONAL, p.PhoneNumberFormat.E164, p.PhoneNumberFormat.RFC3966]


def read(text, region):
    try:
        number = p.parse(text, region or None)
    except p.NumberParseException:
        return ""
    return p.format_number(number, p.PhoneNumberFormat.E164) if p.is_possible_number(number) else ""


def examples():
    for region in sorted(p.SUPPORTED_REGIONS):
        found = [p.example_number_for_type(region, kind) for kind in TYPES]
        yield region, [n for n in found if n][:3]
    for code in sorted(p.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield "", [p.example_number_for_non_geo_entity(code)]


def spellings():
    around, separators, zeros = itertools.cycle(AROUND), itertools.cycle(SEPARATORS), itertools.cycle(ZEROS)
    for region, numbers in examples():
        for number in numbers:
            for layout in FORMATS:
                plain = p.format_number(number, layout)
                yield plain, region
                for _ in range(3):
                    text = plain.replace(" ", next(separators))
                    yield next(around) % text, region
                zero = next(zeros)
                yield "".join(chr(ord(zero) + int(c)) if c in "0123456789" else c for c in plain), region
    for form in AROUND:
        for plain, region in [("030 123456", "DE"), ("+1 212 555 0123", ""), ("456 1234", "SG"), ("6123 4567", "SG")]:
            yield form % plain, region
    dice = random.Random(15)
    for _ in range(3000):
        start = dice.choice(["", "030123456", "+493012345", "+1 212 555 01"])
        yield start + "".join(dice.choices(PIECES, k=dice.randrange(8))), dice.choice(["", "DE", "US", "GB", "IT", "RU", "AR", "BR"])


def main():
    for text, region in dict.fromkeys(spellings()):
        print(json.dumps([text, region, read(text, region)]))


main()
