# Writes Docker's configuration for one registry; what is secret comes by the environment and is printed by no trace.
{ set +x; } 2> /dev/null
umask 077
mkdir -p "$STEP_PLACE"
auth=$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 | tr -d '\n')
printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$STEP_REGISTRY" "$auth" > "$STEP_PLACE/config.json"
