//! The published contract as a judge: every answer that a test sees has to be one that the OpenAPI document names, in the
//! shape it gives.

use std::collections::HashMap;
use std::sync::Mutex;

use reqwest::Method;
use serde_json::{Value, json};

/// The document of the running server.
pub(crate) struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, std::sync::Arc<jsonschema::Validator>>>,
}

impl Contract {
    pub(crate) fn new(document: Value) -> Self {
        Self { document, validators: Mutex::default() }
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// `(method, path template)` of every operation.
    pub(crate) fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object().unwrap();
        let methods = paths.iter().flat_map(|(path, item)| {
            let names = item.as_object().unwrap().keys();
            names
                .filter(|name| *name != "parameters")
                .map(|name| (name.to_uppercase(), path.clone()))
                .collect::<Vec<_>>()
        });
        methods.collect()
    }

    /// Panics unless the document allows this answer. Paths that are no operation must answer 404, other methods 405.
    pub(crate) fn check(&self, method: &Method, path: &str, status: u16, content_type: Option<&str>, body: &[u8]) {
        let Some((template, operation)) = self.operation(method, path) else {
            // Those two, or what is refused before a route is known.
            assert!([400, 401, 404, 405, 429, 431].contains(&status), "{method} {path} is no operation, yet {status}");
            return;
        };
        let name = format!("{method} {template} {status}");
        let answer = &operation["responses"][status.to_string()];
        assert!(!answer.is_null(), "the document does not name {name}: {}", String::from_utf8_lossy(body));
        if body.is_empty() || *method == Method::HEAD {
            return;
        }
        let media = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        let schema = &answer["content"][media]["schema"];
        let is_named = [media, "*/*"].iter().any(|named| answer["content"].get(named).is_some());
        assert!(is_named, "the document gives {name} no content of type {media}");
        if media != "application/json" || schema.is_null() {
            return;
        }
        let value: Value = serde_json::from_slice(body).unwrap();
        let problems: Vec<_> = self
            .validator(&name, schema)
            .iter_errors(&value)
            .map(|problem| format!("{} at {}", problem, problem.instance_path))
            .collect();
        assert!(problems.is_empty(), "{name} is not as documented: {problems:#?}\n{value:#}");
    }

    fn validator(&self, name: &str, schema: &Value) -> std::sync::Arc<jsonschema::Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = validators.entry(name.to_owned()).or_insert_with(|| {
            let whole = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "components": self.document["components"],
                "allOf": [schema],
            });
            std::sync::Arc::new(jsonschema::validator_for(&whole).unwrap())
        });
        made.clone()
    }

    fn operation(&self, method: &Method, path: &str) -> Option<(&str, &Value)> {
        let path = path.split('?').next()?;
        // HEAD works wherever GET does.
        let method = if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
        let paths = self.document["paths"].as_object()?;
        let matching = paths.iter().filter(|(template, _)| fits(template, path));
        // A literal segment goes before a parameter: /products/search is not a product's id.
        let (template, item) = matching.min_by_key(|(template, _)| template.matches('{').count())?;
        Some((template, item.get(method)?))
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    // The key of a file is all that follows, with its slashes.
    let has_rest = template.last() == Some(&"{key}") && path.len() > template.len();
    (has_rest || template.len() == path.len())
        && template.iter().zip(path).all(|(part, given)| part.starts_with('{') && !given.is_empty() || *part == given)
}
