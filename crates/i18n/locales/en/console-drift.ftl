# What applying a blueprint would make different now, and putting objects back to it.

console-drift-title = What applying would change
console-drift-outcome = What would happen
console-drift-changes = Changes
console-drift-created = Created
console-drift-updated = Changed
console-drift-deleted = Deleted
console-drift-unchanged = Left as it is
console-drift-secret = a secret
console-drift-none = Nothing to compare
console-drift-none-text = The blueprint names no object that is there.
console-drift-reset = Put back to the blueprint
console-drift-reset-done = The selected objects are as the blueprint says.

## An object back to its blueprint, on its own page.
console-reset = Put back to the blueprint
console-reset-same = This is as its blueprint says. Nothing would change.
console-reset-text = Other attributes and objects stay as they are. The change stands among the revisions.
console-reset-blueprint = Blueprint
console-reset-attribute = Attribute
console-reset-now = Now
console-reset-then = Afterwards
console-reset-changes = What would change
console-done-reset = It is as its blueprint says again.
