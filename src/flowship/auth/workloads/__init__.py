"""Programs that come with a token of an issuer that the values trust: jobs of CI, service accounts of Kubernetes."""
