//! The server of a test.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use countersign_blueprints::{Report, Selection, Source};
use countersign_config::{Config, Database, ListenAddr};
use countersign_crypto::{SystemClock, SystemRng};
use countersign_mail::Outbox;
use countersign_model::CertificateKeyPair;
use countersign_policies::MappingKinds;
use countersign_registry::{Actor, Registry};
use countersign_server::{Circumstances, Failure, House, Serving, Stopper};
use countersign_store::{
    Backend, Store, jobs, key_pairs,
    testing::{ManualClock, TestDatabase, orphans},
};
use countersign_types::{Clock as _, JsonObject, Secret, Span};
use tempfile::TempDir;
use tokio::sync::oneshot;
use url::Url;

use crate::{MailSink, Person, log, secrets::Secrets};

/// The first administrator.
pub const ADMINISTRATOR: &str = "akadmin";

/// A server on a fresh database.
pub struct TestApp {
    /// Its time, which stands still at the moment of the start until it is moved.
    pub clock: Arc<ManualClock>,
    /// The mail server that it sends by.
    pub mail: MailSink,
    config: Config,
    house: Arc<House>,
    base: Url,
    https: Option<SocketAddr>,
    setup_code: Option<Secret<String>>,
    secrets: Secrets,
    admin_password: String,
    stopper: Stopper,
    runtime: Option<(JoinHandle<()>, tokio::runtime::Handle)>,
    _database: TestDatabase,
    _folder: TempDir,
}

/// What the thread of a server says once it listens.
struct Started {
    house: Arc<House>,
    address: SocketAddr,
    https: Option<SocketAddr>,
    setup_code: Option<Secret<String>>,
    stopper: Stopper,
    runtime: tokio::runtime::Handle,
}

impl TestApp {
    /// A server whose initial set-up is open. None when it would need a PostgreSQL and there is no server.
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::start_with(backend, |_| {}).await
    }

    /// A server with another configuration.
    pub async fn start_with(backend: Backend, change: impl FnOnce(&mut Config)) -> Option<Self> {
        log::begin();
        countersign_server::install_tls_provider();
        let database = TestDatabase::new(backend)?;
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = Secrets::default();
        let mail = MailSink::open();
        let mut config = configuration(folder.path(), backend, &database);
        (config.email.host, config.email.port) = (Some("127.0.0.1".to_owned()), mail.port());
        config.email.from = "Countersign <id@example.com>".to_owned();
        change(&mut config);
        // The command line beside the server has the machine's time.
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let started = serve(config.clone(), Arc::clone(&clock)).await;
        let (thread, started) =
            started.unwrap_or_else(|failure| panic!("the server does not start: {failure}"));
        let Started { house, address, https, setup_code, stopper, runtime } = started;
        if let Some(code) = &setup_code {
            secrets.plant(code.expose());
        }
        Some(Self {
            clock,
            mail,
            config,
            house,
            base: Url::parse(&format!("http://localhost:{}/", address.port())).expect("an address"),
            https,
            setup_code,
            admin_password: secrets.password(),
            secrets,
            stopper,
            runtime: Some((thread, runtime)),
            _database: database,
            _folder: folder,
        })
    }

    /// Where it speaks HTTPS, if it was configured to.
    pub const fn https(&self) -> Option<SocketAddr> {
        self.https
    }

    /// Moves time on.
    pub fn advance(&self, span: Span) {
        self.clock.advance(span);
    }

    /// The server's database, for looking behind the pages.
    pub fn store(&self) -> &Store {
        &self.house.store
    }

    /// Waits until the start has nothing left to do: a key that is made beside it changes the configuration, which
    /// the next request then loads anew. For tests that count trips.
    pub async fn settled(&self) {
        let store = self.house.store.background();
        let is_made = |pair: &CertificateKeyPair| !pair.versions.is_empty();
        let began = Instant::now();
        while !store.read(key_pairs::all).await.expect("the database").iter().all(is_made) {
            assert!(began.elapsed() < Duration::from_secs(60), "the keys of the start are not made");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What takes its letters.
    pub fn outbox(&self) -> &Outbox {
        self.house.mail.outbox()
    }

    /// Takes away the jobs that failed as they should have.
    pub async fn clear_dead_jobs(&self) {
        let cleared = self.store().write(|tx| {
            let dead = jobs::dead(tx, 1_000)?;
            jobs::delete(tx, &dead.iter().map(|job| job.id).collect::<Vec<_>>())
        });
        cleared.await.expect("the database");
    }

    /// The kinds that it has.
    pub fn registry(&self) -> &Registry {
        &self.house.registry
    }

    /// The same, to work with in a transaction.
    pub fn kinds(&self) -> Arc<Registry> {
        Arc::clone(&self.house.registry)
    }

    /// What its kinds of property mapping are given and return.
    pub fn mappings(&self) -> &MappingKinds {
        &self.house.mappings
    }

    /// Its configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Its address.
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// The one-time code of the initial set-up, as it is printed at start.
    pub fn setup_code(&self) -> Option<&str> {
        self.setup_code.as_ref().map(|code| code.expose().as_str())
    }

    /// Variables for the command line, so that it works on the same database.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("COUNTERSIGN_DATA_DIR", self.config.data_dir.display().to_string()),
            ("COUNTERSIGN_DATABASE_URL", self.config.database().url().expose().clone()),
        ];
        let http = self.config.listen.http.map(|_| format!("127.0.0.1:{}", self.base.port().unwrap_or(0)));
        variables.extend(http.map(|http| ("COUNTERSIGN_LISTEN__HTTP", http)));
        variables
    }

    /// Somebody nobody knows, with a fresh browser.
    pub fn anonymous(&self) -> Person {
        Person::new(self.base.clone())
    }

    /// A fresh password, which must not show up in the log.
    pub fn new_password(&self) -> String {
        self.secrets.password()
    }

    /// Remembers a secret that must not show up in the log.
    pub fn plant(&self, secret: &str) {
        self.secrets.plant(secret);
    }

    /// The administrator's password.
    pub fn admin_password(&self) -> &str {
        &self.admin_password
    }

    /// Passes the initial set-up, as its owner does, and returns him signed in.
    pub async fn finish_setup(&self) -> Person {
        let owner = self.anonymous();
        let page = owner.visit("/").await;
        assert_eq!(page.path(), "/if/flow/initial-setup/", "{}", page.body);
        let password = self.admin_password();
        let fields = [("email", "admin@example.com"), ("password", password), ("password_repeat", password)];
        let page = owner.answer(&page, &fields).await;
        assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
        owner
    }

    /// The administrator, signed in with a fresh browser.
    pub async fn admin(&self) -> Person {
        self.sign_in(ADMINISTRATOR, self.admin_password()).await
    }

    /// Somebody who signs in with a fresh browser.
    pub async fn sign_in(&self, username: &str, password: &str) -> Person {
        let person = self.anonymous();
        let page = person.sign_in_at("/", username, password).await;
        assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
        person
    }

    /// A new user who is signed in, with his password.
    pub async fn user(&self, username: &str) -> (Person, String) {
        let password = self.new_password();
        let blueprint = format!(
            "version: 1\nmetadata: {{ name: user {username} }}\nentries:\n  - model: authentik_core.user\n    \
             identifiers: {{ username: {username} }}\n    attrs: {{ name: Name of {username}, email: \
             {username}@example.com, password: {password} }}\n"
        );
        self.apply(&blueprint).await;
        (self.sign_in(username, &password).await, password)
    }

    /// A new user who is signed in and holds a role with these permissions, by a group of his own.
    pub async fn holder(&self, username: &str, permissions: &[&str]) -> Person {
        let permissions: String =
            permissions.iter().map(|permission| format!("        - permission: {permission}\n")).collect();
        let role = format!(
            "version: 1\nmetadata: {{ name: role of {username} }}\nentries:\n  - model: authentik_rbac.role\n    \
             id: role\n    identifiers: {{ name: role of {username} }}\n    attrs:\n      \
             permissions:\n{permissions}  - model: authentik_core.group\n    identifiers: {{ name: group of \
             {username} }}\n    attrs:\n      roles: [!KeyOf role]\n"
        );
        self.apply(&role).await;
        let (person, _) = self.user(username).await;
        let membership = format!(
            "version: 1\nmetadata: {{ name: membership of {username} }}\nentries:\n  - model: \
             authentik_core.user\n    identifiers: {{ username: {username} }}\n    attrs:\n      groups: [!Find \
             [authentik_core.group, [name, group of {username}]]]\n"
        );
        self.apply(&membership).await;
        person
    }

    /// Applies a blueprint; what it made is planted.
    pub async fn apply(&self, text: &str) -> Report {
        let source = Source::handed_in("test.yaml", text);
        let outcome = self.house.blueprints().apply(&source, &JsonObject::new(), &Actor::System).await;
        let report = outcome.unwrap_or_else(|error| panic!("{error}"));
        for (_, _, secret) in report.generated() {
            // A client's identifier is no secret, and stands in addresses.
            if secret.expose().len() > 40 {
                self.plant(secret.expose());
            }
        }
        report
    }

    /// What was selected, as a blueprint.
    pub async fn export(&self, selection: &Selection) -> String {
        let exported = self.house.blueprints().export(selection).await;
        exported.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Another house, on an empty database of the same sort, set up.
    pub async fn another(&self) -> Self {
        let backend = match self.config.database() {
            Database::Sqlite(_) => Backend::Sqlite,
            Database::Postgres(_) => Backend::Postgres,
        };
        let other = Self::start(backend).await.expect("a database like this one");
        other.finish_setup().await;
        other
    }

    /// Stops the server and looks round: nothing points to nothing, no job failed, and no planted secret
    /// stands in the log.
    pub async fn verify(mut self) {
        let found = self.store().read(orphans).await.expect("the database");
        assert_eq!(found, Vec::<String>::new());
        let (_, _, dead) = self.store().read(jobs::counts).await.expect("the database");
        assert_eq!(dead, 0, "jobs failed");
        self.stop();
        assert_eq!(self.secrets.count_in(&log::kept()), 0, "secrets stand in the log");
    }

    fn stop(&mut self) {
        let Some((thread, runtime)) = self.runtime.take() else { return };
        let stopper = self.stopper.clone();
        runtime.spawn(stopper.stop(Duration::ZERO));
        assert!(thread.join().is_ok() || std::thread::panicking(), "the server panicked");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

fn configuration(folder: &Path, backend: Backend, database: &TestDatabase) -> Config {
    let mut config = Config::defaults(folder).expect("valid defaults");
    let url = database.options.url.clone();
    config.database_url = Some(match backend {
        Backend::Sqlite => Database::Sqlite(url.into()),
        Backend::Postgres => Database::Postgres(url.into()),
    });
    config.listen.http = Some(ListenAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
    (config.listen.https, config.listen.metrics) = (None, None);
    config.web.workers = Some(1);
    config.postgresql.max_connections = 4;
    // The least that is allowed: nobody attacks these hashes.
    (config.argon2.memory_kib, config.argon2.iterations) = (8192, 1);
    config
}

/// Serves on a thread of its own, until it is stopped.
async fn serve(config: Config, clock: Arc<ManualClock>) -> Result<(JoinHandle<()>, Started), Failure> {
    let (say, said) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let circumstances = Circumstances { clock, rng: Arc::new(SystemRng) };
        actix_rt::System::new().block_on(async move {
            let started = match House::open(config, circumstances) {
                Ok(house) => Serving::start(house).await,
                Err(failure) => Err(failure),
            };
            let serving = match started {
                Ok(serving) => serving,
                Err(failure) => {
                    drop(say.send(Err(failure)));
                    return;
                }
            };
            let started = Started {
                house: Arc::clone(serving.house()),
                address: serving.addresses().http.expect("a listener"),
                https: serving.addresses().https,
                setup_code: serving.setup_code().cloned(),
                stopper: serving.stopper(),
                runtime: tokio::runtime::Handle::current(),
            };
            drop(say.send(Ok(started)));
            serving.run().await.expect("a good end");
        });
    });
    let started = said.await.expect("a word of the server")?;
    Ok((thread, started))
}
