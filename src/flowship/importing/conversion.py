"""From the values of a known chart to Flowship's, with everything that is to be said about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowship.importing.draft import Draft, Remark
from flowship.values.model.keys import dotted
from flowship.values.reading.reading import refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.importing.table import Chart, Table, Translation
    from flowship.values.model.finding import Finding


@dataclass(frozen=True)
class Imported:
    """Flowship's values, and what is left for a person to do."""

    values: Mapping[str, Any] = field(repr=False)
    remarks: tuple[Remark, ...]
    refusals: tuple[Finding, ...]
    """What `flowship check` says of the values."""

    @property
    def left_out(self) -> tuple[Remark, ...]:
        """Keys that had an effect and have no equal."""
        return tuple(remark for remark in self.remarks if remark.left_out)

    @property
    def complete(self) -> bool:
        """Whether the values mean the same here, and are valid."""
        return not self.left_out and not self.refusals


@dataclass(frozen=True)
class Written:
    """A key that a file has, and what the table says of it; nothing if the chart has no such key."""

    path: tuple[str, ...]
    value: Any = field(repr=False)
    translation: Translation | None


def imported(chart: Chart, data: Mapping[str, Any]) -> Imported:
    """Flowship's values for a file that was written for this chart."""
    draft = Draft(data, chart.variables(data))
    # Of an option and a variable that say the same, MLflow takes the option.
    for written in sorted(keys_of(chart.table, data), key=lambda each: each.path[0] in ("env", "extraEnvVars")):
        key = dotted(written.path)
        if written.translation:
            written.translation.apply(draft, key, written.value)
        elif written.value is not None:
            draft.leave_out(
                key,
                f"is not a key of {chart.title}, or not one that holds this. Look for it in docs/reference/values.md.",
            )
    for key, value in chart.implied.items():
        if draft.given(key) is None:
            draft.put(key, key.split("."), value)
            draft.say(key, "was not in the file; that chart's default is not Flowship's, so it is written out.")
    return Imported(draft.values, tuple(draft.remarks), tuple(refused(draft.values)))


def keys_of(table: Table, data: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[Written]:
    """Every key of the file as far down as the table goes."""
    for name, value in data.items():
        path = (*above, name)
        key = ".".join(path)
        whole = _of_a_whole_section(table, path)
        if key in table:
            yield Written(path, value, table[key])
        elif isinstance(value, dict) and (any(each.startswith(f"{key}.") for each in table) or (whole and value)):
            yield from keys_of(table, value, path)
        else:
            yield Written(path, value, whole)


def _of_a_whole_section(table: Table, path: tuple[str, ...]) -> Translation | None:
    sections = (".".join((*path[:length], "*")) for length in range(len(path) - 1, 0, -1))
    return next((table[section] for section in sections if section in table), None)
