"""The reading of values: files, `--set` and the environment, as Helm reads them."""
