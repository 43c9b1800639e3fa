# What is wrong with a document of configuration: shown in the console, and by `countersign blueprint`.
resource-error-required = This is needed.
resource-error-name = Use 1 to 255 characters, without line breaks.
resource-error-unique = This is already taken.
resource-error-dangling = There is no { $model } with the identifier { $id }.
resource-error-reference = What this refers to does not exist.
resource-error-cycle = A group cannot belong to itself, directly or through other groups.
resource-error-not-an-object = A map of attributes is needed.
resource-error-identifier = This is not a usable identifier.
resource-error-one-of-policy-group-user = Choose exactly one: a policy, a group or a user.
resource-error-timeout = Choose between 1 and 600 seconds.
resource-error-reserved-slug = This name is reserved. Choose another.
resource-error-web-address = Use an address that begins with https://, http:// or /.
resource-error-default-brand = Another brand is the default already.
resource-error-unknown-hash = This is not a password hash of a known kind.
resource-error-user-path = Write the path without a slash at its beginning or end.
resource-error-token-too-short = Use at least 20 characters.
resource-error-immutable = This cannot be changed once it is chosen.
