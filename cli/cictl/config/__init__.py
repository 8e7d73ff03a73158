"""cictl.yaml and service.yaml: file, then environment, then flags, into frozen models that know each value's origin."""
