//! Load: closed loops of many visitors, and one visitor at a steady pace.

use std::time::{Duration, Instant};

use tokio::{
    task::LocalSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    Fault,
    http::{Connection, Request},
};

/// Somebody who does the same thing again and again.
pub(crate) trait Visitor: 'static {
    /// Once.
    fn visit(&mut self) -> impl Future<Output = Result<(), Fault>>;
}

/// One request, always the same, always answered with the same status.
pub(crate) struct Repeat {
    pub(crate) connection: Connection,
    pub(crate) request: Request,
    pub(crate) status: u16,
}

impl Visitor for Repeat {
    async fn visit(&mut self) -> Result<(), Fault> {
        self.connection.send(&self.request).await?.expect(self.status, "repeating a request")?;
        Ok(())
    }
}

/// How long things took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The latest; 0 without values.
    pub(crate) fn last(&self) -> f64 {
        self.0.last().copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50.0)
    }

    /// The smallest value that so many per cent do not exceed; 0 without values.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) visits: u64,
    pub(crate) took: Duration,
    /// Milliseconds per visit.
    pub(crate) latencies: Samples,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.visits as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }
}

/// Everybody visits as often as possible for so long.
pub(crate) async fn closed<V: Visitor>(visitors: Vec<V>, time: Duration) -> Result<(Outcome, Vec<V>), Fault> {
    let began = Instant::now();
    let set = LocalSet::new();
    let tasks: Vec<_> =
        visitors.into_iter().map(|visitor| set.spawn_local(until(visitor, began + time))).collect();
    set.await;
    let mut outcome = Outcome::default();
    let mut visitors = Vec::new();
    for task in tasks {
        let (latencies, visitor) = task.await.map_err(|error| Fault::Program(error.to_string()))??;
        outcome.visits += latencies.0.len() as u64;
        outcome.latencies.extend(latencies);
        visitors.push(visitor);
    }
    outcome.took = began.elapsed();
    Ok((outcome, visitors))
}

async fn until<V: Visitor>(mut visitor: V, end: Instant) -> Result<(Samples, V), Fault> {
    let mut latencies = Samples::default();
    let mut began = Instant::now();
    while began < end {
        visitor.visit().await?;
        let now = Instant::now();
        latencies.add(millis(now - began));
        began = now;
    }
    Ok((latencies, visitor))
}

/// One visitor, so many times a second.
pub(crate) async fn paced<V: Visitor>(
    visitor: &mut V,
    per_second: u32,
    time: Duration,
) -> Result<Samples, Fault> {
    let mut clock = interval(Duration::from_secs(1) / per_second.max(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut latencies = Samples::default();
    let end = Instant::now() + time;
    while Instant::now() < end {
        clock.tick().await;
        let began = Instant::now();
        visitor.visit().await?;
        latencies.add(millis(began.elapsed()));
    }
    Ok(latencies)
}

pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let mut samples = Samples::default();
        (1..=200).rev().for_each(|n| samples.add(f64::from(n)));
        assert_eq!((samples.median(), samples.percentile(99.0)), (100.0, 198.0));
        assert_eq!(Samples::default().median(), 0.0);
    }
}
