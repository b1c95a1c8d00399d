"""The hot API: requests that Flowship answers itself, on MLflow's own tables.

What a training job sends and a page reads most often is answered here without Flask, protobuf and entities. A route
answers only what it understands whole, of whoever may ask it; every other request goes on to MLflow untouched, so that
errors are MLflow's own, and what MLflow adds works.
"""
