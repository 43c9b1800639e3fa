//! The trail, read in the order in which things happened, also where the clock shows the same for many of them.

use countersign_model::EventId;
use countersign_store::{
    events::{self, EventFilter},
    on_both_databases,
    testing::samples,
};
use countersign_types::PageRequest;

on_both_databases! {
    async fn what_happened_in_one_moment_is_listed_in_the_order_in_which_it_happened(world: TestStore) {
        // The clock of tests stands still.
        let mut made = Vec::new();
        for unit in 0..10_u8 {
            made.extend(
                world
                    .write(move |tx| {
                        let mut made = Vec::new();
                        for number in 0..5 {
                            let mut event = samples::event(unit * 5 + number, tx.now());
                            event.id = EventId::timed(tx.moment(), tx.rng());
                            events::create(tx, &event)?;
                            made.push(event.id);
                        }
                        Ok::<_, countersign_store::StoreError>(made)
                    })
                    .await
                    .unwrap(),
            );
        }
        made.reverse();
        let mut read = Vec::new();
        let mut page = PageRequest::first(7);
        loop {
            let request = page.clone();
            let part = world.read(move |tx| events::list(tx, &EventFilter::default(), &request)).await.unwrap();
            read.extend(part.items.iter().map(|event| event.id));
            match part.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        assert_eq!(read, made);
    }
}
