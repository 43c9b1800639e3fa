//! How long a body may take to arrive. The protocol's encoder bounds the time for header lines only; without a
//! bound here whoever sends one byte a minute holds a connection and a handler for as long as he likes.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpMessage as _,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

/// Puts a bound on the time in which the rest of the request arrives.
pub(super) fn limit(request: &mut ServiceRequest, patience: Duration) {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return;
    }
    let timely: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
        Box::pin(Timely { payload, patience, bell: None });
    request.set_payload(timely.into());
}

struct Timely {
    payload: Payload,
    patience: Duration,
    /// Runs from the first time that there was nothing to read: most bodies come with their header lines.
    bell: Option<Pin<Box<Sleep>>>,
}

impl Stream for Timely {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.payload).poll_next(cx);
        if polled.is_ready() {
            return polled;
        }
        let patience = self.patience;
        let bell = self.bell.get_or_insert_with(|| Box::pin(sleep(patience)));
        match bell.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into())))),
            Poll::Pending => Poll::Pending,
        }
    }
}
