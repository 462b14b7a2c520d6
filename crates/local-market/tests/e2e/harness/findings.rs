//! Many small checks in one test: all that fail are told together.

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Caller, Reply};

/// What is wrong so far; dropped with something in it, it fails the test.
#[derive(Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    pub(crate) fn check(&mut self, is_right: bool, what: impl FnOnce() -> String) {
        if !is_right {
            self.0.push(what());
        }
    }

    pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(&mut self, name: &str, found: T, wanted: T) {
        self.check(found == wanted, || format!("{name}: {found:?} instead of {wanted:?}"));
    }

    pub(crate) fn status(&mut self, name: &str, reply: &Reply, status: u16) {
        self.check(reply.status == status, || format!("{name}: {} instead of {status}: {}", reply.status, reply.body));
    }

    pub(crate) fn refused(&mut self, name: &str, reply: &Reply, status: u16, code: &str) {
        let right = reply.status == status && reply.code() == code;
        self.check(right, || format!("{name}: {} instead of {status} {code}: {}", reply.status, reply.body));
    }

    /// 400 `VALIDATION_ERROR` that names the field.
    pub(crate) fn invalid(&mut self, name: &str, reply: &Reply, field: &str) {
        self.refused(name, reply, 400, "VALIDATION_ERROR");
        let details = reply.body["details"].as_array();
        let names = details.is_some_and(|rows| rows.iter().any(|row| row["field"] == field));
        self.check(names, || format!("{name}: does not name `{field}`: {}", reply.body["details"]));
    }

    /// Each of these members makes an otherwise good body invalid, and the answer names it.
    pub(crate) async fn members(
        &mut self,
        caller: &Caller,
        method: Method,
        path: &str,
        good: &Value,
        wrong: &[(&str, Value)],
    ) {
        for (member, value) in wrong {
            let mut body = good.clone();
            body[member] = value.clone();
            let reply = caller.send(method.clone(), path, Some(body.to_string())).await;
            let shown: String = value.to_string().chars().take(60).collect();
            self.invalid(&format!("{method} {path} with {member} = {shown}"), &reply, member);
        }
    }

    /// Each of these members, left out or null, makes a good body invalid.
    pub(crate) async fn required(&mut self, caller: &Caller, path: &str, good: &Value, members: &[&str]) {
        for member in members {
            let mut body = good.clone();
            body.as_object_mut().unwrap().remove(*member);
            let reply = caller.post(path, body.clone()).await;
            self.invalid(&format!("{path} without {member}"), &reply, member);
            body[member] = Value::Null;
            let reply = caller.post(path, body).await;
            self.refused(&format!("{path} with {member} = null"), &reply, 400, "VALIDATION_ERROR");
        }
    }

    /// Each of these queries is refused and the parameter named.
    pub(crate) async fn queries(&mut self, caller: &Caller, path: &str, wrong: &[(&str, &str)]) {
        for (parameter, query) in wrong {
            let reply = caller.get(&format!("{path}?{query}")).await;
            self.invalid(&format!("{path}?{query}"), &reply, parameter);
        }
    }
}

impl Drop for Findings {
    fn drop(&mut self) {
        let all = format!("{} findings:\n{}", self.0.len(), self.0.join("\n"));
        if std::thread::panicking() {
            eprintln!("{all}");
        } else {
            assert!(self.0.is_empty(), "{all}");
        }
    }
}
