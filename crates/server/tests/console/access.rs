//! Who gets in, and what he may do there.

use countersign_testkit::on_both_databases;

use crate::world::Filled;

const POLICIES: &str = "/if/admin/policy/policies/";
const NEW: &str = "/if/admin/policy/policies/~new/?kind=authentik_policies_expression.expressionpolicy";

on_both_databases! {
    async fn a_visitor_is_led_to_sign_in_and_a_member_is_refused(app: TestApp) {
        let page = app.anonymous().get(POLICIES).await;
        assert_eq!(page.status, 302);
        assert!(page.leads_to().unwrap().path().contains("authentication"));
        let (member, _) = app.user("mia").await;
        for path in [POLICIES, NEW, "/if/admin/search/", "/if/admin/identity/users/"] {
            assert_eq!(member.get(path).await.status, 403, "{path}");
        }
    }

    async fn whoever_may_only_look_changes_nothing(app: TestApp) {
        let admin = app.admin().await;
        let form = Filled::of(&admin.get(NEW).await).with("name", "Guard").with("expression", "return True");
        let page = form.send(&admin).await.leads_to().unwrap().path().to_owned();

        let viewer = app.holder("vera", &[
            "authentik_rbac.access_admin_interface",
            "authentik_policies_expression.view_expressionpolicy",
        ])
        .await;
        assert!(viewer.get(POLICIES).await.body.contains("Guard"));
        assert_eq!(viewer.get(&page).await.status, 200);
        for path in [NEW.to_owned(), format!("{page}edit/"), format!("{page}delete/")] {
            assert_eq!(viewer.get(&path).await.status, 403, "{path}");
        }
        // His own token, on the forms of somebody who may.
        let token = Filled::marked(&viewer.get(POLICIES).await, "~rail/").value("csrf").unwrap().to_owned();
        let edit = Filled::of(&admin.get(&format!("{page}edit/")).await).with("csrf", &token);
        for form in [form.with("name", "Other").with("csrf", &token), edit.with("expression", "return False")] {
            assert_eq!(form.send(&viewer).await.status, 403, "{}", form.action);
        }
        let gone = Filled::marked(&admin.get(&format!("{page}delete/")).await, "confirm").with("csrf", &token);
        assert_eq!(gone.send(&viewer).await.status, 403);
        assert!(admin.get(&page).await.body.contains("return True"));
    }

    async fn what_is_not_visible_is_not_there(app: TestApp) {
        let admin = app.admin().await;
        let form = Filled::of(&admin.get(NEW).await).with("name", "Hidden guard").with("expression", "return True");
        let page = form.send(&admin).await.leads_to().unwrap().path().to_owned();
        let stranger = app.holder("sten", &[
            "authentik_rbac.access_admin_interface",
            "authentik_policies_password.view_passwordpolicy",
        ])
        .await;
        for path in ["", "edit/", "delete/", "used-by/", "revisions/"] {
            assert_eq!(stranger.get(&format!("{page}{path}")).await.status, 404, "{path}");
        }
        assert!(!stranger.get(POLICIES).await.body.contains("Hidden guard"));
        let found = stranger.get("/if/admin/search/?format=json&q=hidden").await;
        assert!(!found.body.contains("Hidden guard"));
        let found = stranger.get("/if/admin/search/?target=policy&q=hidden").await;
        assert!(!found.body.contains("Hidden guard"));
    }

    async fn a_form_of_another_site_or_session_is_refused(app: TestApp) {
        let admin = app.admin().await;
        let form = Filled::of(&admin.get(NEW).await).with("name", "Forged").with("expression", "return True");
        let mut bare = form.clone();
        bare.fields.retain(|(name, _)| name != "csrf");
        assert_eq!(bare.send(&admin).await.status, 403);
        let other = app.admin().await;
        assert_eq!(form.send(&other).await.status, 403, "a token of another session");
        let abroad = admin.clone().with_header("sec-fetch-site", "cross-site");
        assert_eq!(form.send(&abroad).await.status, 403);
        assert!(!admin.get(POLICIES).await.body.contains("Forged"));
    }
}
