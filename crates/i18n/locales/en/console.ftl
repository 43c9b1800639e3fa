# The administrators' console.

## The shell.
console-menu = Menu
console-nav-label = Console
console-crumbs = Where you are
console-rail-fold = Collapse
console-rail-unfold = Expand
console-section-dashboards = Dashboards
console-section-applications = Applications
console-section-events = Events
console-section-customization = Customization
console-section-flows = Flows and stages
console-section-directory = Directory
console-section-system = System

## Tables and parts.
console-select = Select
console-select-all = Select all
console-actions = Actions
console-bulk = Selected:
console-paging = Pages
console-paging-first = First page
console-paging-next = Next page
console-copied = Copied
console-columns = Columns
console-kind = Type
console-count = { $count ->
    [one] One object
   *[other] { $count } objects
}
console-count-at-least = At least { $count } objects
console-nothing-title = Nothing found
console-nothing-text = Nothing matches the search and filters.
console-nothing-all = Show all
console-part-nothing = Nothing in this part
console-part-text = Only a part of the list was searched.
console-part-on = Search on
console-empty-title = Nothing here yet
# $kinds such as "Stages".
console-empty-text = { $kinds } appear here once they are created.
console-unknown = Unknown object
console-system = Countersign
# $who acted in the place of $whom.
console-on-behalf = { $who } as { $whom }

## The rail.
console-nav-applications = Applications
console-nav-providers = Providers
console-nav-sources = Federation and social login
console-nav-policies = Policies
console-nav-reputations = Reputation scores
console-nav-property-mappings = Property mappings
console-nav-blueprints = Blueprints
console-nav-flows = Flows
console-nav-stages = Stages
console-nav-prompts = Prompts
console-nav-invitations = Invitations
console-nav-users = Users
console-nav-groups = Groups
console-nav-roles = Roles
console-nav-initial-permissions = Initial permissions
console-nav-tokens = Tokens and app passwords
console-nav-brands = Brands
console-nav-certificates = Certificates
console-nav-flow-bindings = Stage bindings
console-nav-policy-bindings = Policy bindings

## Search.
console-search-placeholder = Search pages and objects
console-search-nothing = Nothing found.

## Forms.
console-new = New
console-new-title = New { $kind }
console-new-choose = Choose a type
console-create = Create
console-edit-title = Edit { $name }
console-advanced = Advanced settings
console-choose = Choose
console-secret-keep = Leave empty to keep the current value
console-entries-help = Rows left empty are ignored. Clear a row to remove it.
console-names-help = One name per line.
console-picks-none = There is nothing to choose from.
console-secrets-title = Copy these now
console-secrets-text = These values are shown only once.
console-error-number = Enter a number.
console-error-json = This is not valid JSON: check line { $line }, column { $column }.
console-error-duration = Write a duration such as hours=1;minutes=30.
console-error-slug = Use letters, digits, hyphens and underscores only.
console-error-summary = { $count ->
    [one] One field needs your attention
   *[other] { $count } fields need your attention
}
console-error-nobody = There is no “{ $name }”. Check the name.
console-stale-text = Someone changed this while you were editing. Your answers are below; saving again replaces what is kept now.
console-stale-caption = Where your answers differ from what is kept
console-stale-field = Field
console-stale-kept = Kept now
console-stale-yours = Your answer

## An object.
console-tab-overview = Overview
console-tab-usage = Used by
console-tab-revisions = Revisions
console-usage-name = Name
console-usage-field = As
console-usage-effect = If deleted
console-usage-none-title = Not used anywhere
console-usage-none-text = No other object refers to this one.
console-effect-cascade = Is deleted too
console-effect-cascade-many = Loses one entry
console-effect-set-null = Loses the reference
console-effect-left-dangling = Refers to nothing
console-effect-blocks = Prevents deletion
console-effect-opens = Becomes open to everyone
console-delete-title = Delete { $name }
console-delete-several = Delete { $count ->
    [one] one object
   *[other] { $count } objects
}
console-delete-unused = This cannot be undone.
console-delete-used = This cannot be undone, and the objects below are affected.
console-delete-needed = Other objects need this one. Change or delete those first.
console-delete-opens = What this guards would be open to everyone afterwards.
console-delete-conflict-title = This is still needed
console-delete-conflict-text = Something began to use it in the meantime. Look at what uses it, then try again.

## Revisions.
console-revision-when = When
console-revision-who = Who
console-revision-action = Action
console-revision-fields = Fields
console-revision-none-title = No revisions yet
console-revision-none-text = Changes from now on are listed here.
console-revision-changes = What changed
console-revision-nothing = Nothing that is shown here.
console-revision-since = What would change now
console-revert = Restore this version
console-revert-text = The object becomes what it was after this change. Secrets keep their current values.
console-revert-refused-title = This version does not fit any more
console-revert-refused-text = It refers to something that is gone, or breaks a rule that is new. Edit the object instead.
console-action-created = Created
console-action-updated = Changed
console-action-reverted = Restored
console-action-deleted = Deleted

## What was just done.
console-done-created = Created.
console-done-saved = Saved.
console-done-deleted = Deleted.
console-done-reverted = Restored.
