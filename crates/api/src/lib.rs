//! Floor 5: the REST API `/api/v3/`, generic over the registry, and its OpenAPI document.
