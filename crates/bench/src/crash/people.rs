//! People who enrol, and people who change their passwords.

use std::collections::BTreeMap;

use super::Tally;
use crate::{
    Fault,
    browser::{Browser, End},
    place::Place,
};

/// Enrols one person after the other.
pub(super) struct Enroller {
    browser: Browser,
    number: u32,
    /// Acknowledged since the last restart.
    recent: Vec<Person>,
    before: Vec<Person>,
    /// Under way when the server died.
    under_way: Option<Person>,
}

struct Person {
    username: String,
    password: String,
    cookies: BTreeMap<String, String>,
}

impl Enroller {
    pub(super) fn new(place: &Place, number: u32) -> Self {
        Self { browser: Browser::new(place), number, recent: Vec::new(), before: Vec::new(), under_way: None }
    }

    pub(super) async fn act(&mut self) -> Result<(), Fault> {
        let count = self.recent.len() + self.before.len();
        let name = format!("person-{}-{count}", self.number);
        let person =
            Person { password: format!("password of {name}"), username: name, cookies: BTreeMap::new() };
        let person = self.under_way.insert(person);
        self.browser.set_cookies(BTreeMap::new());
        match self.browser.enrol(&person.username, &person.password).await? {
            End::Accepted(_) => {
                let cookies = self.browser.cookies().clone();
                self.recent.extend(self.under_way.take().map(|person| Person { cookies, ..person }));
                Ok(())
            }
            End::Busy(_) => Ok(()),
            End::Refused => Err(Fault::Program(format!("{} may not enrol", person.username))),
        }
    }

    pub(super) async fn look_back(&mut self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        tally.enrolments(self.recent.len());
        for person in &self.recent {
            self.browser.set_cookies(person.cookies.clone());
            if !self.browser.is_signed_in().await? {
                tally.complain(format!("the session of {} is lost", person.username));
            }
        }
        if let Some(last) = self.recent.last() {
            last.sign_in(place, tally).await?;
        }
        if let Some(person) = self.under_way.take() {
            self.browser.set_cookies(BTreeMap::new());
            // Either it happened, and then wholly, or it can happen now.
            if self.browser.enrol(&person.username, &person.password).await? == End::Refused {
                person.sign_in(place, tally).await?;
            }
            self.before.push(person);
        }
        self.before.append(&mut self.recent);
        Ok(())
    }

    pub(super) async fn look_back_on_all(&mut self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        for person in &self.before {
            person.sign_in(place, tally).await?;
        }
        Ok(())
    }
}

impl Person {
    async fn sign_in(&self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        if !signs_in(&mut Browser::new(place), &self.username, &self.password).await? {
            tally.complain(format!("{} enrolled and cannot sign in", self.username));
        }
        Ok(())
    }
}

/// Changes one password again and again.
pub(super) struct Changer {
    browser: Browser,
    username: String,
    password: String,
    /// Asked for when the server died.
    under_way: Option<String>,
    changes: u64,
    looked_at: u64,
}

impl Changer {
    pub(super) async fn new(place: &Place, number: u32) -> Result<Self, Fault> {
        let (username, password) = (format!("changer-{number}"), "the first password".to_owned());
        let mut browser = Browser::new(place);
        match browser.enrol(&username, &password).await? {
            End::Accepted(_) => {
                Ok(Self { browser, username, password, under_way: None, changes: 0, looked_at: 0 })
            }
            end => Err(Fault::Program(format!("{username} enrols: {end:?}"))),
        }
    }

    pub(super) async fn act(&mut self) -> Result<(), Fault> {
        let password = format!("password number {}", self.changes + 1);
        self.under_way = Some(password.clone());
        match self.browser.change_password(&password).await? {
            End::Accepted(_) => {
                self.changes += 1;
                self.password = password;
                self.under_way = None;
                Ok(())
            }
            End::Busy(_) => Ok(()),
            End::Refused => Err(Fault::Program(format!("{} may not change the password", self.username))),
        }
    }

    pub(super) async fn look_back(&mut self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        tally.passwords(self.changes - self.looked_at);
        self.looked_at = self.changes;
        let mut browser = Browser::new(place);
        let mut is_in = signs_in(&mut browser, &self.username, &self.password).await?;
        if let Some(password) = self.under_way.take()
            && !is_in
        {
            // Another browser: the first still stands before the password it refused.
            browser = Browser::new(place);
            is_in = signs_in(&mut browser, &self.username, &password).await?;
            self.password = password;
            self.changes += 1;
        }
        if !is_in {
            tally.complain(format!("the latest password of {} is lost", self.username));
        }
        self.browser = browser;
        Ok(())
    }
}

async fn signs_in(browser: &mut Browser, username: &str, password: &str) -> Result<bool, Fault> {
    match browser.sign_in(username, password).await? {
        End::Accepted(_) => Ok(true),
        End::Refused => Ok(false),
        End::Busy(_) => Err(Fault::Program("a server without load is busy".to_owned())),
    }
}
