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
