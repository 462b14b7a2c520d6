//! RabbitMQ: a node with a name, a cookie, a home and a port mapper of its own, so that no other node on the machine is
//! ever met.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::IoContext;
use crate::{Kind, Result, install, ports};

const NODE_NAME: &str = "node-name";
const CONFIGURATION: &str = "log.console.level = warning\ndisk_free_limit.absolute = 64MB\n";

/// The port mapper and the node, both in the foreground; the mapper is to be started first.
pub(crate) struct Commands {
    pub(crate) mapper: Command,
    pub(crate) mapper_port: u16,
    pub(crate) node: Command,
}

pub(crate) fn commands(directory: &Path, port: u16) -> Result<Commands> {
    // The one in /usr/sbin is a wrapper that changes the user.
    let folder = PathBuf::from("/usr/lib/rabbitmq/bin");
    let server = install::program(Kind::RabbitMq, "rabbitmq-server", &[folder])?;
    let mapper = install::program(Kind::RabbitMq, "epmd", &[])?;
    let node_name = node_name(directory)?;
    let write = |name: &str, content: &str| {
        let file = directory.join(name);
        fs::write(&file, content).while_trying(|| format!("write {}", file.display()))
    };
    write("enabled_plugins", "[].\n")?;
    write("rabbitmq.conf", CONFIGURATION)?;
    write("rabbitmq-env.conf", "")?;

    let mapper_port = ports::free_port();
    let mut mapper = install::clean_command(&mapper, directory);
    mapper.args(["-port", &mapper_port.to_string(), "-address", "127.0.0.1"]);

    let mut node = install::clean_command(&server, directory);
    node.env("RABBITMQ_NODENAME", node_name)
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", port.to_string())
        .env("RABBITMQ_DIST_PORT", ports::free_port().to_string())
        .env("ERL_EPMD_PORT", mapper_port.to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_MNESIA_BASE", directory.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", directory)
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_PID_FILE", directory.join("node.pid"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", directory.join("enabled_plugins"))
        .env("RABBITMQ_CONF_ENV_FILE", directory.join("rabbitmq-env.conf"))
        .env("RABBITMQ_CONFIG_FILE", directory.join("rabbitmq.conf"))
        .env("RABBITMQ_GENERATED_CONFIG_DIR", directory.join("generated"))
        // Several Erlang machines that each bind their schedulers would share the first core.
        .env("RABBITMQ_SCHEDULER_BIND_TYPE", "u")
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none +sbwtdcpu none +sbwtdio none")
        .env("RABBITMQ_SERVER_START_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}")
        // Makes the start script become the node instead of waiting for it, so that its id is the node's.
        .env("RUNNING_UNDER_SYSTEMD", "true");
    Ok(Commands { mapper, mapper_port, node })
}

/// The data belongs to the node's name, so the name is chosen once and kept.
fn node_name(directory: &Path) -> Result<String> {
    let file = directory.join(NODE_NAME);
    if let Ok(name) = fs::read_to_string(&file) {
        return Ok(name);
    }
    let name = format!("zst-{:016x}@localhost", RandomState::new().build_hasher().finish());
    fs::write(&file, &name).while_trying(|| format!("write {}", file.display()))?;
    Ok(name)
}
