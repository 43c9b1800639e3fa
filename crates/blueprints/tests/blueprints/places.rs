//! A complaint names the line of what it is about.

use countersign_store::on_both_databases;

use crate::kinds::{apply, blueprints, failure, nothing};

/// The first of these lines is the fourth of the file.
fn file(entries: &str) -> String {
    format!("version: 1\nmetadata: {{name: Places}}\nentries:\n{entries}")
}

on_both_databases! {
    async fn a_complaint_about_a_field_names_the_line_of_the_field(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        for (entries, words) in [
            // The registry complains about an attribute, below what is written over many lines.
            (
                "  - model: test.rule\n    id: rule\n    identifiers: {name: rule}\n    attrs:\n      expression: |\n        return (\n          True)\n  \
                 - model: test.asking\n    identifiers:\n      name: asking\n    attrs:\n      fields: []\n      times: many\n",
                "entry 2, line 11 (test.asking): attrs.times, line 16: ",
            ),
            // About an element of a list.
            (
                "  - model: test.asking\n    identifiers: {name: x}\n    attrs:\n      rules:\n\n        # none\n        \
                 - 00000000-0000-0000-0000-000000000001\n",
                "attrs.rules.0, line 10: There is no policy",
            ),
            // About something that is not written: where it would be.
            ("  - model: test.rule\n    identifiers:\n      name: x\n    attrs:\n      other: 1\n", "attrs.expression, line 7: This is needed."),
            ("  - model: test.rule\n    identifiers:\n      name: x\n", "attrs.expression, line 4: This is needed."),
            // About what identifies the object.
            ("  - model: test.rule\n    identifiers:\n      name: [x]\n    attrs: {expression: x}\n", "identifiers.name, line 6: "),
            // About what a tag made, and about a tag within another.
            (
                "  - model: test.asking\n    identifiers: {name: x}\n    attrs:\n      times: !Format\n        - many\n",
                "attrs.times, line 7: ",
            ),
            (
                "  - model: test.asking\n    identifiers: {name: x}\n    attrs:\n      fields:\n        - !If\n          - true\n          - !KeyOf no\n          - x\n",
                "attrs.fields.0, line 10: !KeyOf: no entry before",
            ),
            // About the parts of an entry.
            ("  - model: test.rule\n    state:\n      gone\n    identifiers: {name: x}\n", "state, line 5: “gone” is not a state"),
            ("  - model: test.rule\n    attr: {}\n", "attr, line 5: unknown key"),
            ("  - id: x\n    model: test.rul\n", "model, line 5: test.rul is not a kind"),
        ] {
            let found = failure(&blueprints, &file(entries)).await;
            assert!(found.contains(words), "{found}\nhas no\n{words}");
        }
        let elsewhere = failure(&blueprints, "version: 1\nmetadata:\n  name: [x]\nentries: []\n").await;
        assert_eq!(elsewhere, "story.yaml: metadata.name, line 3: text is needed");
        let elsewhere = failure(&blueprints, "version: 1\ncontext:\n  a: 1\n  b: !Env SECRET\nentries: []\n").await;
        assert!(elsewhere.starts_with("story.yaml: context.b, line 4: !Env may not read"), "{elsewhere}");
    }

    async fn a_warning_names_its_line_too(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let entry = "  - model: test.rule\n    identifiers: {name: x}\n    attrs:\n      expression: x\n      template: y\n";
        let report = apply(&blueprints, &file(entry)).await.unwrap();
        assert_eq!(report.warnings, [
            "story.yaml: entry 1, line 4 (test.rule): attrs.template, line 8: the kind has no such attribute; ignored"
        ]);
    }
}
