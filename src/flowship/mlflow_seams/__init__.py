"""Every private name of MLflow that Flowship touches, by subject.

Each has a test that fails loudly when MLflow moves it. `import mlflow` takes seconds, so each function imports what it
needs, and what can be read without MLflow is.
"""
