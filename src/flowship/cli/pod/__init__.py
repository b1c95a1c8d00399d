"""The steps that pods of the chart run, each in a container of its own."""
