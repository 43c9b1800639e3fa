//! Floor 5: the administrators' pages `/if/admin/`, generic over the registry.
