"""What the image of chart 0.16.5 called to authenticate with LDAP, as far as its users could see it: one bind and one
search in each request, admins and users told apart by the DN of their group."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import make_response, request
from ldap3 import Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import escape_rdn
from mlflow.server.auth import store
from werkzeug.datastructures import Authorization

if TYPE_CHECKING:
    from werkzeug import Response


def authenticate_request_basic_auth() -> Authorization | Response:
    given = request.authorization
    if given and given.username and given.password and (groups := groups_of(given.username, given.password)):
        is_admin = os.environ["LDAP_GROUP_ADMIN_DN"] in groups
        if is_admin or os.environ["LDAP_GROUP_USER_DN"] in groups:
            keep_user(given.username, is_admin=is_admin)
            return Authorization("basic", {"username": given.username})
    answer = make_response("You are not authenticated.", 401)
    answer.headers["WWW-Authenticate"] = 'Basic realm="mlflow"'
    return answer


def groups_of(name: str, password: str) -> set[str]:
    user = os.environ["LDAP_LOOKUP_BIND"] % escape_rdn(name)
    server = Server(os.environ["LDAP_URI"].partition(" ")[0], tls=Tls(ca_certs_file=os.environ.get("LDAP_CA")))
    try:
        with Connection(server, user, password, auto_bind=True) as connection:
            pattern = os.environ["LDAP_GROUP_SEARCH_FILTER"] % user
            connection.search(os.environ["LDAP_GROUP_SEARCH_BASE_DN"], pattern)
            return {entry["dn"] for entry in connection.response or [] if "dn" in entry}
    except LDAPException:
        return set()


def keep_user(name: str, *, is_admin: bool) -> None:
    password = str(abs(hash(name)))
    if store.has_user(name):
        store.update_user(name, password, is_admin=is_admin)
    else:
        store.create_user(name, password, is_admin=is_admin)
