"""The writer of the chart's generated files; it needs a checkout, and is not installed."""
