//! A house with rules, transports and somebody at the other end.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use countersign_crypto::{MasterKey, Sealer, SystemClock, SystemRng};
use countersign_events::{EventDraft, record};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits};
use countersign_i18n::Catalogues;
use countersign_mail::{Mail, Outbox};
use countersign_model::{
    BoundTo, ConfigObject, ConfigObjectId, Event, EventAction, Family, Group, GroupId, Job, Notification,
    PolicyBinding, PolicyBindingId, User, UserId, UserType,
};
use countersign_notifications::{Delivery, Matching, Notifier, NotifierParts};
use countersign_policies::{
    Expressions, Policies, PolicyKinds,
    kinds::{event_matcher::EventMatcherPolicy, expression::ExpressionPolicy},
};
use countersign_store::{
    ListRequest, Store, StoreError, StoreOptions, config_objects, events, groups, jobs,
    notifications::{self, NotificationFilter},
    policy_bindings, users,
};
use countersign_tasks::{Worker, WorkerOptions};
use countersign_types::{JsonObject, PageRequest, RawId, Secret, Timestamp};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) notifier: Notifier,
    worker: Worker,
    _folder: tempfile::TempDir,
}

fn fresh() -> RawId {
    countersign_types::random_uuid(&SystemRng)
}

impl World {
    /// One in which webhooks reach nothing inside of the house.
    pub(crate) async fn new() -> Self {
        Self::reaching(&[]).await
    }

    pub(crate) async fn reaching(networks: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(folder.path().join("house.sqlite").display().to_string());
        let store = Store::open(options, Arc::new(SystemClock), Arc::new(SystemRng)).unwrap();
        store.migrate().unwrap();
        let options = EvaluatorOptions { threads: 1, queue: 64, memory: 64 * 1024 * 1024 };
        let evaluator = Evaluator::new(options, Arc::clone(store.clock()));
        let expressions = Arc::new(Expressions::new(store.clone(), evaluator, Limits::default()));
        let kinds = PolicyKinds::new().with::<ExpressionPolicy>().with::<EventMatcherPolicy>();
        let master = MasterKey::from_secret(&Secret::from("a secret of the tests, forty characters long"));
        let sealer = Arc::new(Sealer::new(master.unwrap(), &[], Arc::new(SystemRng)));
        let policies = Policies::new(store.clone(), kinds, expressions, Arc::clone(&sealer));
        let catalogues = Catalogues::load().unwrap();
        let outbox = Outbox::new(Sealer::clone(&sealer));
        let notifier = Notifier::new(NotifierParts {
            store: store.clone(),
            policies: Arc::new(policies),
            mail: Mail::without_server(&store, outbox, catalogues.clone()),
            networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
            sealer,
            catalogues,
        });
        notifier.listen().await.unwrap();
        let worker = Worker::new(&store, WorkerOptions::default())
            .with_handler(Arc::new(Matching(notifier.clone())))
            .with_handler(Arc::new(Delivery(notifier.clone())));
        Self { store, notifier, worker, _folder: folder }
    }

    pub(crate) async fn object(
        &self,
        family: Family,
        kind: &str,
        name: &str,
        config: Value,
    ) -> ConfigObjectId {
        let id = ConfigObjectId(fresh());
        let (kind, name) = (kind.to_owned(), name.to_owned());
        let object = ConfigObject { id, family, kind, name, managed: None, config };
        self.store.write(move |tx| config_objects::create(tx, &object)).await.unwrap();
        id
    }

    pub(crate) async fn transport(&self, name: &str, config: Value) -> ConfigObjectId {
        self.object(Family::NotificationTransport, countersign_events::TRANSPORT, name, config).await
    }

    pub(crate) async fn mapping(&self, name: &str, body: &str) -> ConfigObjectId {
        let kind = "authentik_events.notificationwebhookmapping";
        self.object(Family::PropertyMapping, kind, name, json!({ "expression": body })).await
    }

    /// A rule for the members of a group.
    pub(crate) async fn rule(
        &self,
        name: &str,
        transports: &[ConfigObjectId],
        group: GroupId,
    ) -> ConfigObjectId {
        let config = json!({ "transports": transports, "severity": "alert", "destination_group": group });
        self.object(Family::NotificationRule, countersign_events::RULE, name, config).await
    }

    /// Lets events of an action pass.
    pub(crate) async fn matching(&self, rule: ConfigObjectId, action: &str) {
        let kind = "authentik_policies_event_matcher.eventmatcherpolicy";
        let config = json!({ "action": action });
        let policy = self.object(Family::Policy, kind, &format!("{rule} {action}"), config).await;
        self.bind(rule, policy).await;
    }

    /// Lets pass what an expression says.
    pub(crate) async fn expressing(&self, rule: ConfigObjectId, body: &str) {
        let kind = "authentik_policies_expression.expressionpolicy";
        let config = json!({ "expression": body });
        let policy = self.object(Family::Policy, kind, &format!("{rule} expression"), config).await;
        self.bind(rule, policy).await;
    }

    async fn bind(&self, rule: ConfigObjectId, policy: ConfigObjectId) {
        let binding = PolicyBinding {
            id: PolicyBindingId(fresh()),
            target: rule.raw(),
            bound_to: BoundTo::Policy(policy),
            enabled: true,
            negate: false,
            order: 0,
            timeout: 30,
            failure_result: false,
            expires: None,
        };
        self.store.write(move |tx| policy_bindings::create(tx, &binding)).await.unwrap();
    }

    pub(crate) async fn group(&self, name: &str, parents: &[GroupId]) -> GroupId {
        let group = Group {
            id: GroupId(fresh()),
            name: name.to_owned(),
            is_superuser: false,
            attributes: JsonObject::new(),
            parents: parents.to_vec(),
        };
        let id = group.id;
        self.store.write(move |tx| groups::create(tx, &group)).await.unwrap();
        id
    }

    pub(crate) async fn user(&self, username: &str, group: Option<GroupId>) -> User {
        let user = User {
            id: UserId(fresh()),
            pk: 0,
            username: username.to_owned(),
            name: username.to_owned(),
            email: format!("{username}@example.com"),
            is_active: true,
            password: None,
            password_change_date: None,
            last_login: None,
            date_joined: Timestamp::from_secs(1_700_000_000),
            last_updated: Timestamp::from_secs(1_700_000_000),
            path: "users".to_owned(),
            user_type: UserType::Internal,
            attributes: JsonObject::new(),
        };
        let written = self.store.write(move |tx| {
            let user = User { pk: users::next_pk(tx)?, ..user.clone() };
            users::create(tx, &user)?;
            if let Some(group) = group {
                groups::add_member(tx, group, user.id)?;
            }
            Ok::<_, StoreError>(user)
        });
        written.await.unwrap()
    }

    /// Something happens.
    pub(crate) async fn happens(&self, draft: EventDraft) {
        self.store.write(move |tx| record(tx, draft.clone())).await.unwrap();
    }

    /// Does all that is due; how many tries that was.
    pub(crate) async fn work(&self) -> usize {
        self.worker.drain().await.unwrap()
    }

    pub(crate) async fn notified(&self, user: &User) -> Vec<Notification> {
        let id = user.id;
        let (filter, first) = (NotificationFilter::default(), ListRequest::first(100));
        self.store.read(move |tx| notifications::browse(tx, id, &filter, &first)).await.unwrap().items
    }

    pub(crate) async fn jobs(&self, kind: &str) -> Vec<Job> {
        let filter = jobs::JobFilter { kind: Some(kind.to_owned()), ..Default::default() };
        self.store.read(move |tx| jobs::list(tx, &filter, 0, 100)).await.unwrap()
    }

    pub(crate) async fn events(&self, action: EventAction) -> Vec<Event> {
        let filter = events::EventFilter { action: Some(action), ..Default::default() };
        let page = PageRequest::first(100);
        self.store.read(move |tx| events::list(tx, &filter, &page)).await.unwrap().items
    }
}

/// Something about which administrators want to hear.
pub(crate) fn mistake() -> EventDraft {
    EventDraft::new(EventAction::ConfigurationError, "countersign.tests")
        .with("message", "the tree has no leaves")
}

/// Takes requests and answers them.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    /// Answers with this status.
    pub(crate) async fn answering(status: u16) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = socket.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    let request = read(&mut stream).await;
                    kept.lock().unwrap().push(request);
                    let answer =
                        format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?key=1", self.address)
    }

    /// What came, head and content.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The content of each.
    pub(crate) fn contents(&self) -> Vec<Value> {
        let content = |request: &String| request.split_once("\r\n\r\n").unwrap().1.to_owned();
        self.requests().iter().map(|request| serde_json::from_str(&content(request)).unwrap()).collect()
    }
}

/// A request, as long as it says it is.
async fn read(stream: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap();
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, content)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if content.len() >= length.trim().parse::<usize>().unwrap() {
                return text;
            }
        }
        assert!(count > 0, "the request ended early");
    }
}
