//! SEC-65, SEC-67 and SEC-68: the services' own ports, asked without the gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use access_token::{AccessTokens, Account, Caller};
use prost::Message;
use prost_types::FileDescriptorSet;
use service_runtime::Clock;
use test_support::{Tokens, admin, customer, guest, pending_seller, seller, service};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::harness::{Findings, Market, unique};

/// Who may call a method.
#[derive(Clone, Copy)]
enum Who {
    /// Whoever the gateway answers for; what it shows is public, or asked for with a secret.
    Anybody,
    /// Not a service in its own name.
    Person,
    Account,
    AccountOrService,
    Seller,
    SellerOrAdmin,
    Admin,
    Services(&'static [&'static str]),
}

/// Every method there is.
const TABLE: [(Who, &str); 12] = [
    (
        Who::Anybody,
        "identity/ListSellers identity/GetSeller catalog/ListProducts catalog/GetProduct catalog/ViewProduct \
         catalog/ListCategories catalog/ListBrands catalog/Suggest catalog/CountProducts catalog/ListOffers \
         catalog/ListProductsById ordering/GetOrder ordering/GetHistory ordering/CancelOrder \
         ordering/TrackOrder ordering/ListWilayas reels/ListReels reels/GetReel reels/ViewReel reels/ListLikes \
         reels/ListComments",
    ),
    (Who::Person, "ordering/PlaceOrder"),
    (
        // Whose stock it is, ordering knows.
        Who::Account,
        "ordering/ChangeStock identity/GetProfile identity/UpdateProfile identity/ChooseRole identity/RegisterPushToken \
         identity/RemovePushTokens identity/DeleteAccount ordering/ListOrders ordering/CountOpenOrders cart/GetCart \
         cart/CountCart cart/AddItem cart/SetItem cart/RemoveItem cart/ClearCart cart/MergeCart reels/ListLikedReels \
         reels/SetLike reels/AddComment reels/ChangeComment reels/DeleteComment media/CheckUpload \
         media/ReceiveUpload media/CreateUpload media/CompleteUpload media/GetUpload media/DeleteFile",
    ),
    (Who::AccountOrService, "media/FindUploads"),
    (Who::Seller, "catalog/PublishProduct catalog/LinkImage reels/PublishReel reels/ChangeReel"),
    (
        Who::SellerOrAdmin,
        "catalog/ListOwnProducts catalog/ChangeProduct catalog/DeleteProduct catalog/ChangeImage catalog/DeleteImage \
         catalog/ChangeStock ordering/ListSellerOrders ordering/GetSellerOrder ordering/MoveOrder \
         ordering/ListSalesFigures reels/ListOwnReels reels/DeleteReel",
    ),
    (
        Who::Admin,
        "identity/ChangeAccount identity/ListAccounts identity/GetAccount identity/CountAccounts identity/ListAudit \
         catalog/CreateCategory catalog/ChangeCategory catalog/DeleteCategory catalog/CountAllProducts \
         ordering/ListAllOrders ordering/SumUpOrders reels/CountReels",
    ),
    (Who::Services(&["gateway"]), "identity/ResolveCaller identity/ReceiveWebhook"),
    (Who::Services(&["gateway", "catalog", "cart", "ordering"]), "identity/ListPublicUsers"),
    (Who::Services(&["ordering"]), "catalog/ShowStock"),
    (Who::Services(&["catalog"]), "ordering/ListStock"),
    (
        Who::Services(&["media"]),
        "identity/FindFilesInUse catalog/FindFilesInUse ordering/FindFilesInUse reels/FindFilesInUse",
    ),
];

impl Who {
    fn admits(self, caller: &Caller) -> bool {
        match self {
            Self::Anybody => true,
            Self::Person => !matches!(caller, Caller::Service { .. }),
            Self::Account => caller.require_account().is_ok(),
            Self::AccountOrService => *caller != Caller::GUEST,
            Self::Seller => caller.require_seller().is_ok(),
            Self::SellerOrAdmin => caller.require_seller_or_admin().is_ok(),
            Self::Admin => caller.require_admin().is_ok(),
            Self::Services(names) => caller.require_service(names).is_ok(),
        }
    }
}

/// A method and the port that answers it.
struct Method {
    path: String,
    who: Who,
    channel: Channel,
}

impl Method {
    /// Asks with an empty message; whatever is answered, it is read.
    async fn ask(&self, token: Option<&str>) -> Result<(), Status> {
        let mut request = Request::new(());
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let mut client = Grpc::new(self.channel.clone());
        client.ready().await.unwrap();
        let answer = client.unary(request, self.path.parse().unwrap(), ProstCodec::<(), ()>::default()).await;
        answer.map(tonic::Response::into_inner)
    }
}

/// All methods, by `service/Method`.
fn methods(market: &Market) -> BTreeMap<String, Method> {
    let files = FileDescriptorSet::decode(protocol::DESCRIPTORS).unwrap().file;
    let mut methods = BTreeMap::new();
    for (name, addr) in market.services() {
        let channel = channel(addr);
        for file in files.iter().filter(|file| file.package() == format!("{name}.v1")) {
            for (service, method) in file.service.iter().flat_map(|one| one.method.iter().map(move |it| (one, it))) {
                let short = format!("{name}/{}", method.name());
                let row = TABLE.iter().find(|(_, names)| names.split_whitespace().any(|one| one == short));
                let who = row.unwrap_or_else(|| panic!("{short} has no row in the table")).0;
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                methods.insert(short, Method { path, who, channel: channel.clone() });
            }
        }
    }
    let named: usize = TABLE.iter().map(|(_, names)| names.split_whitespace().count()).sum();
    assert_eq!(methods.len(), named, "the table names what is not there");
    methods
}

fn channel(addr: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{addr}")).unwrap().connect_lazy()
}

#[tokio::test]
async fn no_method_is_answered_without_a_token_of_ours() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let foreign =
        AccessTokens::new(["a secret that is long enough and that no service was told"], || Clock::default().now());
    let foreign = foreign.unwrap().sign(&Caller::service("gateway"));
    let clerks = market.token("amina-haddad");
    for (name, method) in methods(&market) {
        for (what, token) in [
            ("nothing", None),
            ("nonsense", Some("nonsense")),
            ("another secret", Some(&*foreign)),
            ("Clerk's", Some(&*clerks)),
        ] {
            let code = method.ask(token).await.map_err(|status| status.code());
            findings.equal(&format!("{name} with {what}"), code, Err(Code::Unauthenticated));
        }
    }
}

#[tokio::test]
async fn every_method_asks_who_calls() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let tokens = Tokens::new(&Clock::default());
    let mut callers = vec![guest()];
    for account in [customer(), seller(), pending_seller(), admin()] {
        let known = market.user(&unique("somebody")).await;
        callers.push(Caller::Account(Account { user_id: known.id.parse().unwrap(), ..account }));
    }
    callers.extend(["gateway", "identity", "catalog", "cart", "ordering", "reels", "media", "nobody"].map(service));
    // Last, since those who ask are gone then.
    let (last, methods): (Vec<_>, Vec<_>) =
        methods(&market).into_iter().partition(|(name, _)| name == "identity/DeleteAccount");
    for (name, method) in methods.iter().chain(&last) {
        for caller in &callers {
            let code = method.ask(Some(&tokens.sign(caller))).await.map_or_else(|status| status.code(), |()| Code::Ok);
            let is_refused = matches!(code, Code::Unauthenticated | Code::PermissionDenied);
            findings.check(is_refused != method.who.admits(caller), || format!("{name} by {caller:?}: {code:?}"));
            findings
                .check(!matches!(code, Code::Internal | Code::Unknown), || format!("{name} by {caller:?}: {code:?}"));
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let token = Tokens::new(&Clock::default()).sign(&Caller::service("gateway"));
    for (name, addr) in market.services() {
        let method = methods(&market).into_iter().find(|(short, _)| short.starts_with(name)).unwrap().1;
        let mut client = Grpc::new(channel(addr));
        client.ready().await.unwrap();
        // One text of so many bytes, in a field that no message has.
        let mut request = Request::new("x".repeat(4 * 1024 * 1024 + 1));
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let path = method.path.parse().unwrap();
        let answer = client.unary(request, path, ProstCodec::<String, ()>::default()).await;
        let code = answer.map_or_else(|status| status.code(), |_| Code::Ok);
        let is_refused = matches!(code, Code::OutOfRange | Code::ResourceExhausted);
        findings.check(is_refused, || format!("{name}: {code:?}"));
        findings.check(method.ask(None).await.is_err_and(|status| status.code() == Code::Unauthenticated), || {
            format!("{name} does not go on")
        });
    }
}
