"""A model in the form of code, which MLflow stores as this file: it depends on no library whose version may change."""

from __future__ import annotations

from typing import Any

from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Doubler(PythonModel):  # type: ignore[misc] # MLflow is not checked
    def predict(self, context: Any, model_input: list[float], params: dict[str, Any] | None = None) -> list[float]:
        return [2 * value for value in model_input]


set_model(Doubler())
