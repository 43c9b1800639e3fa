//! Links from one flow to another page that keep the way back.

use countersign_flows::StageCx;
use countersign_model::FlowId;
use countersign_resource::target;
use countersign_types::Ref;

/// The page of another flow with the query of this one, so that its end is the same; none when that flow is
/// not there. What was sealed for this flow cannot be read by another and stays behind.
pub(crate) fn to_flow(cx: &StageCx<'_>, flow: Option<Ref<target::Flow>>) -> Option<String> {
    let flow = cx.snapshot.flow(FlowId(flow?.id()))?;
    Some(with_query(cx, &format!("/if/flow/{}/", flow.slug)))
}

/// Another page with the query of this one. What was sealed for this flow stays behind here too.
pub(crate) fn with_query(cx: &StageCx<'_>, page: &str) -> String {
    let query: Vec<&str> = kept(&cx.here.query).collect();
    if query.is_empty() { page.to_owned() } else { format!("{page}?{}", query.join("&")) }
}

fn kept(query: &str) -> impl Iterator<Item = &str> {
    let is_sealed = |pair: &&str| pair.starts_with("start=") || pair.starts_with("flow_token=");
    query.split('&').filter(move |pair| !pair.is_empty() && !is_sealed(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_kept_and_the_sealed_start_is_not() {
        let pairs: Vec<&str> = kept("start=abc&flow_token=t&next=%2Fif%2Fuser%2F&&login_hint=a").collect();
        assert_eq!(pairs, ["next=%2Fif%2Fuser%2F", "login_hint=a"]);
    }
}
