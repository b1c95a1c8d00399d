"""The chart's `_pod.tpl`: what of the values the pods are given, from the same model that they read them with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartgen.text_template import escaped
from flowship.values.model.cluster import backup, gc, workload
from flowship.values.model.cluster.workload import OWN_USER, safe_pod_security_context, safe_security_context
from flowship.values.model.keys import all_keys, fields, is_section, read_in_pods
from flowship.values.model.root import Values
from flowship.values.model.server.process import Server
from flowship.values.model.storage import bundled
from flowship.values.model.storage.existing_secrets import EXISTING_SECRETS
from flowship.values.rules.cluster.containers import MAY_TALK_TO_KUBERNETES, MIGRATES_IN_THE_SERVER, STEPS_IN_THE_SERVER
from flowship.values.rules.cluster.workload import DATA_ON_DISK, SQLITE
from flowship.values.rules.server.access import SIGNED_IN
from flowship.values.rules.storage.existing_secrets import GIVES_FLASK_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.model.fields.section import Section
    from flowship.values.model.storage.existing_secrets import ExistingSecret
    from flowship.values.rules.language.conditions import Condition


def pod_tpl(banner: str) -> str:
    """The named templates, with this comment on top."""
    return "".join(
        [
            f"{{{{- /* {banner} */}}}}\n",
            _defined("mlflow.sqlite", SQLITE, "Whether a SQLite file is used."),
            _defined("mlflow.dataOnDisk", DATA_ON_DISK, "Whether the data directory keeps something."),
            _defined(
                "mlflow.stepsInTheServer",
                STEPS_IN_THE_SERVER,
                "Whether no step before the server waits and migrates.",
            ),
            _defined(
                "mlflow.migratesInTheServer", MIGRATES_IN_THE_SERVER, "Whether no step before the server migrates."
            ),
            _defined("mlflow.signedIn", SIGNED_IN, "Whether whoever reaches the server must say who they are."),
            _defined("mlflow.givesFlaskKey", GIVES_FLASK_KEY, "Whether the values say where Flask's key is."),
            _defined(
                "mlflow.mayTalkToKubernetes", MAY_TALK_TO_KUBERNETES, "Whether a container may need the pod's token."
            ),
            _values(),
            _secret_variables(),
            _pod_security_context(),
            _security_context(),
            _resources(),
            _seconds_to_end(),
        ]
    )


def section_variable(key: str) -> str:
    """The template variable that holds the section at a key."""
    return "$" + key.replace(".", "_")


def section_variables(text: str) -> str:
    """A variable for each section that the text names, empty where the values lack it (`--reuse-values`)."""
    sections = {key for key in all_keys() if f"{section_variable(key)}." in text}
    sections |= {key.rsplit(".", depth)[0] for key in sections for depth in range(1, key.count(".") + 1)}
    lines = []
    for key in sorted(sections):
        parent, _, name = key.rpartition(".")
        holder = section_variable(parent) if parent else ".Values"
        lines.append(f"{{{{- {section_variable(key)} := {holder}.{name} | default dict }}}}\n")
    return "".join(lines)


def _defined(name: str, condition: Condition, comment: str) -> str:
    row, keys = (f"(fromJsonArray `{json.dumps(each)}`)" for each in (condition.row, sorted(condition.keys)))
    return (
        f'{{{{- /* {comment} */}}}}\n{{{{- define "{name}" -}}}}\n'
        f'{{{{- include "mlflow.whether" (dict "values" .Values "keys" {keys} "row" {row}) }}}}\n'
        "{{- end }}\n"
    )


def _values() -> str:
    """A copy of the values without what only the chart reads: a change there leaves the pods alone."""
    top = " ".join(json.dumps(name) for name, field in fields(Values) if read_in_pods(field) and not field.exclude)
    removed = "".join(
        f"{{{{- with {_section('$values', parents)} }}}}\n"
        + "".join(f"{{{{- $_ := unset . {json.dumps(name)} }}}}\n" for name in names)
        + "{{- end }}\n"
        for parents, names in _not_read(Values)
    )
    return (
        "{{- /* The values that the pods read, as JSON, which YAML is a superset of. */}}\n"
        '{{- define "mlflow.podValues" -}}\n'
        f"{{{{- $values := deepCopy (pick .Values {top}) }}}}\n"
        f"{removed}"
        f"{{{{- {escaped('toPrettyJson $values')} }}}}\n"
        "{{- end }}\n"
    )


def _section(holder: str, parents: tuple[str, ...]) -> str:
    """The expression for a section, empty where the values lack one above it."""
    *above, last = parents
    for parent in above:
        holder = f"({holder}.{parent} | default dict)"
    return f"{holder}.{last}"


def _not_read(section: type[Section], parents: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Sections that are read, with those of their keys that are not."""
    for name, field in fields(section):
        if read_in_pods(field) and is_section(field.annotation):
            below = (*parents, name)
            names = [key for key, each in fields(field.annotation) if not read_in_pods(each) and not each.exclude]
            if names:
                yield below, names
            yield from _not_read(field.annotation, below)


def _secret_variables() -> str:
    """Environment variables from Secrets of the user's own, for each container."""
    entries = "".join(map(_of_secret, EXISTING_SECRETS))
    return (
        "{{- /* Environment variables from Secrets of the user's own. */}}\n"
        f'{{{{- define "mlflow.secretVariables" -}}}}\n{section_variables(entries)}{entries}{{{{- end }}}}\n'
    )


def _of_secret(secret: ExistingSecret) -> str:
    named = section_variable(secret.key)
    used = f"{section_variable(secret.used_by)}.enabled" if secret.used_by else ""
    when = f"and {used} {named}.name" if used else f"{named}.name"
    entries = "".join(
        f"{{{{- with {named}.{key} }}}}\n"
        f"- name: {variable}\n"
        f"  valueFrom:\n"
        f"    secretKeyRef:\n"
        f"      name: {{{{ {named}.name | quote }}}}\n"
        f"      key: {{{{ . | quote }}}}\n"
        "{{- end }}\n"
        for variable, key in secret.variables.items()
    )
    return f"{{{{- if {when} }}}}\n{entries}{{{{- end }}}}\n"


def _pod_security_context() -> str:
    return (
        f"{_OURS_WHEN_EMPTY}"
        '{{- define "mlflow.podSecurityContext" -}}\n'
        "{{- if .Values.podSecurityContext }}\n"
        "{{- toJson .Values.podSecurityContext }}\n"
        '{{- else if kindIs "map" .Values.podSecurityContext }}\n'
        f"{json.dumps(safe_pod_security_context())}\n"
        "{{- end }}\n"
        "{{- end }}\n"
    )


def _security_context() -> str:
    return (
        f"{_OURS_WHEN_EMPTY}"
        '{{- define "mlflow.securityContext" -}}\n'
        "{{- $pod := .Values.podSecurityContext | default dict }}\n"
        '{{- if kindIs "map" .Values.securityContext }}\n'
        f"{{{{- $context := .Values.securityContext | default (fromJson `{json.dumps(safe_security_context())}`) }}}}\n"
        f"{{{{- range $name, $id := fromJson `{json.dumps(OWN_USER)}` }}}}\n"
        "{{- if not (or (hasKey $context $name) (hasKey $pod $name)) }}\n"
        "{{- $context = merge (dict $name (int $id)) $context }}\n"
        "{{- end }}\n"
        "{{- end }}\n"
        "{{- toJson $context }}\n"
        "{{- end }}\n"
        "{{- end }}\n"
    )


_OURS_WHEN_EMPTY = (
    "{{- /* An empty one, which `--reuse-values` keeps from chart 0.16.5, is ours; null asks for none. */}}\n"
)


def _resources() -> str:
    """What a container requests and may use: a limit of the user's without a request is one, as for Kubernetes."""
    kinds = {"server": workload.REQUESTS, "backup": backup.REQUESTS, "gc": gc.REQUESTS, "database": bundled.REQUESTS}
    return (
        "{{- /* Requests and limits, as JSON, with those requests of ours about which the given ones say nothing:\n"
        '"mlflow.resources" (dict "kind" "server" "given" .Values.resources). Null asks for none. */}}\n'
        '{{- define "mlflow.resources" -}}\n'
        '{{- if kindIs "map" .given }}\n'
        "{{- $requests := dict }}\n"
        f"{{{{- range $name, $amount := get (fromJson `{json.dumps(kinds)}`) .kind }}}}\n"
        '{{- if kindIs "invalid" (get ($.given.limits | default dict) $name | default nil) }}\n'
        "{{- $_ := set $requests $name $amount }}\n"
        "{{- end }}\n"
        "{{- end }}\n"
        "{{- range $name, $amount := .given.requests }}\n"
        "{{- $requests = omit $requests $name }}\n"
        '{{- if not (kindIs "invalid" $amount) }}\n'
        "{{- $_ := set $requests $name $amount }}\n"
        "{{- end }}\n"
        "{{- end }}\n"
        '{{- toJson (merge (ternary dict (dict "requests" $requests) (empty $requests)) (omit .given "requests")) }}\n'
        "{{- end }}\n"
        "{{- end }}\n"
    )


def _seconds_to_end() -> str:
    default = Server()
    seconds = " ".join(
        f'(ternary $server.{key} {getattr(default, key)} (hasKey $server "{key}") | int)'
        for key in ("drainDelaySeconds", "shutdownTimeoutSeconds")
    )
    return (
        "{{- /* How long a pod may take to end. */}}\n"
        '{{- define "mlflow.secondsToEnd" -}}\n'
        "{{- $server := .Values.server | default dict }}\n"
        f"{{{{- .Values.terminationGracePeriodSeconds | default (add {seconds} 10) }}}}\n"
        "{{- end }}\n"
    )
