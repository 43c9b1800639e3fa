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
