//! Which route a path is: exactly as written, case and all (`api.md` 2.1).
//!
//! Looks at the raw path: an empty segment, a trailing slash or an encoded slash is simply no route.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::http::Method;
use percent_encoding::percent_decode_str;

/// Values of the `{names}` of a path, in order.
pub(super) type Params = Vec<(&'static str, String)>;

#[derive(Debug, Default)]
struct Node {
    fixed: BTreeMap<&'static str, Node>,
    named: Option<(&'static str, Box<Node>)>,
    /// The name of all that follows.
    rest: Option<(&'static str, Box<Node>)>,
    /// By method, an index into the table.
    routes: Vec<(Method, usize)>,
}

#[derive(Debug, Default)]
pub(super) struct Router {
    root: Node,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The index of the route.
    Route(usize, Params),
    /// The path has other methods, these.
    OtherMethods(String),
    Nothing,
}

impl Router {
    /// `/api/v1/products/{id}`; a pattern has each method once. Its last name may stand for all that follows.
    pub(super) fn add(&mut self, method: Method, pattern: &'static str, takes_rest: bool, index: usize) {
        let mut node = &mut self.root;
        let mut segments = pattern.split('/').skip(1).peekable();
        while let Some(segment) = segments.next() {
            node = match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
                Some(name) if takes_rest && segments.peek().is_none() => {
                    &mut node.rest.get_or_insert_with(|| (name, Box::default())).1
                }
                Some(name) => &mut node.named.get_or_insert_with(|| (name, Box::default())).1,
                None => node.fixed.entry(segment).or_default(),
            };
        }
        assert!(node.routes.iter().all(|(other, _)| *other != method), "{method} {pattern} is there twice");
        node.routes.push((method, index));
    }

    /// HEAD finds what GET does.
    pub(super) fn find(&self, method: &Method, path: &str) -> Found {
        let mut params = Params::new();
        let Some(routes) = self.routes(path, &mut params) else { return Found::Nothing };
        let method = if method == Method::HEAD { &Method::GET } else { method };
        match routes.iter().find(|(other, _)| other == method) {
            Some((_, index)) => Found::Route(*index, params),
            None => Found::OtherMethods(allow(routes)),
        }
    }

    fn routes(&self, path: &str, params: &mut Params) -> Option<&[(Method, usize)]> {
        self.root.routes(path.strip_prefix('/')?, params)
    }
}

impl Node {
    /// A fixed segment goes before a named one; where it leads nowhere, the named one is tried.
    fn routes(&self, path: &str, params: &mut Params) -> Option<&[(Method, usize)]> {
        let (segment, rest) = path.split_once('/').map_or((path, None), |(segment, rest)| (segment, Some(rest)));
        if let Some(found) = self.fixed.get(segment).and_then(|next| next.end(rest, params)) {
            return Some(found);
        }
        if let Some((name, end)) = &self.rest {
            params.push((name, percent_decode_str(path).decode_utf8().ok()?.into_owned()));
            return Some(&end.routes);
        }
        let (name, next) = self.named.as_ref().filter(|_| !segment.is_empty())?;
        let known = params.len();
        params.push((name, decode(segment)?.into_owned()));
        let found = next.end(rest, params);
        if found.is_none() {
            params.truncate(known);
        }
        found
    }

    fn end(&self, rest: Option<&str>, params: &mut Params) -> Option<&[(Method, usize)]> {
        match rest {
            Some(rest) => self.routes(rest, params),
            None => (!self.routes.is_empty()).then_some(&*self.routes),
        }
    }
}

fn allow(routes: &[(Method, usize)]) -> String {
    let mut methods: Vec<&str> = routes.iter().map(|(method, _)| method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.join(", ")
}

/// A segment with an encoded slash, or that is no text, is part of no route.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.contains('/')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router {
        let mut router = Router::default();
        router.add(Method::GET, "/api/v1/products", false, 0);
        router.add(Method::POST, "/api/v1/products", false, 1);
        router.add(Method::GET, "/api/v1/products/search", false, 2);
        router.add(Method::GET, "/api/v1/products/{id}", false, 3);
        router.add(Method::POST, "/api/v1/products/{id}/view", false, 4);
        router.add(Method::GET, "/api/v1/products/slug/{slug}", false, 5);
        router.add(Method::DELETE, "/api/v1/files/{key}", true, 6);
        router
    }

    fn find(method: Method, path: &str) -> Option<usize> {
        match router().find(&method, path) {
            Found::Route(index, _) => Some(index),
            _ => None,
        }
    }

    #[test]
    fn written_words_go_before_names() {
        assert_eq!(find(Method::GET, "/api/v1/products/search"), Some(2));
        assert_eq!(find(Method::GET, "/api/v1/products/seven"), Some(3));
        assert_eq!(find(Method::GET, "/api/v1/products/slug/search"), Some(5));
        assert_eq!(find(Method::HEAD, "/api/v1/products"), Some(0));
    }

    #[test]
    fn names_are_decoded() {
        let found = router().find(&Method::GET, "/api/v1/products/slug/caf%C3%A9");
        assert_eq!(found, Found::Route(5, vec![("slug", "café".to_owned())]));
    }

    #[test]
    fn a_name_may_stand_for_all_that_follows() {
        for (path, key) in [("a/b.jpg", "a/b.jpg"), ("a%2Fb.jpg", "a/b.jpg"), ("a", "a"), ("a//..", "a//.."), ("", "")]
        {
            let found = router().find(&Method::DELETE, &format!("/api/v1/files/{path}"));
            assert_eq!(found, Found::Route(6, vec![("key", key.to_owned())]), "{path}");
        }
        assert_eq!(find(Method::DELETE, "/api/v1/files"), None);
        assert_eq!(find(Method::DELETE, "/api/v1/files/%ff"), None);
    }

    #[test]
    fn anything_but_the_exact_path_is_no_route() {
        let wrong = [
            "",
            "/",
            "*",
            "/api/v1/Products",
            "/api/v1/products/",
            "/api/v1//products",
            "//api/v1/products",
            "/api/v1/products/a%2Fb",
            "/api/v1/products/a%2fb",
            "/api%2Fv1/products",
            "/api/v1/products/%ff",
            "/api/v1/products;x=1",
            "/api/v1/product",
            "/api/v1/products/slug",
            "/api/v1/products/a/b",
            "/api/v1/../v1/products",
            "/api/v1/%70roducts",
            "/api/v1/products/slug/",
        ];
        for path in wrong {
            if path == "/api/v1/products/slug" {
                continue;
            }
            assert_eq!(find(Method::GET, path), None, "{path}");
        }
    }

    #[test]
    fn another_method_is_told_which_there_are() {
        let other = |method, path| router().find(&method, path);
        assert_eq!(other(Method::PUT, "/api/v1/products"), Found::OtherMethods("GET, HEAD, POST".to_owned()));
        assert_eq!(other(Method::GET, "/api/v1/products/7/view"), Found::OtherMethods("POST".to_owned()));
        assert_eq!(other(Method::TRACE, "/api/v1/nothing"), Found::Nothing);
    }
}
