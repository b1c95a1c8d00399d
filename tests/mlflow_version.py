"""Which MLflow the tests run with: Flowship works with 3.17.2 and 3.18."""

from importlib.metadata import version

SINCE_3_18 = tuple(map(int, version("mlflow").split(".")[:2])) >= (3, 18)
