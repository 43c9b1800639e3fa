//! What a browser has to fetch before somebody can sign in.

use super::Bench;
use crate::{
    Fault,
    browser::attribute,
    http::Request,
    report::{Report, Target},
};

const PAGE: &str = "/if/flow/default-authentication-flow/";

pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Fault> {
    let mut connection = bench.place.connect();
    let ask = |target: &str| Request::get(target).header("accept-encoding", "gzip, br");
    let plain = connection.send(&Request::get(PAGE)).await?.expect(200, "asking for the sign-in page")?;
    let page = connection.send(&ask(PAGE)).await?.expect(200, "asking for the sign-in page")?;
    let html = plain.text();
    let tags = |name: &str| {
        html.split(&format!("<{name}"))
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let sheets =
        tags("link").into_iter().filter(|tag| attribute(tag, "rel").as_deref() == Some("stylesheet"));
    let fetched = sheets.filter_map(|tag| attribute(&tag, "href"));
    let images = tags("img")
        .into_iter()
        .filter_map(|tag| attribute(&tag, "src"))
        .filter(|src| !src.starts_with("data:"));
    let (mut bytes, mut requests) = (page.weight, 1_u32);
    for target in fetched.chain(images) {
        bytes += connection.send(&ask(&target)).await?.expect(200, "asking for what the page needs")?.weight;
        requests += 1;
    }
    report.aim("sign-in page on the wire, with its CSS", bytes as f64 / 1024.0, "KiB", Target::AtMost(14.0));
    report.aim("requests for it", f64::from(requests), "", Target::AtMost(2.0));
    report.aim("scripts in it", tags("script").len() as f64, "", Target::AtMost(0.0));
    Ok(())
}
