//! Applications that hold codes and refresh tokens.

use super::Tally;
use crate::{
    Fault,
    application::{Application, Tokens, tokens},
    browser::{Browser, End},
    http::{Connection, Request},
    place::Place,
};

/// So many refresh generations to a code.
const GENERATIONS: usize = 6;

/// Somebody who is signed in, and the application that acts for them.
pub(super) struct Holder {
    browser: Browser,
    connection: Connection,
    application: Application,
    name: String,
    current: Option<Grant>,
    /// Whether the current grant was being used when the server died.
    is_under_way: bool,
    generation: usize,
    /// Used and acknowledged, or revoked, since the last restart.
    spent: Vec<Grant>,
    before: Vec<Grant>,
}

/// Something that brings tokens once.
#[derive(Clone)]
enum Grant {
    Code(String),
    Refresh(String),
}

impl Grant {
    fn request(&self, application: &Application) -> Request {
        match self {
            Self::Code(code) => application.exchange(code),
            Self::Refresh(token) => application.refresh(token),
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Refresh(_) => "refresh token",
        }
    }
}

impl Holder {
    pub(super) async fn new(place: &Place, application: &Application, number: u32) -> Result<Self, Fault> {
        let name = format!("holder-{number}");
        let mut browser = Browser::new(place);
        match browser.enrol(&name, "password of a holder").await? {
            End::Accepted(_) => {}
            end => return Err(Fault::Program(format!("{name} enrols: {end:?}"))),
        }
        Ok(Self {
            browser,
            connection: place.connect(),
            application: application.clone(),
            name,
            current: None,
            is_under_way: false,
            generation: 0,
            spent: Vec::new(),
            before: Vec::new(),
        })
    }

    /// Takes a code, uses it, uses the refresh token that came of it, and so on; revokes the last.
    pub(super) async fn act(&mut self) -> Result<(), Fault> {
        let Some(grant) = self.current.clone() else {
            self.current = Some(Grant::Code(self.application.code(&mut self.browser).await?));
            self.generation = 0;
            return Ok(());
        };
        self.is_under_way = true;
        if self.generation == GENERATIONS {
            if let Grant::Refresh(token) = &grant {
                let request = self.application.revoke(token);
                self.connection.send(&request).await?.expect(200, "revoking a refresh token")?;
            }
            self.current = None;
        } else {
            let fresh = tokens(&mut self.connection, &grant.request(&self.application)).await?;
            let refused = || Fault::Program(format!("the first use of a {} is refused", grant.label()));
            self.current = Some(Grant::Refresh(fresh.ok_or_else(refused)?.refresh));
            self.generation += 1;
        }
        self.is_under_way = false;
        self.spent.push(grant);
        Ok(())
    }

    pub(super) async fn look_back(&mut self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        // One of the two connections was idle when the server died, and does not know yet.
        self.browser.hang_up();
        self.connection.close();
        if !self.browser.is_signed_in().await? {
            tally.complain(format!("the session of {} is lost", self.name));
        }
        if let Some(grant) = self.current.take() {
            let accepted = self.use_twice_at_once(place, &grant).await?;
            match (accepted, self.is_under_way) {
                (0, false) => tally.complain(format!("a {} of {} is lost", grant.label(), self.name)),
                (2, _) => tally.complain(format!("a {} of {} is accepted twice", grant.label(), self.name)),
                _ => tally.grant(),
            }
            self.is_under_way = false;
            self.spent.push(grant);
        }
        self.refuses_all(&self.spent.clone(), tally).await?;
        self.before.append(&mut self.spent);
        Ok(())
    }

    pub(super) async fn look_back_on_all(&mut self, tally: &mut Tally) -> Result<(), Fault> {
        self.refuses_all(&self.before.clone(), tally).await
    }

    async fn use_twice_at_once(&mut self, place: &Place, grant: &Grant) -> Result<usize, Fault> {
        let request = grant.request(&self.application);
        let mut other = place.connect();
        let (one, two) = tokio::join!(self.connection.send(&request), other.send(&request));
        let both = [Tokens::of(&one?)?, Tokens::of(&two?)?];
        Ok(both.iter().flatten().count())
    }

    async fn refuses_all(&mut self, grants: &[Grant], tally: &mut Tally) -> Result<(), Fault> {
        for grant in grants {
            tally.refusal();
            if tokens(&mut self.connection, &grant.request(&self.application)).await?.is_some() {
                tally.complain(format!("a used {} of {} is accepted again", grant.label(), self.name));
            }
        }
        Ok(())
    }
}
