//! Stages in another order: all of them at once, in one transaction.

use actix_web::{HttpResponse, web::Path};
use countersign_authz::Permission;
use countersign_model::FlowId;
use countersign_registry::{Registry, ResourceError, WriteCx};
use countersign_store::{Tx, flow_stage_bindings};
use countersign_types::{JsonObject, RawId};
use countersign_web::{WebError, see_other};
use serde_json::Value;

use super::{STAGE_BINDING, address, viewed};
use crate::cx::ConsoleForm;

/// Beyond every place that is used, for stages that change places with themselves.
const ASIDE: i32 = 1_000_000;

/// `POST …/<slug>/~order/`: `key` once for each binding in the new order; or `up` or `down` with one.
pub(super) async fn save(form: ConsoleForm, slug: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let flow = viewed(&cx, &slug).await?;
    let fields = body.read(cx.require_somewhere(&[Permission::change(STAGE_BINDING).as_str()])?).await?;
    let id = |text: &str| text.parse::<RawId>().ok();
    let wish = match (fields.first("up").and_then(id), fields.first("down").and_then(id)) {
        (Some(binding), _) => Wish::Up(binding),
        (None, Some(binding)) => Wish::Down(binding),
        (None, None) => Wish::All(fields.values("key").filter_map(id).collect()),
    };
    let moved = match &wish {
        Wish::Up(binding) | Wish::Down(binding) => format!("#binding-{binding}"),
        Wish::All(_) => String::new(),
    };
    let id = flow.id;
    cx.write(move |tx, write| arrange(tx, write, id, &wish)).await?;
    Ok(see_other(&format!("{}?done=ordered{moved}", address(&flow.key))))
}

/// What is wished for.
#[derive(Clone, Debug)]
enum Wish {
    Up(RawId),
    Down(RawId),
    All(Vec<RawId>),
}

/// A stage's place: binding, stage and number.
type Place = (RawId, RawId, i32);

fn arrange(tx: &mut Tx<'_>, cx: WriteCx<'_>, flow: RawId, wish: &Wish) -> Result<(), ResourceError> {
    let bindings = flow_stage_bindings::of_flow(tx, FlowId(flow))?;
    let before: Vec<Place> =
        bindings.iter().map(|binding| (binding.id.raw(), binding.stage.raw(), binding.order)).collect();
    let wanted = wanted(&before, wish);
    let changes = changes(&before, &wanted);
    // Where one stage stands twice, it must not meet itself on the way.
    for (binding, order) in changes.iter().filter(|(binding, _)| stands_twice(&before, *binding)) {
        set(tx, cx, cx.registry, *binding, order.saturating_add(ASIDE))?;
    }
    for (binding, order) in &changes {
        set(tx, cx, cx.registry, *binding, *order)?;
    }
    Ok(())
}

fn set(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    registry: &Registry,
    binding: RawId,
    order: i32,
) -> Result<(), ResourceError> {
    let patch = JsonObject::from_iter([("order".to_owned(), Value::from(order))]);
    registry.get(STAGE_BINDING)?.update(tx, cx, binding, &patch).map(drop)
}

fn stands_twice(places: &[Place], binding: RawId) -> bool {
    let stage = places.iter().find(|place| place.0 == binding).map(|place| place.1);
    places.iter().filter(|place| Some(place.1) == stage).count() > 1
}

/// The bindings in the order wished for. What was not named stays behind what was.
fn wanted(before: &[Place], wish: &Wish) -> Vec<RawId> {
    let mut order: Vec<RawId> = before.iter().map(|place| place.0).collect();
    let at = |binding: &RawId| before.iter().position(|place| place.0 == *binding);
    match wish {
        Wish::Up(binding) => {
            if let Some(at) = at(binding).filter(|at| *at > 0) {
                order.swap(at, at - 1);
            }
        }
        Wish::Down(binding) => {
            if let Some(at) = at(binding).filter(|at| at + 1 < order.len()) {
                order.swap(at, at + 1);
            }
        }
        Wish::All(named) => {
            order.sort_by_key(|binding| {
                named.iter().position(|other| other == binding).unwrap_or(named.len())
            });
        }
    }
    order
}

/// New numbers for those whose number changes. The numbers that there are stay, unless two are the same.
fn changes(before: &[Place], wanted: &[RawId]) -> Vec<(RawId, i32)> {
    let mut numbers: Vec<i32> = before.iter().map(|place| place.2).collect();
    numbers.sort_unstable();
    if numbers.windows(2).any(|pair| pair.first() == pair.last()) {
        numbers = (0..numbers.len()).map(|place| i32::try_from(place * 10).unwrap_or(i32::MAX)).collect();
    }
    let old = |binding: &RawId| before.iter().find(|place| place.0 == *binding).map(|place| place.2);
    let pairs = wanted.iter().copied().zip(numbers);
    pairs.filter(|(binding, order)| old(binding) != Some(*order)).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> RawId {
        Uuid::from_u128(number)
    }

    #[test]
    fn numbers_stay_and_bindings_move() {
        let before = [(id(1), id(11), 0), (id(2), id(12), 10), (id(3), id(13), 100)];
        let up = wanted(&before, &Wish::Up(id(3)));
        assert_eq!(up, [id(1), id(3), id(2)]);
        assert_eq!(changes(&before, &up), [(id(3), 10), (id(2), 100)]);
        assert_eq!(wanted(&before, &Wish::Up(id(1))), [id(1), id(2), id(3)], "the first stays first");
        assert_eq!(wanted(&before, &Wish::Down(id(3))), [id(1), id(2), id(3)], "the last stays last");
    }

    #[test]
    fn what_is_not_named_or_not_there_disturbs_nothing() {
        let before = [(id(1), id(11), 0), (id(2), id(12), 10), (id(3), id(13), 20)];
        let all = wanted(&before, &Wish::All(vec![id(3), id(99), id(3), id(1)]));
        assert_eq!(all, [id(3), id(1), id(2)]);
        assert!(changes(&before, &[id(1), id(2), id(3)]).is_empty());
    }

    #[test]
    fn equal_numbers_are_told_apart() {
        let before = [(id(1), id(11), 5), (id(2), id(12), 5)];
        assert_eq!(changes(&before, &[id(2), id(1)]), [(id(2), 0), (id(1), 10)]);
    }
}
