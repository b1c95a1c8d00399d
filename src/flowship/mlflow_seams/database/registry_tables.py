"""The tables of registered models and prompts, which are registered models with a tag, and how these tell what they are
made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS, MODEL_TAGS = "registered_models", "registered_model_tags"
VERSIONS, VERSION_TAGS, ALIASES = "model_versions", "model_version_tags", "registered_model_aliases"

REGISTRY: Mapping[str, tuple[str, ...]] = {
    MODELS: ("workspace", "name"),
    MODEL_TAGS: ("workspace", "name", "key"),
    VERSIONS: ("workspace", "name", "version"),
    VERSION_TAGS: ("workspace", "name", "version", "key"),
    ALIASES: ("workspace", "name", "alias"),
}
"""Each with its key, in an order in which rows can be inserted: what they refer to comes first."""

NOT_OF_OURS = frozenset({"workspace", "name", "key", "alias", "user_id", "run_link"})
"""Columns of these in which nothing is an identifier or an address here: names, and links to pages of other servers."""

PROMPT_VERSION = "prompt_version"
"""What `entity_associations` calls a version of a prompt, whose id there is `name/version`."""
LINKED_PROMPTS = "mlflow.linkedPrompts"
"""The tag of a run, a logged model or a trace with the versions of prompts that it used, as JSON."""
USING: Mapping[str, tuple[str, str, str, str]] = {
    "tags": ("key", "value", "run_uuid", "runs"),
    "logged_model_tags": ("tag_key", "tag_value", "model_id", "logged_models"),
    "trace_tags": ("key", "value", "request_id", "trace_info"),
}
"""The tables with that tag: its columns of keys, of values and of whose tag it is, and the table of these, where that
column has the same name."""
RUNS_OF_PROMPT = "mlflow.prompt.associatedRunIds"
"""The tag of a prompt's version with the runs that older clients logged it to, with commas between."""
RUNS_OF_PROMPT_OF_2_22 = "mlflow.prompt.run_ids"
"""What clients of MLflow 2 called it."""
NO_SOURCES = frozenset({"dummy-source", "prompt-template"})
"""What stands in the place of an address where a version has none: MLflow demands one of prompts too."""
