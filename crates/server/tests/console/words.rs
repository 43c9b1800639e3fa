//! Every kind, field and choice has words in every language.

use countersign_i18n::Catalogues;
use countersign_testkit::on_both_databases;

on_both_databases! {
    async fn every_kind_and_field_is_translated(app: TestApp) {
        let catalogues = Catalogues::load().unwrap();
        let mut missing = Vec::new();
        for language in catalogues.locales().filter(|language| language.tag != "en") {
            let words = catalogues.localizer(language.locale);
            for key in countersign_console::keys(app.registry()) {
                if !key.names.iter().any(|name| words.find(name).is_some()) {
                    missing.push(format!("{}: {} = {}", language.tag, key.names[0], key.english));
                }
            }
        }
        assert!(missing.is_empty(), "{} are missing:\n{}", missing.len(), missing.join("\n"));
    }
}
