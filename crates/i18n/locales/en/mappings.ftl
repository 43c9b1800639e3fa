# Complaints about property mappings.

mappings-saml-name-invalid = Write a name of at most 1024 characters, without control characters.
mappings-rac-settings-invalid = Settings are at most 200 texts, numbers, or true and false.
