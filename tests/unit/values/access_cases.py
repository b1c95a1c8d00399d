"""Values that break the rules of authentication and of pods, as `cases` has them for databases and object stores."""

from __future__ import annotations

from tests.unit.values.cases import (
    AUTH,
    AUTH_POSTGRES,
    AZURE,
    LDAP,
    MYSQL,
    POSTGRES,
    S3,
    SOURCE,
    Case,
    case,
    empty,
    idle,
    without,
)

TWO_METHODS = (
    "auth.enabled, ldapAuth.enabled: only one of these may be true, because users come from one place. Set the other "
    "to false. Chart 0.16.5 used the first."
)
SHORT = "auth.adminPassword: is shorter than 12 characters, which MLflow refuses. Write a longer one."
LONG = "auth.adminPassword: is longer than 1000 characters, more than clients can send. Write a shorter one."
KNOWN = "auth.adminPassword: is the one that old versions of MLflow came with, which MLflow refuses. Write another one."
ADMIN = (
    "auth.adminUsername: holds `:` or a control character, or is longer than 255 characters, which a login by HTTP "
    "cannot carry. Write another name."
)
NO_FILE = "auth.sqliteFile: does not name a file. Write a file name, and its directory in auth.sqliteFullPath."
NO_NAME = "auth.configFile: is more than a file name. Write the name here, and its directory in auth.configPath."
NO_URI = (
    "ldapAuth.uri: is not the URI of a directory. Write `ldap://` or `ldaps://` and a host name; several with a space "
    "between."
)

NAME_PLACE = "`%s` where the user's name goes"
DN_PLACE = "`%s` where the user's DN goes, or `%u` for the user's name"
NO_NAME_PLACE = f"ldapAuth.lookupBind: does not hold `%s`, or holds another `%`. Write {NAME_PLACE}."

SEARCH = {
    "ldapAuth.userSearch.enabled": True,
    "ldapAuth.userSearch.bindDistinguishedName": "cn=service,dc=x",
    "ldapAuth.userSearch.bindPassword": "sesame",
    "ldapAuth.userSearch.baseDistinguishedName": "dc=x",
}
SEARCHED = {**without(LDAP, "ldapAuth.lookupBind"), **SEARCH}
BIND_SECRET = "ldapAuth.userSearch.existingSecret.name"
NO_BIND_PASSWORD = empty(
    "ldapAuth.userSearch.bindPassword", f"the service account's password, or name a Secret in {BIND_SECRET}"
)
USER_SEARCH = [
    *(
        case(
            {**SEARCHED, f"ldapAuth.userSearch.{key}": ""},
            empty(f"ldapAuth.userSearch.{key}", meaning),
            **{f"ldapAuth_userSearch_{key}": "%s"},
        )
        for key, meaning in (
            ("bindDistinguishedName", "the DN of the service account"),
            ("baseDistinguishedName", "the DN under which users are searched"),
            ("filter", "the filter that finds a user, such as `(sAMAccountName=%s)`"),
            ("nameAttribute", "the attribute that holds a user's name, such as `sAMAccountName`"),
        )
    ),
    *(
        Case({**SEARCHED, "ldapAuth.userSearch.bindPassword": ""}, (NO_BIND_PASSWORD,), mended)
        for mended in (
            {BIND_SECRET: "login"},
            {"ldapAuth.userSearch.bindPassword": "x"},
            {"extraEnvVars.FLOWSHIP_LDAP_BIND_PASSWORD": SOURCE},
            {"extraSecretNamesForEnvFrom": ["login"]},
        )
    ),
    case(
        {**SEARCHED, "ldapAuth.lookupBind": "uid=%s,dc=x"},
        "ldapAuth.lookupBind, ldapAuth.userSearch.enabled: only one of these may be given, because a user's entry is "
        "either searched or named. Empty the first, or set the second to false.",
        ldapAuth_lookupBind="",
    ),
    *(
        Case(
            {**LDAP, key: "x"},
            (idle(key, "ldapAuth.userSearch.enabled"),),
            {key: ""},
        )
        for key in (
            "ldapAuth.userSearch.bindDistinguishedName",
            "ldapAuth.userSearch.baseDistinguishedName",
            BIND_SECRET,
        )
    ),
    Case(
        SEARCH,
        (
            "ldapAuth.userSearch.enabled, ldapAuth.enabled: the first would do nothing, because ldapAuth.enabled is "
            "false. Set that to true, or empty the first.",
        ),
        SEARCHED,
    ),
]
OR_SECRET = ", or name a Secret in auth.existingAdminSecret.name"

NEEDS_ADMINS = (
    "assistant.enabled, auth.enabled, ldapAuth.enabled, oidcAuth.enabled: the first needs one of the others, because "
    "the assistant's model may run commands as the server, so it is for admins only. Enable auth, ldapAuth or "
    "oidcAuth, or set the first to false."
)


def needs_own(key: str, own: str) -> str:
    return (
        f"assistant.enabled, {key}: the first needs `{own}` in the second, because only there it is known who is an "
        "admin. Set the first to false."
    )


ASSISTANT = [
    Case({"assistant.enabled": True}, (NEEDS_ADMINS,), AUTH),
    Case({"assistant.enabled": True}, (NEEDS_ADMINS,), LDAP),
    *(
        Case({**AUTH, key: other, "assistant.enabled": True}, (needs_own(key, own),), {key: own})
        for key, other, own in (
            ("auth.appName", "mine", "basic-auth"),
            ("auth.authorizationFunction", "a:b", "mlflow.server.auth:authenticate_request_basic_auth"),
        )
    ),
]

ACCESS = [
    *ASSISTANT,
    case({**AUTH, **LDAP}, TWO_METHODS, ldapAuth_enabled=False),
    case(
        {"auth.enabled": True},
        empty("auth.adminUsername", f"the admin's name{OR_SECRET}"),
        empty("auth.adminPassword", f"the admin's password, at least 12 characters{OR_SECRET}"),
        auth=None,
    ),
    Case(
        without(AUTH, "auth.adminPassword"),
        (empty("auth.adminPassword", f"the admin's password, at least 12 characters{OR_SECRET}"),),
        {"extraEnvVars.MLFLOW_AUTH_ADMIN_PASSWORD": SOURCE},
    ),
    *(
        case({**AUTH, f"auth.{key}": ""}, empty(f"auth.{key}", meaning), **{f"auth_{key}": good})
        for key, meaning, good in (
            ("appName", "`basic-auth`, or the name of your own MLflow app", "mine"),
            (
                "authorizationFunction",
                "`mlflow.server.auth:authenticate_request_basic_auth`, or your own function",
                "a:b",
            ),
            ("configPath", "a directory such as `/etc/mlflow/auth/`", "/x"),
        )
    ),
    Case(
        {**AUTH, "auth.sqliteFile": ""},
        (empty("auth.sqliteFile", "a file name such as `basic_auth.db`"),),
        AUTH_POSTGRES,
    ),
    *(case({**AUTH, "auth.sqliteFile": text}, NO_FILE, auth_sqliteFile="/x/..y.db") for text in ("x/", "..", "../x")),
    *(
        case({**AUTH, "auth.configFile": text}, NO_NAME, auth_configFile="//..x.ini")
        for text in ("a/x.ini", "//..", "x/", "/a/b.ini")
    ),
    case(
        {**AUTH, "auth.configPath": "etc"},
        "auth.configPath: is not an absolute path. Write one that begins with `/`.",
        auth_configPath="/etc",
    ),
    case({**AUTH, "auth.adminPassword": "elevenchars"}, SHORT, auth_adminPassword="twelve chars"),
    case({**AUTH, "auth.adminPassword": "ünïcödé ñäm"}, SHORT, auth_adminPassword="ünïcödé\nñäme"),
    case({**AUTH, "auth.adminPassword": "password1234"}, KNOWN, auth_adminPassword="password1234\n"),
    case({**AUTH, "auth.adminPassword": "é" * 1001}, LONG, auth_adminPassword="é" * 1000),
    *(
        case({**AUTH, "auth.adminUsername": text}, ADMIN, auth_adminUsername="é" * 255)
        for text in ("a:b", "a\n", "a\tb", "é" * 256)
    ),
    Case(
        AUTH_POSTGRES,
        (
            "auth.postgres.enabled, auth.enabled, ldapAuth.enabled, oidcAuth.enabled: the first would do nothing, "
            "because none of the others is true. Set one of them to true, or the first to false.",
        ),
        LDAP,
    ),
    case(
        {**AUTH, **AUTH_POSTGRES, "auth.sqliteFullPath": "/var/lib/flowship/users"},
        "auth.sqliteFullPath, auth.postgres.enabled: the first would do nothing, because users and permissions are "
        "kept in PostgreSQL. Empty it, or set the second to false.",
        auth_postgres_enabled=False,
    ),
    case(
        {"ldapAuth.enabled": True, "ldapAuth.groupAttribute": "", "ldapAuth.searchFilter": ""},
        empty("ldapAuth.uri", "the directory's URI, such as `ldaps://ldap.example.com`"),
        empty(
            "ldapAuth.lookupBind",
            "the DN to bind as, such as `uid=%s,ou=people,dc=example,dc=com`, or enable ldapAuth.userSearch",
        ),
        empty("ldapAuth.groupAttribute", "the attribute that names a group, such as `dn`"),
        empty("ldapAuth.searchBaseDistinguishedName", "the DN under which groups are searched"),
        empty("ldapAuth.searchFilter", "the filter that finds a user's groups, such as `(uniquemember=%s)`"),
        "ldapAuth.userGroupDistinguishedName, ldapAuth.adminGroupDistinguishedName: both are empty, so nobody could "
        "log in. Write the DN of at least one group.",
        ldapAuth_enabled=False,
    ),
    *(
        case({**LDAP, "ldapAuth.uri": text}, NO_URI, ldapAuth_uri="ldap://lldap:3890/dc=x")
        for text in ("ldap.example.com", "ldap://", "https://ldap", "ldap:/ldap", "ldap://a,b c", "ldap://a  ldap:///x")
    ),
    case({**LDAP, "ldapAuth.uri": "ldap://"}, NO_URI, ldapAuth_uri="ldap://a:1 ldaps://b/dc=x"),
    *(
        Case(
            {**LDAP, **search, key: text},
            (f"{key}: does not hold `%s`, or holds another `%`. Write {wanted}.",),
            {key: good},
        )
        for key, wanted, good, search in (
            ("ldapAuth.lookupBind", NAME_PLACE, "uid=%s,dc=x", {}),
            ("ldapAuth.searchFilter", DN_PLACE, "(|(member=%s)(memberUid=%u))", {}),
            ("ldapAuth.userSearch.filter", NAME_PLACE, "(|(mail=%s)(uid=%s))", {**SEARCH, "ldapAuth.lookupBind": ""}),
        )
        for text in ("uid=ann", "%d", "%s%%")
    ),
    case({**LDAP, "ldapAuth.lookupBind": "%u"}, NO_NAME_PLACE, ldapAuth_lookupBind="%s"),
    case(
        {**LDAP, "ldapAuth.nestedGroups": True, "ldapAuth.groupAttribute": "memberOf"},
        "ldapAuth.nestedGroups, ldapAuth.groupAttribute: the first needs `dn` in the second, because the groups of a "
        "group are searched as a user's are. Write `dn` and a filter that finds groups, or false.",
        ldapAuth_groupAttribute="DN",
    ),
    case(
        {**LDAP, "ldapAuth.nestedGroups": True, "ldapAuth.searchFilter": "(memberUid=%u)"},
        "ldapAuth.nestedGroups, ldapAuth.searchFilter: the first needs `%s` in the second, because groups are members "
        "by their DN. Write a filter with `%s`, or false.",
        ldapAuth_nestedGroups=False,
    ),
    *(
        case(
            {**LDAP, "ldapAuth.startTLS": True},
            "ldapAuth.startTLS, ldapAuth.uri: the first would do nothing, because connections to `ldaps://` are "
            "encrypted already. Empty it.",
            **mended,
        )
        for mended in ({"ldapAuth_startTLS": False}, {"ldapAuth_uri": "ldaps://a ldap://b"})
    ),
    *USER_SEARCH,
    case(
        {**LDAP, "ldapAuth.encodedTrustedCACertificate": "x", "ldapAuth.externalSecretForTrustedCACertificate": "y"},
        "ldapAuth.encodedTrustedCACertificate, ldapAuth.externalSecretForTrustedCACertificate: only one of these may "
        "be given, because only one would be used. Keep one, and empty the other. Chart 0.16.5 used the second.",
        ldapAuth_encodedTrustedCACertificate="",
    ),
]

MANY = "replicaCount, autoscaling.enabled"
SHARED_DATABASE = (
    f"{MANY}: several pods need a database that they share. Enable one of backendStore.postgres, backendStore.mysql, "
    "postgresql or mysql, or keep one replica."
)
SHARED_STORE = (
    f"{MANY}: several pods need artifacts that they share. Enable one of artifactRoot.s3, artifactRoot.gcs or "
    "artifactRoot.azureBlob, set persistence.accessMode to ReadWriteMany, or keep one replica."
)
SHARED_USERS = (
    f"{MANY}: several pods need users and permissions that they share. Enable auth.postgres, or keep one replica."
)
NOT_IN_MYSQL = (
    f"{MANY}: several pods need permissions that they share, and MLflow cannot keep them in MySQL. Enable "
    "auth.postgres, or keep one replica."
)
PODS = [
    case({"replicaCount": 2}, SHARED_DATABASE, SHARED_STORE, replicaCount=0),
    case({"autoscaling.enabled": True}, SHARED_DATABASE, SHARED_STORE, autoscaling_enabled=False),
    case({**S3, "replicaCount": 2}, SHARED_DATABASE, mysql_enabled=True),
    Case({**POSTGRES, "replicaCount": 2}, (SHARED_STORE,), AZURE),
    Case({**POSTGRES, "replicaCount": 2}, (SHARED_STORE,), {"persistence.accessMode": "ReadWriteMany"}),
    Case({**POSTGRES, **S3, **AUTH, "replicaCount": 2}, (SHARED_USERS,), AUTH_POSTGRES),
    Case({**S3, **LDAP, "autoscaling.enabled": True}, (SHARED_DATABASE,), POSTGRES),
    Case({**MYSQL, **S3, **LDAP, "autoscaling.enabled": True}, (NOT_IN_MYSQL,), AUTH_POSTGRES),
    case(
        {"autoscaling.minReplicas": 6},
        "autoscaling.minReplicas, autoscaling.maxReplicas: the first is larger than the second. Lower the "
        "first, or raise the second.",
        autoscaling_maxReplicas=6,
    ),
    *(
        case(
            {"image.repository": name},
            "image.repository: is the image of the chart that Flowship replaces, and has no Flowship in it. Remove the "
            "key, or write the name of an image that holds Flowship.",
            image_repository="registry.example.com/notburakince/mlflow",
        )
        for name in ("burakince/mlflow", "registry.example.com/burakince/mlflow")
    ),
    case(
        {"serviceAccount.create": False, "serviceAccount.annotations": {"example.com/role": "x"}},
        "serviceAccount.annotations, serviceAccount.create: the first would do nothing, because serviceAccount.create "
        "is false. Annotate your own ServiceAccount, or set that to true.",
        serviceAccount_create=True,
    ),
    case(
        {"ingress.enabled": True, "ingress.hosts": []},
        "ingress.hosts, ingress.enabled: the first is empty, but ingress.enabled is true. Write at least one host.",
        ingress_enabled=False,
    ),
]

ACCESS_CASES = [*ACCESS, *PODS]
