//! Puts the rooms together: from the configuration to a [`House`], from the house to the [`App`] of requests.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Weak},
    time::Duration,
};

use countersign_api::{Api, ApiParts};
use countersign_blueprints::{Blueprints, Keeper, Library};
use countersign_config::{ClientCertificates, Config, Synchronous};
use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer, SystemClock, SystemRng};
use countersign_expr::{Evaluator, EvaluatorOptions};
use countersign_flows::{Executor, FlowServices, StageKinds};
use countersign_geo::Atlas;
use countersign_i18n::Catalogues;
use countersign_mail::{Library as Letters, Mail, MailParts, Outbox, Server};
use countersign_notifications::{Notifier, NotifierParts};
use countersign_outbound::{Outbound, Rules};
use countersign_policies::{
    Breaches, Expressions, MappingKinds, Policies, PolicyKinds, Reach, Reputations, Surroundings, TokenMint,
};
use countersign_registry::Registry;
use countersign_store::{Durability, Store, StoreOptions};
use countersign_tasks::Schedule;
use countersign_types::{Clock, Rng, Span};
use countersign_web::{App, AppParts, CertificateSource, Limits, Rate, TrustedProxies, WebSettings};
use url::Url;

use crate::{
    Failure,
    library_watch::LibraryWatch,
    master_key,
    outside::doors,
    registry::{self, Kinds, Protocols},
    seams::seams,
};

/// Time and randomness.
#[derive(Clone)]
pub struct Circumstances {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

impl Circumstances {
    /// Those of the machine.
    pub fn real() -> Self {
        Self { clock: Arc::new(SystemClock), rng: Arc::new(SystemRng) }
    }
}

/// The database and what stands beside it: all that commands work with.
pub struct House {
    /// The configuration.
    pub config: Config,
    /// The database, its tables up to date.
    pub store: Store,
    /// Seals secrets.
    pub sealer: Sealer,
    /// Password hashes.
    pub hashes: HashPool,
    /// Every kind of object.
    pub registry: Arc<Registry>,
    /// Mail.
    pub mail: Mail,
    catalogues: Catalogues,
    stages: StageKinds,
    policies: PolicyKinds,
    /// What kinds of property mapping are given and return.
    pub mappings: MappingKinds,
    /// Time and randomness.
    pub circumstances: Circumstances,
}

impl House {
    /// Opens the database and brings it up to date.
    pub fn open(config: Config, circumstances: Circumstances) -> Result<Self, Failure> {
        let Circumstances { clock, rng } = circumstances.clone();
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| Failure::words(format!("data_dir {}: {error}", config.data_dir.display())))?;
        let master = match &config.secret_key {
            Some(secret) => MasterKey::from_secret(secret)?,
            None => MasterKey::load_or_create(&config.data_dir.join("keys").join("master"), &*rng)?,
        };
        let sealer = Sealer::new(master, &[], Arc::clone(&rng));
        let hashes = HashPool::new(hash_options(&config), Arc::clone(&rng))?;
        let store = Store::open(store_options(&config), clock, rng)?;
        let report = store.migrate()?;
        if !report.applied.is_empty() {
            tracing::info!(applied = ?report.applied, "the database is up to date");
        }
        master_key::check(&store, &sealer)?;
        let Kinds { registry, stages, policies, mappings } = registry::every(Kinds::new(sealer.clone()));
        let catalogues = Catalogues::load()?;
        let parts = MailParts {
            library: Letters::embedded().with_directory(&config.data_dir.join("templates")),
            catalogues: catalogues.clone(),
            server: Server::of(&config.email),
            home: config.web.base_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
            routes: Box::new(registry::MailRoutes::new(&sealer)),
        };
        let mail = Mail::new(&store, Outbox::new(sealer.clone()), parts);
        let registry = registry.telling(mail.notices());
        let (library, doors) = (library(&config), doors(&config, None));
        let registry =
            Arc::new_cyclic(|own| registry.keeping(Arc::new(Keeper::new(Weak::clone(own), library, doors))));
        Ok(Self {
            config,
            store,
            sealer,
            hashes,
            registry,
            mail,
            catalogues,
            stages,
            policies,
            mappings,
            circumstances,
        })
    }

    /// Blueprints over this house, embedded ones and those of `blueprints_dir`.
    pub fn blueprints(&self) -> Blueprints {
        let library = library(&self.config);
        Blueprints::new(self.store.clone(), Arc::clone(&self.registry), self.hashes.clone(), library)
            .reaching(doors(&self.config, None))
    }

    /// Keeps the files of `blueprints_dir` applied; none without such a directory.
    pub fn library_watch(&self) -> Option<Arc<dyn Schedule>> {
        self.config.blueprints_dir.as_ref()?;
        Some(Arc::new(LibraryWatch::new(self.blueprints())))
    }

    /// The REST API.
    pub(crate) fn api(&self, app: &Arc<App>, protocols: &Arc<Protocols>) -> Arc<Api> {
        Api::new(ApiParts {
            registry: Arc::clone(&self.registry),
            access_tokens: protocols.access_tokens(),
            seams: seams(self, app, protocols),
        })
    }

    /// Who notifies of events.
    pub(crate) fn notifier(&self, app: &App) -> Notifier {
        let services = app.services();
        Notifier::new(NotifierParts {
            store: services.store.clone(),
            sealer: Arc::clone(&services.sealer),
            policies: Arc::clone(&services.policies),
            mail: services.mail.clone(),
            catalogues: self.catalogues.clone(),
            networks: services.networks.clone(),
        })
    }

    /// What requests work with, and the protocols that applications speak.
    pub(crate) fn app(&self) -> Result<(Arc<App>, Arc<Protocols>), Failure> {
        let Circumstances { clock, rng } = self.circumstances.clone();
        let (sealer, store) = (Arc::new(self.sealer.clone()), self.store.clone());
        let protocols = Arc::new(Protocols::new(&store, &self.sealer, &*rng));
        let evaluator = Evaluator::new(evaluator_options(&self.config), Arc::clone(&clock));
        let limits = expression_limits(&self.config);
        let atlas = atlas(&self.config);
        let reach = expression_reach(self, atlas.clone(), protocols.mint(&self.circumstances))?;
        let expressions = Expressions::new(store.clone(), evaluator, limits).reaching(reach);
        let expressions = Arc::new(expressions.mapping_as(self.mappings.clone()));
        let surroundings = Surroundings {
            reputations: Reputations::new(&store, atlas.clone(), reputation_span(&self.config)),
            hashes: Some(self.hashes.clone()),
            breaches: breaches(&self.config)?,
            atlas,
        };
        let (known, sealing) = (self.policies.clone(), Arc::clone(&sealer));
        let policies = Policies::within(surroundings, store.clone(), known, expressions, sealing);
        let services = FlowServices {
            store,
            sealer,
            hashes: self.hashes.clone(),
            policies: Arc::new(policies),
            mail: self.mail.clone(),
            networks: self.config.expressions.requests_networks.clone(),
            kinds: protocols.append(self.stages.clone()),
            clock,
            rng,
        };
        let app = App::new(AppParts {
            executor: Arc::new(Executor::new(services)),
            catalogues: self.catalogues.clone(),
            settings: web_settings(&self.config),
        });
        Ok((app, protocols))
    }
}

/// The blueprints that there are.
fn library(config: &Config) -> Library {
    match &config.blueprints_dir {
        Some(directory) => Library::embedded().with_directory(directory),
        None => Library::embedded(),
    }
}

fn store_options(config: &Config) -> StoreOptions {
    let mut options = StoreOptions::new(config.database().url().expose().as_str());
    options.readers = usize::try_from(config.sqlite.readers).unwrap_or(1);
    options.connections = usize::try_from(config.postgresql.max_connections).unwrap_or(1);
    options.durability = match config.sqlite.synchronous {
        Synchronous::Normal => Durability::Normal,
        Synchronous::Full | Synchronous::Extra => Durability::Full,
    };
    options
}

fn hash_options(config: &Config) -> HashOptions {
    let argon2 = &config.argon2;
    let half_the_cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get) / 2;
    let threads = NonZeroUsize::new(argon2.threads.unwrap_or_else(half_the_cores));
    HashOptions {
        memory_kib: argon2.memory_kib,
        iterations: argon2.iterations,
        parallelism: argon2.parallelism,
        threads: threads.unwrap_or(NonZeroUsize::MIN),
        queue: argon2.queue,
        ..HashOptions::default()
    }
}

fn evaluator_options(config: &Config) -> EvaluatorOptions {
    EvaluatorOptions { memory: config.expressions.memory_mib << 20, ..EvaluatorOptions::default() }
}

fn expression_limits(config: &Config) -> countersign_expr::Limits {
    let expressions = &config.expressions;
    countersign_expr::Limits {
        time: Duration::from_millis(expressions.time_ms),
        recursion: expressions.recursion,
        host_calls: expressions.host_calls,
        waiting: Duration::from_millis(expressions.waiting_ms),
        ..countersign_expr::Limits::default()
    }
}

fn atlas(config: &Config) -> Atlas {
    let files = &config.context_processors;
    Atlas::open(files.geoip.clone(), files.asn.clone())
}

fn reputation_span(config: &Config) -> Span {
    Span::from_secs(config.reputation.expiry.into())
}

fn breaches(config: &Config) -> Result<Option<Breaches>, Failure> {
    let list = config.passwords.breached_url.as_ref().map(|url| Breaches::new(url.as_str()));
    list.transpose().map_err(|error| Failure::words(format!("passwords.breached_url: {error}")))
}

/// What expressions reach beyond the database.
fn expression_reach(house: &House, atlas: Atlas, mint: Arc<dyn TokenMint>) -> Result<Reach, Failure> {
    let expressions = &house.config.expressions;
    let wrong = |error: &dyn std::fmt::Display| Failure::words(format!("expressions.requests_to: {error}"));
    let listed = expressions.requests_to.as_deref().unwrap_or_default().split(',').map(str::trim);
    let hosts = listed.filter(|host| !host.is_empty()).map(str::parse).collect::<Result<_, _>>();
    let rules = Rules {
        hosts: hosts.map_err(|error: &'static str| wrong(&error))?,
        networks: expressions.requests_networks.clone(),
    };
    let is_open = expressions.dns || !rules.hosts.is_empty();
    let outbound = is_open.then(|| Outbound::new(rules)).transpose().map_err(|error| wrong(&error))?;
    Ok(Reach {
        atlas,
        outbound,
        dns: expressions.dns,
        answer_bytes: expressions.requests_bytes,
        answer_time: Duration::from_millis(expressions.waiting_ms),
        mint: Some(mint),
        devices: Vec::new(),
        mail: Some(house.mail.clone()),
        registry: Some(Arc::clone(&house.registry)),
    })
}

fn web_settings(config: &Config) -> WebSettings {
    let defaults = Limits::default();
    let body = config.limits.body_bytes;
    let per_address = config.throttle.sign_in_per_address;
    WebSettings {
        // The configuration accepts addresses only.
        base_url: config.web.base_url.as_ref().and_then(|url| Url::parse(url.as_str()).ok()),
        trusted_proxies: TrustedProxies::new(config.listen.trusted_proxy_cidrs.clone()),
        client_certificates: match config.tls.client_certificates {
            ClientCertificates::None => CertificateSource::Nowhere,
            ClientCertificates::Listener => CertificateSource::Listener,
            ClientCertificates::Envoy => CertificateSource::Envoy,
            ClientCertificates::Nginx => CertificateSource::Nginx,
            ClientCertificates::Traefik => CertificateSource::Traefik,
        },
        limits: Limits { json_bytes: body, header_bytes: config.limits.header_bytes, ..defaults },
        sign_in_rate: match per_address {
            Some(rate) => Rate { burst: rate.count.div_ceil(2), times: rate.count, per: rate.per },
            None => Rate { burst: 1, times: 0, per: Span::ZERO },
        },
        ..WebSettings::default()
    }
}
