//! Two small repositories: one that breaks every rule and one that keeps them all.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the reports on the broken repository must hold, one line for each planted mistake.
pub(crate) const MISTAKES: [&str; 36] = [
    "services/cart/Cargo.toml: depends on the service catalog",
    "crates/local-market/Cargo.toml: depends on the service catalog",
    "crates/database/Cargo.toml: must not depend on events",
    "services/cart/Cargo.toml: must not depend on local-servers",
    "services/cart/Cargo.toml: test-support must be a dev-dependency",
    "services/cart/Cargo.toml: must not depend on lapin",
    "crates/local-market/Cargo.toml: must not depend on lapin",
    "crates/database/Cargo.toml: must not depend on jwt-simple",
    "services/cart/Cargo.toml: lacks `[lints] workspace = true`",
    "Cargo.lock: openssl-sys is in the tree",
    "Cargo.lock: forked does not come from crates.io",
    "services/cart/src/domain.rs:2: domain must not know tonic",
    "services/cart/src/domain.rs:3: domain must not know diesel::QueryDsl",
    "services/cart/src/domain.rs:4: domain must not know diesel::insert_into",
    "services/cart/src/domain/line.rs:2: domain must not know actix",
    "services/cart/src/domain/line.rs:3: domain must not know async fn",
    "services/cart/src/grpc.rs:2: only operations open transactions",
    "services/cart/src/events.rs:2: only operations open transactions",
    "services/cart/src/store.rs:2: only operations open transactions",
    "services/cart/src/operations/add_line.rs:2: only store writes SQL, not `sql_query`",
    "services/cart/src/operations/add_line.rs:3: only store writes SQL, not `RunQueryDsl`",
    "services/cart/src/operations/add_line.rs:4: status codes belong to grpc and http",
    "services/cart/src/operations/add_line.rs:5: actix belongs to the gateway's http",
    "services/gateway/src/session.rs:2: actix belongs to the gateway's http",
    "services/cart/src/lib.rs:2: a library has errors of its own",
    "services/cart/tests/it/lines.rs:1: a test waits for a condition",
    "services/cart/src/undocumented.rs: lacks a `//!`",
    "services/cart/src/lines/mod.rs: is named after its folder",
    "docs: has no place at the top level",
    ".travis.yml: has no place at the top level",
    "services/cart: lacks README.md",
    "services/cart: lacks src/schema.rs",
    "migrations/cart/1_create_lines: lacks down.sql",
    "migrations/ordering: holds no migration",
    "README.md: names /ro",
    "README.md: names index.",
];

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A repository in a temporary folder, gone with the value.
pub(crate) struct Fixture(PathBuf);

impl Fixture {
    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    pub(crate) fn sound() -> Self {
        let fixture = Self::empty();
        fixture.package("crates/database", "[dependencies]\nservice-error.workspace = true\n");
        fixture.package("crates/events", "[dependencies]\nlapin.workspace = true\ndatabase.workspace = true\n");
        fixture.package("crates/test-support", "[dependencies]\nlapin.workspace = true\nevents.workspace = true\n");
        let market = "[dependencies]\nstandalone.workspace = true\n[dev-dependencies]\nlapin.workspace = true\n";
        fixture.package("crates/local-market", market);
        fixture.package("services/standalone", "[dependencies]\ncart.workspace = true\n");
        fixture.package("services/gateway", "[dependencies]\njwt-simple.workspace = true\n");
        let cart = "[dependencies]\ndatabase.workspace = true\n[dev-dependencies]\ntest-support.workspace = true\n";
        fixture.package("services/cart", cart);
        for service in ["cart", "gateway", "standalone"] {
            fixture.write(&format!("services/{service}/README.md"), "What it owns.\n");
        }
        fixture.write("Cargo.lock", &lock("serde", "registry+https://github.com/rust-lang/crates.io-index"));
        fixture.write("services/cart/src/domain.rs", "//! Rules.\nuse diesel::{HasQuery, Insertable}; // not actix\nuse diesel::sql_types::{Array, Text};\nuse diesel::deserialize::FromSqlRow;\n");
        fixture.write("services/cart/src/operations/add_line.rs", "//! Adds.\nconn.transaction(async |conn| {})\n");
        fixture.write("services/cart/src/store.rs", "//! Queries.\nuse diesel_async::RunQueryDsl;\n");
        fixture.write("services/cart/src/schema.rs", "diesel::table! {}\n");
        fixture.write("services/cart/src/grpc.rs", "//! RPCs.\nuse tonic::{Request, Status};\n");
        fixture.write("services/gateway/src/cart_client.rs", "//! The client of cart.\nuse tonic::Status;\n");
        fixture.write("services/gateway/src/http/carts.rs", "//! Carts.\nuse actix_web::HttpResponse;\n");
        fixture.write("services/gateway/src/cache.rs", "//! Bytes.\nuse actix_web::http::header::HeaderValue;\n");
        let waits = "    // house-rules: allow sleep, between two looks.\n    sleep(STEP);\n    oversleep();\n";
        fixture.write("services/cart/tests/it/lines.rs", waits);
        fixture.write("migrations/cart/1_create_lines/up.sql", "");
        fixture.write("migrations/cart/1_create_lines/down.sql", "");
        fixture.write("target/debug/build/mod.rs", "");
        fixture
    }

    pub(crate) fn broken() -> Self {
        let fixture = Self::empty();
        fixture.package("crates/database", "[dependencies]\nevents.workspace = true\njwt-simple.workspace = true\n");
        fixture.package("crates/events", "");
        fixture.package("crates/local-servers", "");
        fixture.package("crates/test-support", "");
        fixture.package("crates/local-market", "[dependencies]\nlapin.workspace = true\ncatalog.workspace = true\n");
        fixture.package("services/catalog", "");
        fixture.package("services/gateway", "");
        fixture.package("services/ordering", "[dependencies]\ndatabase.workspace = true\n");
        let cart = ["catalog", "local-servers", "test-support", "lapin", "database"];
        let cart: String = cart.iter().map(|name| format!("{name}.workspace = true\n")).collect();
        fixture.write("services/cart/Cargo.toml", &format!("[package]\nname = \"cart\"\n[dependencies]\n{cart}"));
        let forked = lock("forked", "git+https://example.com/forked");
        fixture.write("Cargo.lock", &format!("{}{forked}", lock("openssl-sys", "registry+crates.io")));
        let source = |name: &str, lines: &str| fixture.write(&format!("services/cart/src/{name}"), lines);
        source(
            "domain.rs",
            "//! Rules.\nuse tonic::Request;\nuse diesel::{Insertable, QueryDsl};\ndiesel::insert_into(lines);\n",
        );
        source("domain/line.rs", "//! A line.\nuse actix_web::web;\nasync fn slow() {}\n");
        source("grpc.rs", "//! RPCs.\nconn.transaction(work)\n");
        source("events.rs", "//! Events.\nuse database::transaction;\n");
        source("store.rs", "//! Queries.\nconn.build_transaction();\n");
        source(
            "operations/add_line.rs",
            "//! Adds.\ndiesel::sql_query(\"\");\nuse diesel_async::RunQueryDsl;\nuse tonic::{Request, Status};\nactix_web::web::Json(1)\n",
        );
        source("lib.rs", "//! Carts.\nfn run() -> anyhow::Result<()> {}\n");
        source("undocumented.rs", "fn nothing() {}\n");
        source("lines/mod.rs", "//! Lines.\n");
        source("long.rs", &format!("//! Long.\n{}", "// line\n".repeat(400)));
        fixture.write("services/gateway/src/session.rs", "//! Callers.\nuse actix_web::HttpRequest;\n");
        fixture.write("services/cart/tests/it/lines.rs", "tokio::time::sleep(SECOND).await;\n");
        fixture.write("migrations/cart/1_create_lines/up.sql", "");
        fixture.write("docs/guide.md", "");
        fixture.write(".travis.yml", "");
        fixture.write("README.md", &["/ro", "ot/zst, ", "index.", "crates.io"].concat());
        fixture
    }

    fn empty() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("zst-house-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }

    fn package(&self, folder: &str, dependencies: &str) {
        let name = folder.rsplit('/').next().unwrap();
        let manifest = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{dependencies}");
        self.write(&format!("{folder}/Cargo.toml"), &manifest);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lock(name: &str, source: &str) -> String {
    format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n")
}
