//! Floor 2: actors, roles, permissions. Pure: it is told who somebody is and answers what he may do.
