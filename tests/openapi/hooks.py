"""What Schemathesis is told about this API beyond its document."""

import os

import schemathesis
from schemathesis.core.media_types import YAML_MEDIA_TYPES

# Who deletes himself, his token or the group that makes him an administrator calls nothing more.
OWN = set(filter(None, os.environ.get("COUNTERSIGN_CALLERS_OWN", "").split(",")))


@schemathesis.hook
def filter_path_parameters(_context, path_parameters):
    """Leaves out what the callers live by."""
    return not any(str(value) in OWN for value in (path_parameters or {}).values())


@schemathesis.deserializer(*YAML_MEDIA_TYPES)
def blueprints_are_text(_context, response):
    """Blueprints have tags of their own, which no other YAML reader knows."""
    return response.content.decode()
