//! Every setting of the server: its name, type, default, bounds, other names and help.
//!
//! Sections and keys are authentik's where it has them. After a change, run
//! `cargo run -p countersign-config --example reference > docs/reference/configuration.md`.

use std::path::PathBuf;

use countersign_types::{Secret, Span};
use ipnet::IpNet;

use crate::{
    ClientCertificates, Database, HttpUrl, ListenAddr, LogFormat, LogLevel, Provenance, Rate, SslMode,
    Synchronous, table::settings,
};

settings! {
    /// Settings outside any section.
    "" => Config {
        /// Master secret from which the key that seals secrets in the database is derived: 50 or more random
        /// characters. Unset, a key file is made under `data_dir` at the first start. Losing or changing it
        /// makes sealed secrets unreadable.
        secret_key: Option<Secret<String>> = "";
        /// Directory of everything that is kept outside the database: the SQLite database itself, key files,
        /// self-signed certificates.
        data_dir: PathBuf = "./data";
        /// Database: `postgres://user:password@host/name`, or the path of an SQLite file. Unset, PostgreSQL is
        /// used when `postgresql.host` is set, and `countersign.sqlite3` under `data_dir` otherwise.
        database_url: Option<Database> = "";
        /// How much is logged.
        log_level: LogLevel = "info";
        /// Directory of further blueprints that are applied at start and when they change, beside those built in.
        blueprints_dir: Option<PathBuf> = "";
        /// Variables that `!Env` of blueprints may read, separated by commas; a `*` at the end stands for any ending.
        /// The server's own stay closed, but for those of the bootstrap.
        blueprints_env: String = "BLUEPRINT_*";
        /// Files and directories that `!File` of blueprints may read, separated by commas. Nothing unless it is set, but
        /// for what stands beside a file that is applied at the command line. `data_dir` stays closed.
        blueprints_files: Option<String> = "";
    }
    with {
        /// Where the server listens, and whom it believes about addresses.
        listen: Listen;
        /// How browsers reach the server.
        web: Web;
        /// Certificate of the HTTPS listener.
        tls: Tls;
        /// PostgreSQL.
        postgresql: Postgresql;
        /// The embedded database.
        sqlite: Sqlite;
        /// Logging.
        log: Log;
        /// Outgoing mail.
        email: Email;
        /// Set-up without a browser.
        bootstrap: Bootstrap;
        /// Cost of password hashes.
        argon2: Argon2;
        /// Limits on sign-in attempts.
        throttle: Throttle;
        /// Limits on requests.
        limits: Limits;
        /// Limits on expressions.
        expressions: Expressions;
        /// Where addresses are.
        context_processors: ContextProcessors;
        /// Reputations of addresses and accounts.
        reputation: Reputation;
        /// Passwords that people choose.
        passwords: Passwords;
        /// Where each value came from.
        provenance: Provenance;
    }
}

settings! {
    /// Where the server listens, and whom it believes about addresses. `[::]` also takes IPv4 where the system
    /// allows it. `:9000` and `9000` mean every address, `off` closes the listener.
    "listen" => Listen {
        /// Plain HTTP.
        http: Option<ListenAddr> = "[::]:9000" or "COMPOSE_PORT_HTTP";
        /// HTTPS, with a self-signed certificate unless `tls.certificate` is set.
        https: Option<ListenAddr> = "[::]:9443" or "COMPOSE_PORT_HTTPS";
        /// Prometheus metrics, without authentication: keep it inside.
        metrics: Option<ListenAddr> = "[::]:9300";
        /// Networks of reverse proxies, separated by commas, whose `X-Forwarded-*` headers are believed; `none`
        /// believes nobody. Only loopback by default: whoever is believed can claim to be anyone.
        trusted_proxy_cidrs: Vec<IpNet> = "127.0.0.0/8,::1/128";
    }
}

settings! {
    /// How browsers reach the server.
    "web" => Web {
        /// Threads that serve requests. Unset, one for each processor core.
        workers: Option<usize> = "" in 1..=256;
        /// Public address, such as `https://id.example.com`, for links outside a request (in mail, on the
        /// command line). Unset, the address of the request is used where there is one.
        base_url: Option<HttpUrl> = "";
    }
}

settings! {
    /// Certificate of the HTTPS listener. Both or neither.
    "tls" => Tls {
        /// PEM file with the certificate, followed by its intermediates.
        certificate: Option<PathBuf> = "";
        /// PEM file with the private key.
        key: Option<PathBuf> = "";
        /// Where certificates of clients come from, for stages that ask for one: `listener` asks for them on our own
        /// HTTPS listener (browsers then ask people who have some); the others are the header into which a
        /// reverse proxy of `listen.trusted_proxy_cidrs` puts them, Envoy, nginx and Traefik in this order. The
        /// proxy must take the header out of what clients send.
        client_certificates: ClientCertificates = "none";
    }
}

settings! {
    /// PostgreSQL, used when `host` is set. The other values alone (as `PG_PASS` in a `.env`) do not turn it on.
    "postgresql" => Postgresql {
        /// Host name, address, or directory of the socket.
        host: Option<String> = "";
        /// Port.
        port: u16 = "5432" in 1..=65535;
        /// Database. Give Countersign one of its own.
        name: String = "countersign" or "PG_DB";
        /// User.
        user: String = "countersign" or "PG_USER";
        /// Password.
        password: Option<Secret<String>> = "" or "PG_PASS";
        /// Protection of the connection.
        sslmode: SslMode = "prefer";
        /// PEM file with the authorities that may sign the server's certificate.
        sslrootcert: Option<PathBuf> = "";
        /// PEM file with the client's certificate.
        sslcert: Option<PathBuf> = "";
        /// PEM file with the client's private key.
        sslkey: Option<PathBuf> = "";
        /// Most connections held by this process, whichever way PostgreSQL was configured.
        max_connections: u32 = "16" in 1..=500;
    }
}

settings! {
    /// The embedded database.
    "sqlite" => Sqlite {
        /// When a commit counts as done. `full` survives a power cut; `normal` may lose the last commits.
        synchronous: Synchronous = "full";
        /// Connections that read beside the one that writes.
        readers: u32 = "4" in 1..=64;
    }
}

settings! {
    /// Logging.
    "log" => Log {
        /// Form of a line.
        format: LogFormat = "text";
        /// Levels by module, such as `info,countersign_store=debug`; overrides `log_level`.
        filter: Option<String> = "";
    }
}

settings! {
    /// Outgoing mail. Without `host` none is sent; stages may have mail servers of their own.
    "email" => Email {
        /// SMTP server.
        host: Option<String> = "";
        /// Port.
        port: u16 = "25" in 1..=65535;
        /// User name, when the server asks for one.
        username: Option<String> = "";
        /// Password.
        password: Option<Secret<String>> = "";
        /// Start TLS on the plain connection (STARTTLS).
        use_tls: bool = "false";
        /// TLS from the first byte. Not together with `use_tls`.
        use_ssl: bool = "false";
        /// How long the server may take to answer.
        timeout: Span = "seconds=10";
        /// Sender: an address, or `Name <address>`.
        from: String = "countersign@localhost";
    }
}

settings! {
    /// Set-up without a browser: the administrator `akadmin` of an empty database. Ignored afterwards.
    "bootstrap" => Bootstrap {
        /// Password.
        password: Option<Secret<String>> = ""
            or "COUNTERSIGN_BOOTSTRAP_PASSWORD" or "AUTHENTIK_BOOTSTRAP_PASSWORD";
        /// Password as an argon2, bcrypt or Django hash. Not together with `password`.
        password_hash: Option<Secret<String>> = ""
            or "COUNTERSIGN_BOOTSTRAP_PASSWORD_HASH" or "AUTHENTIK_BOOTSTRAP_PASSWORD_HASH";
        /// E-mail address.
        email: Option<String> = "" or "COUNTERSIGN_BOOTSTRAP_EMAIL" or "AUTHENTIK_BOOTSTRAP_EMAIL";
        /// API token.
        token: Option<Secret<String>> = "" or "COUNTERSIGN_BOOTSTRAP_TOKEN" or "AUTHENTIK_BOOTSTRAP_TOKEN";
    }
}

settings! {
    /// Cost of password hashes (argon2id) and the pool that computes them. Hashes made with other parameters
    /// stay valid and are renewed at the next sign-in.
    "argon2" => Argon2 {
        /// Memory of one hash, in KiB.
        memory_kib: u32 = "19456" in 8192..=1048576;
        /// Passes over the memory.
        iterations: u32 = "2" in 1..=32;
        /// Lanes.
        parallelism: u32 = "1" in 1..=16;
        /// Threads that compute hashes. Unset, half the processor cores, at least one.
        threads: Option<usize> = "" in 1..=64;
        /// How many may wait for a thread; one more is told to come back later.
        queue: usize = "64" in 1..=10000;
    }
}

settings! {
    /// Limits on sign-in attempts. A rate is written `20/minute` (second, minute, hour, day); `off` lifts it.
    "throttle" => Throttle {
        /// Attempts from one address (IPv6: from one /64).
        sign_in_per_address: Option<Rate> = "60/minute";
    }
}

settings! {
    /// Limits on requests.
    "limits" => Limits {
        /// Largest body, in bytes.
        body_bytes: usize = "1048576" in 16384..=1073741824;
        /// Largest head (request line and headers), in bytes.
        header_bytes: usize = "32768" in 8192..=1048576;
    }
}

settings! {
    /// Limits on one run of an expression of a policy or property mapping.
    "expressions" => Expressions {
        /// Time, in milliseconds.
        time_ms: u64 = "500" in 1..=60000;
        /// Memory, in MiB.
        memory_mib: usize = "16" in 1..=1024;
        /// Depth of calls.
        recursion: usize = "100" in 10..=1000;
        /// Calls of functions that look something up.
        host_calls: u32 = "100" in 0..=100000;
        /// Time for waiting on other machines (`requests`, `resolve_dns`), in milliseconds, beside `time_ms`.
        waiting_ms: u64 = "5000" in 0..=60000;
        /// Where `requests` may go, separated by commas: `https://api.example.com`, `api.example.com:8443`,
        /// `*.example.com`, `http://10.1.2.3:8080`. Without a scheme it is HTTPS. Unset, nowhere.
        requests_to: Option<String> = "";
        /// Networks of the house into which the names of `requests_to` may lead; `none` leaves the public Internet only.
        requests_networks: Vec<IpNet> = "none";
        /// Largest answer to a request, in bytes.
        requests_bytes: usize = "262144" in 1024..=16777216;
        /// Whether `resolve_dns` and `reverse_dns` ask.
        dns: bool = "true";
    }
}

settings! {
    /// Files in MaxMind's format that say where addresses are. They are read again when they change.
    "events.context_processors" => ContextProcessors {
        /// File of cities (or countries), such as `GeoLite2-City.mmdb`.
        geoip: Option<PathBuf> = "";
        /// File of autonomous systems, such as `GeoLite2-ASN.mmdb`.
        asn: Option<PathBuf> = "";
    }
}

settings! {
    /// Reputations of addresses and accounts, by which policies recognise who fails to sign in too often.
    "reputation" => Reputation {
        /// How long after its last change a score is forgotten, in seconds. It comes nearer to nothing on the way there.
        expiry: u32 = "86400" in 300..=31536000;
    }
}

settings! {
    /// Passwords that people choose.
    "passwords" => Passwords {
        /// List of breached passwords that password policies ask, by the protocol of Have I Been Pwned; `off` asks none.
        breached_url: Option<HttpUrl> = "https://api.pwnedpasswords.com";
    }
}
