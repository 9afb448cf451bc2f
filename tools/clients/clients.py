"""Runs clients of the plentymarkets API, as they are published, against a platform: clients.py READY-FILE."""

import json
import logging
import os
import sys
import warnings

import requests

warnings.simplefilter("ignore")  # of pandas, about itself

READY = json.load(open(sys.argv[1]))
# plenty-api takes https alone: what it sends to this address is led to the platform.
STAND_IN = "https://plenty.example"


class Platform(requests.adapters.HTTPAdapter):
    """Sends what goes to the stand-in to the platform."""

    def send(self, request, **kwargs):
        request.url = request.url.replace(STAND_IN, READY["url"], 1)
        return super().send(request, **kwargs)


def lead_to_platform():
    init = requests.Session.__init__

    def mounted(session):
        init(session)
        session.mount(STAND_IN, Platform())

    requests.Session.__init__ = mounted


def check(what, holds):
    if not holds:
        sys.exit(f"clients: {what}")


def plenty_api():
    """Log-in by query, pages of contacts to the last one, filters, and the words of a refusal."""
    from plenty_api.api import PlentyApi

    names = [f"Erika {n}" for n in range(120)]
    token = requests.post(READY["url"] + "/rest/login", json={"username": READY["username"], "password": READY["password"]}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/x.plentymarkets.v1+json"}
    contacts = READY["url"] + "/rest/accounts/contacts"
    for n, name in enumerate(names):
        made = requests.post(contacts, headers=headers, json={"fullName": name, "externalId": f"crm-{n}", "options": [
            {"typeId": "2", "subTypeId": "4", "value": f"erika{n}@example.com", "priority": None}]})
        check(f"a contact is answered {made.status_code} {made.text}", made.status_code == 200)
    client = PlentyApi(base_url=STAND_IN, login_method="plain_text", login_data={"user": READY["username"], "password": READY["password"]})
    found = client.plenty_api_get_contacts()
    check(f"{len(found)} contacts, not those that were made", [c["fullName"] for c in found] == names)
    found = client.plenty_api_get_contacts(refine={"email": "erika7@example.com"})
    check(f"an email address finds {found}", [c["fullName"] for c in found] == ["Erika 7"])
    logging.disable()  # it says what it was told
    refused = client.plenty_api_get_contacts(refine={"postalCode": "12345"})
    if isinstance(refused, dict):
        check(f"a refusal is {refused}", refused["error"]["code"] == 422 and refused["error"]["message"])
    print("plenty-api: login, 120 contacts on 3 pages, a filter")


def requests_oauthlib():
    """Log-in, a call, and refreshes, which read the answer in its second spelling."""
    from oauthlib.oauth2 import LegacyApplicationClient
    from requests_oauthlib import OAuth2Session
    from requests_oauthlib.compliance_fixes import plentymarkets_compliance_fix

    session = plentymarkets_compliance_fix(OAuth2Session(client=LegacyApplicationClient(client_id="none")))
    login = READY["url"] + "/rest/login"
    token = session.fetch_token(login, username=READY["username"], password=READY["password"])
    check(f"the token is {token['token_type']} for {token['expires_in']} s", token["token_type"] == "Bearer" and token["expires_in"] == 86400)
    for _ in range(2):
        answer = session.get(READY["url"] + "/rest/accounts/contacts/option_types")
        check(f"option types are answered {answer.status_code}", answer.status_code == 200)
        session.refresh_token(login + "/refresh", refresh_token=session.token["refresh_token"])
    answer = session.post(READY["url"] + "/rest/logout")
    check(f"a logout is answered {answer.status_code}", answer.status_code == 200)
    print("requests-oauthlib: login, two calls, two refreshes, logout")


os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the platform is on this machine
lead_to_platform()
plenty_api()
requests_oauthlib()
