"""The examples of the specification, as a user would paste them."""

from __future__ import annotations

RDS = "cg034hpkmmjt.eu-central-1.rds.amazonaws.com"
POSTGRES = f"""  postgres:
    enabled: true
    host: "postgresql-instance1.{RDS}"
    port: 5432
    database: "mlflow"
    user: "mlflowuser"
    password: "Pa33w0rd!"
"""
MYSQL = f"""  mysql:
    enabled: true
    host: "mysql-instance1.{RDS}"
    port: 3306
    database: "mlflow"
    user: "mlflowuser"
    password: "Pa33w0rd!"
"""
S3 = """artifactRoot:
  s3:
    enabled: true
    bucket: "my-mlflow-artifact-root-backend"
"""
S3_KEYS = f"""{S3}    awsAccessKeyId: "a1b2c3d4"
    awsSecretAccessKey: "a1b2c3d4"
"""
AUTH = """auth:
  enabled: true
  adminUsername: "admin"
  adminPassword: "S3cr3+"
"""
AUTH_POSTGRES = f"""{AUTH}  postgres:
    enabled: true
    host: "postgresql--auth-instance1.abcdef1234.eu-central-1.rds.amazonaws.com"
    port: 5432
    database: "auth"
    user: "mlflowauth"
    password: "A4m1nPa33w0rd!"
"""
LDAP = """ldapAuth:
  enabled: true
  uri: "ldap://lldap:3890/dc=mlflow,dc=test"
  tlsVerification: required
  lookupBind: "uid=%s,ou=people,dc=mlflow,dc=test"
  groupAttribute: "dn"
  searchBaseDistinguishedName: "ou=groups,dc=mlflow,dc=test"
  searchFilter: "(&(objectclass=groupOfUniqueNames)(uniquemember=%s))"
  adminGroupDistinguishedName: "cn=test-admin,ou=groups,dc=mlflow,dc=test"
  userGroupDistinguishedName: "cn=test-user,ou=groups,dc=mlflow,dc=test"
"""


def existing_secret(kind: str, host: str, port: int) -> str:
    return f"""backendStore:
  {kind}:
    enabled: true
    host: "{host}-instance1.{RDS}"
    port: {port}
    database: "mlflow"

  existingDatabaseSecret:
    name: "{kind}-database-secret"
    usernameKey: "username"
    passwordKey: "password"
"""


def scaling(fewest: int, most: int, target: int) -> str:
    return f"""autoscaling:
  enabled: true
  minReplicas: {fewest}
  maxReplicas: {most}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {target}
"""


BEHAVIOR = """  behavior:
    scaleUp:
      stabilizationWindowSeconds: 30
      policies:
        - type: Percent
          value: 100
          periodSeconds: 60
    scaleDown:
      stabilizationWindowSeconds: 300
"""

EXAMPLES = {
    "postgres migration": f"backendStore:\n  databaseMigration: true\n{POSTGRES}",
    "postgres with an existing secret": existing_secret("postgres", "postgresql", 5432),
    "mysql migration": f"backendStore:\n  databaseMigration: true\n{MYSQL}",
    "mysql with an existing secret": existing_secret("mysql", "mysql", 3306),
    "bundled mysql migration": "backendStore:\n  databaseMigration: true\nmysql:\n  enabled: true\n",
    "postgres connection check": f"backendStore:\n  databaseConnectionCheck: true\n{POSTGRES}",
    "mysql connection check": f"backendStore:\n  databaseConnectionCheck: true\n{MYSQL}",
    "bundled mysql connection check": "backendStore:\n  databaseConnectionCheck: true\nmysql:\n  enabled: true\n",
    "s3 by keys": f"backendStore:\n{POSTGRES}\n{S3_KEYS}",
    "s3 by role": f"""serviceAccount:
  create: true
  annotations:
    eks.amazonaws.com/role-arn: "arn:aws:iam::account-id:role/iam-role-name"
  name: "mlflow"

backendStore:
{POSTGRES}
{S3}""",
    "azure": """backendStore:
  postgres:
    enabled: true
    host: "mydemoserver.postgres.database.azure.com"
    port: 5432
    database: "mlflow"
    user: "mlflowuser"
    password: "Pa33w0rd!"

artifactRoot:
  azureBlob:
    enabled: true
    container: "mlflow"
    storageAccount: "mystorageaccount"
    accessKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
""",
    "ldap": LDAP,
    "ldap with a certificate": f'{LDAP}  encodedTrustedCACertificate: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"\n',
    "ldap with a certificate in a secret": f"{LDAP}  externalSecretForTrustedCACertificate: "
    '"external-ca-certificate-secret"\n',
    "scaling by cpu": f"{scaling(1, 5, 80)}\nbackendStore:\n{POSTGRES}\n{S3_KEYS}",
}
"""Those that are taken as they are."""

BUNDLED = "is not a known key. Did you mean postgresql? (v.yaml:3)"
SHORT = "auth.adminPassword: is shorter than 12 characters, which MLflow refuses. Write a longer one. (v.yaml:{line})"
CHECK = (
    "backendStore.databaseConnectionCheck: would do nothing, because no database server is enabled. Enable one of "
    "backendStore.postgres, backendStore.mysql, postgresql or mysql, or set this to false. (v.yaml:2)"
)
WRONG = {
    "bundled postgres migration": (
        "backendStore:\n  databaseMigration: true\npostgres:\n  enabled: true\n",
        [f"postgres: {BUNDLED}"],
    ),
    "bundled postgres connection check": (
        "backendStore:\n  databaseConnectionCheck: true\npostgres:\n  enabled: true\n",
        [CHECK, f"postgres: {BUNDLED}"],
    ),
    "authentication": (AUTH, [SHORT.format(line=4)]),
    "authentication in postgres": (AUTH_POSTGRES, [SHORT.format(line=4)]),
    "scaling with behavior": (
        f"{scaling(2, 10, 70)}{BEHAVIOR}\nbackendStore:\n{POSTGRES}\n{S3_KEYS}\n{AUTH_POSTGRES}",
        [SHORT.format(line=41)],
    ),
}
"""Those that the old chart's own schema or MLflow refuses, with what is told."""

CORRECTED = {"\npostgres:": "\npostgresql:", '"S3cr3+"': '"S3cr3+ enough"'}
"""What mends them: a text of theirs, and what to write instead."""

COMMANDS = {
    kind: [
        "backendStore.databaseMigration=true",
        f"backendStore.{kind}.enabled=true",
        f"backendStore.{kind}.host={kind}-service",
        f"backendStore.{kind}.port={port}",
        f"backendStore.{kind}.database={name}",
        f"backendStore.{kind}.user={name}",
        f"backendStore.{kind}.password={name}",
        "artifactRoot.s3.enabled=true",
        "artifactRoot.s3.bucket=mlflow",
        "artifactRoot.s3.awsAccessKeyId=minioadmin",
        "artifactRoot.s3.awsSecretAccessKey=minioadmin",
        "extraEnvVars.MLFLOW_S3_ENDPOINT_URL=http://minio-service:9000",
        "serviceMonitor.enabled=true",
    ]
    for kind, port, name in (("postgres", 5432, "postgres"), ("mysql", 3306, "mlflow"))
}
"""The `--set` arguments of the commands."""
