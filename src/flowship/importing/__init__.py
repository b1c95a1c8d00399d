"""Values of other charts of MLflow, turned into Flowship's.

A table for each chart says what becomes of each of its keys; nothing that has an effect there is dropped in silence.
"""
