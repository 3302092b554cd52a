"""An identity provider that nobody here wrote: pysaml2, with the little around it that makes it a server.

    python pysaml2_idp.py FOLDER PORT

PORT 0 is a free one. FOLDER holds idp.key and idp.crt (PEM), sp.xml (the client's metadata; read on the first request) and people.json. It prints its
address when it answers, and ends when its standard input does.
"""

import html
import json
import os
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import saml2.entity
import saml2.sigver
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_URI
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

FOLDER = Path(sys.argv[1])
PEOPLE = json.loads((FOLDER / "people.json").read_text())

# It would encrypt by 3DES, which is long out of use; xmlsec1, which does the work, knows AES.
saml2.entity.pre_encryption_part = partial(
    saml2.sigver.pre_encryption_part, msg_enc=os.environ["CIPHER"]
)
saml2.sigver.SecurityContext.encrypt_assertion.__defaults__ = ("aes-256", None)

lock = threading.Lock()
server = None
sessions = {}


def provider():
    """Made when it is first asked for: by then the client's metadata is there."""
    global server
    if server is None:
        service = {
            "endpoints": {
                "single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT)],
                "single_logout_service": [(f"{BASE}/slo", BINDING_HTTP_REDIRECT)],
            },
            "policy": {"default": {"attribute_restrictions": None, "lifetime": {"minutes": 5}}},
            "want_authn_requests_signed": True,
            "want_authn_requests_only_with_valid_cert": False,
        }
        config = {
            "entityid": f"{BASE}/metadata",
            "service": {"idp": service},
            "key_file": str(FOLDER / "idp.key"),
            "cert_file": str(FOLDER / "idp.crt"),
        }
        if (FOLDER / "sp.xml").exists():
            config["metadata"] = {"local": [str(FOLDER / "sp.xml")]}
        made = Server(config=IdPConfig().load(config))
        if "metadata" not in config:
            return made
        server = made
    return server


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        body = body.encode()
        self.send_response(status)
        for name, value in [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, query = urlsplit(self.path).path, {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        with lock:
            try:
                getattr(self, "on_" + path.strip("/"), self.on_other)(query)
            except Exception as error:  # said, so that a test that fails says why
                self.answer(500, f"{type(error).__name__}: {html.escape(str(error))}")

    def on_other(self, _):
        self.answer(404, "")

    def on_metadata(self, _):
        from saml2.metadata import entity_descriptor

        self.answer(200, str(entity_descriptor(provider().config)))

    def on_sso(self, query):
        request = provider().parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query.get("RelayState"),
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        )
        cookie = dict(pair.strip().split("=", 1) for pair in (self.headers["Cookie"] or "").split(";") if "=" in pair)
        login = query.get("auto") or cookie.get("pysaml2")
        if login not in PEOPLE:
            links = "".join(
                f'<li><a href="{html.escape(self.path)}&amp;auto={one}">{html.escape(who["name"])}</a></li>'
                for one, who in PEOPLE.items()
            )
            return self.answer(200, f"<!doctype html><title>pysaml2</title><h1>Who are you?</h1><ul>{links}</ul>")
        to = provider().response_args(request.message, [BINDING_HTTP_POST])
        who = PEOPLE[login]
        response = provider().create_authn_response(
            identity={"displayName": who["name"], "eduPersonEntitlement": who["roles"]},
            userid=login,
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=who["sub"]),
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT},
            sign_assertion=True,
            sign_response=True,
            # Left to itself it signs by SHA-1, which is refused.
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            encrypt_assertion=os.environ["ENCRYPTS"] == "yes",
            in_response_to=to["in_response_to"],
            destination=to["destination"],
            sp_entity_id=to["sp_entity_id"],
        )
        sessions[login] = to["sp_entity_id"]
        page = provider().apply_binding(
            BINDING_HTTP_POST, str(response), to["destination"], query.get("RelayState", ""), response=True
        )
        self.answer(200, page["data"], [("Set-Cookie", f"pysaml2={login}; Path=/; HttpOnly")])

    def on_logout(self, query):
        """The person signs out here; her browser goes round by the client."""
        who = PEOPLE[query["login"]]
        client = sessions.pop(query["login"])
        name_id = NameID(format=NAMEID_FORMAT_PERSISTENT, text=who["sub"])
        binding, to = provider().pick_binding("single_logout_service", [BINDING_HTTP_REDIRECT], "spsso", entity_id=client)
        _, request = provider().create_logout_request(to, client, name_id=name_id, sign=False)
        page = provider().apply_binding(binding, str(request), to, "", sign=True, sigalg=SIG_RSA_SHA256)
        self.answer(303, "", page["headers"])

    def on_slo(self, query):
        """The client says that it is done there."""
        answer = provider().parse_logout_request_response(query["SAMLResponse"], BINDING_HTTP_REDIRECT)
        self.answer(200, "You are signed out" if answer and answer.status_ok() else "The client did not sign out")


def main():
    global BASE
    listening = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
    BASE = f"http://127.0.0.1:{listening.server_port}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    print(BASE, flush=True)
    sys.stdin.read()


main()
