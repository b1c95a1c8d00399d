"""From files, `--set` and the environment to typed values, or to one refusal that holds every finding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, get_args

from flowship.values.model.fields.section import ClusterOnly, Section
from flowship.values.model.finding import Finding, on_one_line, refusal
from flowship.values.model.keys import dotted, fields, is_section, lookup
from flowship.values.model.provenance import Source
from flowship.values.model.root import Values
from flowship.values.model.server.process import ServerOption
from flowship.values.model.variables import (
    BUNDLED_HOSTS,
    Precedence,
    extra_variables,
    overlaid,
)
from flowship.values.reading import loading
from flowship.values.rules.installed import installed_mlflow, too_new
from flowship.values.rules.refusals import QUOTES, judged

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Mapping, Sequence

    from flowship.values.reading.loading import Loaded


QUOTES_LOST = " Write --set-string in place of --set."
"""Instead of the advice to put something in quotes, which a shell takes away."""

_OPTIONS = frozenset(get_args(ServerOption))


@dataclass(frozen=True)
class Reading:
    """Values that are not refused, and where they came from."""

    values: Values
    loaded: Loaded = field(repr=False)
    """What the files and `--set` say, with the place of each key."""
    variables: Mapping[str, str]
    """Keys that an environment variable decided, with its name."""
    environ: Mapping[str, str] = field(repr=False)
    """The environment with `extraEnvVars` on top."""

    def unused_here(self) -> list[str]:
        """Keys that the files set and that have no effect without Kubernetes, sorted."""
        return sorted(_cluster_only(Values, self.loaded.data))

    def placed(self, finding: Finding) -> Finding:
        """Give the finding with the place of the first of its keys that the user wrote."""
        return _placed(finding, self.loaded, self.variables)

    def described(self) -> str:
        """Tell what was read, for a person."""
        read = list(dict.fromkeys(self.loaded.order)) or ["no file, so these are the defaults"]
        variables = [f"the variable {name}" for name in dict.fromkeys(self.variables.values())]
        return on_one_line(", ".join(read + variables))

    @property
    def bundled(self) -> list[str]:
        """The sections of bundled database servers that are enabled."""
        return [section for section in BUNDLED_HOSTS if getattr(self.values, section).enabled]

    @property
    def bundled_host(self) -> str | None:
        """The host of the bundled database server, if one is enabled."""
        return next((self.environ.get(BUNDLED_HOSTS[section]) for section in self.bundled), None)


def read(
    files: Sequence[pathlib.Path],
    assignments: Sequence[str],
    environ: Mapping[str, str],
    precedence: Precedence,
    *,
    here: bool = False,
) -> Reading:
    """Read the values as Helm would, with the environment, and refuse them with every finding at once. `here` says
    that they run on this machine and in no pod.

    Raises:
        ValuesError: a file cannot be read, or the values are refused.
    """
    loaded = loading.load(files, assignments)
    merged = _merged(loaded.data)
    environ = {**environ, **extra_variables(lookup(merged, "extraEnvVars"))}
    resolved, variables = overlaid(merged, loaded.data, environ, precedence)
    values, found = judged(resolved, merged, in_a_pod=precedence == "win", here=here)
    found += too_new(resolved, installed_mlflow())
    if values is None or found:
        raise refusal((_placed(finding, loaded, variables) for finding in found), loaded.order)
    return Reading(values, loaded, variables, environ)


def refused(data: Mapping[str, Any]) -> list[Finding]:
    """Find what is wrong with values that are in no file, without an environment."""
    merged = _merged(data)
    resolved, _ = overlaid(merged, data, extra_variables(lookup(merged, "extraEnvVars")), "fill")
    return judged(resolved, merged)[1]


def _merged(data: Mapping[str, Any]) -> dict[str, Any]:
    return _options_taken_back(with_empty_values(Values, loading.over(defaults(), data)))


def _options_taken_back(merged: dict[str, Any]) -> dict[str, Any]:
    """Without the options of `mlflow server` that a later file made null or empty; a name that is none stays, and is
    refused as by the chart."""
    options = merged.get("extraArgs")
    if not isinstance(options, dict):
        return merged
    kept = {name: value for name, value in options.items() if value not in (None, "") or name not in _OPTIONS}
    return {**merged, "extraArgs": kept}


def _placed(finding: Finding, loaded: Loaded, variables: Mapping[str, str]) -> Finding:
    """Give the finding with the place of the first of its keys that the user wrote."""
    sources = [Source(f"variable {variables[dotted(path)]}") for path in finding.paths if dotted(path) in variables]
    sources += [loaded.sources[path] for path in finding.paths if path in loaded.sources]
    sources += [source for path in finding.paths if (source := loaded.source_of(path))]
    if not sources:
        return finding
    lost = sources[0].name.startswith("--set ")
    return replace(
        finding,
        sentence=finding.sentence.replace(QUOTES, QUOTES_LOST) if lost else finding.sentence,
        source=sources[0],
    )


def defaults() -> dict[str, Any]:
    """Give the chart's defaults, as `values.yaml` holds them."""
    return Values().model_dump(by_alias=True, mode="json")


def with_empty_values(section: type[Section], data: Any) -> Any:
    """Give the merged values with every key that `null` removed set to its empty value, as templates see it.

    A number or a choice has no empty value: those keep their default.
    """
    if not isinstance(data, dict):
        return data
    result = dict(data)
    for key, each in fields(section):
        kind = each.annotation
        if each.exclude and key not in result:
            continue  # Helm's own: no default stands in the chart's values
        if is_section(kind):
            result[key] = with_empty_values(kind, result.get(key) if result.get(key) is not None else {})
        elif result.get(key) is None:
            result.pop(key, None)
            if (empty := _empty(kind)) is not None:
                result[key] = empty
    return result


def _empty(kind: Any) -> Any:
    if kind is bool:
        return False
    if kind is str or "" in get_args(kind):
        return ""
    origin = getattr(kind, "__origin__", None)
    return origin() if origin in (list, dict) else None


def _cluster_only(section: type[Section], data: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, each in fields(section):
        kind = each.annotation
        if key not in data:
            continue
        if any(isinstance(item, ClusterOnly) for item in each.metadata):
            yield f"{prefix}{key}"
        elif is_section(kind) and isinstance(data[key], dict):
            yield from _cluster_only(kind, data[key], f"{prefix}{key}.")
