//! The demo market: enough of everything, the same every time, and within the limits of the public interface.

use std::collections::{HashMap, HashSet};

use local_market::demo::{
    DEMO_ADMIN, DEMO_CUSTOMER, Market, OrderStatus, Product, ProductState, SellerCategory, customers, person,
};

const CATEGORIES: [&str; 20] = [
    "perfume",
    "makeup",
    "skincare",
    "haircare",
    "fashion",
    "accessories",
    "electronics",
    "food",
    "home",
    "beauty",
    "health",
    "sports",
    "toys",
    "books",
    "automotive",
    "garden",
    "pets",
    "baby",
    "office",
    "other",
];
const WILAYAS: [&str; 58] = [
    "Adrar",
    "Chlef",
    "Laghouat",
    "Oum El Bouaghi",
    "Batna",
    "Béjaïa",
    "Biskra",
    "Béchar",
    "Blida",
    "Bouira",
    "Tamanrasset",
    "Tébessa",
    "Tlemcen",
    "Tiaret",
    "Tizi Ouzou",
    "Alger",
    "Djelfa",
    "Jijel",
    "Sétif",
    "Saïda",
    "Skikda",
    "Sidi Bel Abbès",
    "Annaba",
    "Guelma",
    "Constantine",
    "Médéa",
    "Mostaganem",
    "M'Sila",
    "Mascara",
    "Ouargla",
    "Oran",
    "El Bayadh",
    "Illizi",
    "Bordj Bou Arréridj",
    "Boumerdès",
    "El Tarf",
    "Tindouf",
    "Tissemsilt",
    "El Oued",
    "Khenchela",
    "Souk Ahras",
    "Tipaza",
    "Mila",
    "Aïn Defla",
    "Naâma",
    "Aïn Témouchent",
    "Ghardaïa",
    "Relizane",
    "Timimoun",
    "Bordj Badji Mokhtar",
    "Ouled Djellal",
    "Béni Abbès",
    "In Salah",
    "In Guezzam",
    "Touggourt",
    "Djanet",
    "El M'Ghair",
    "El Meniaa",
];

fn is_arabic(text: &str) -> bool {
    text.chars().any(|letter| ('\u{0621}'..='\u{064a}').contains(&letter))
}

fn has_latin_words(text: &str) -> bool {
    text.split_whitespace().any(|word| word.chars().filter(char::is_ascii_lowercase).count() > 3)
}

/// The text is there, trimmed, within its limit and free of control characters but line feeds.
fn assert_text(text: &str, limits: std::ops::RangeInclusive<usize>) {
    assert!(limits.contains(&text.chars().count()), "{text}");
    assert_eq!(text.trim(), text);
    assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text}");
    assert!(!text.contains("{make}") && !text.contains("  "), "{text}");
}

fn assert_phone(phone: &str) {
    let digits = phone.strip_prefix("+213").unwrap();
    assert!(digits.len() == 9 && digits.starts_with(['5', '6', '7']), "{phone}");
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
}

#[test]
fn the_market_is_the_same_every_time() {
    assert_eq!(Market::new(), Market::new());
}

#[test]
fn there_are_forty_sellers_of_the_three_trades_in_many_wilayas() {
    let sellers = Market::new().sellers;
    assert_eq!(sellers.len(), 40);
    let users: Vec<_> = sellers[..3].iter().map(|seller| (seller.person.user.as_str(), seller.category)).collect();
    assert_eq!(
        users,
        [
            ("demo-importateur", SellerCategory::Importateur),
            ("demo-grossiste", SellerCategory::Grossiste),
            ("demo-fournisseur", SellerCategory::Fournisseur),
        ]
    );
    let wilayas: HashSet<_> = sellers.iter().map(|seller| seller.wilaya.as_str()).collect();
    assert!(wilayas.len() >= 20, "{}", wilayas.len());
    assert!(wilayas.iter().all(|wilaya| WILAYAS.contains(wilaya)), "{wilayas:?}");
    let names: HashSet<_> = sellers.iter().map(|seller| seller.person.full_name.as_str()).collect();
    assert_eq!(names.len(), 40);
    for trade in [SellerCategory::Importateur, SellerCategory::Grossiste, SellerCategory::Fournisseur] {
        assert!(sellers.iter().filter(|seller| seller.category == trade).count() >= 8, "{trade:?}");
    }
    for seller in &sellers {
        assert_text(&seller.person.full_name, 2..=100);
        assert_text(&seller.bio, 1..=1_000);
        assert_phone(&seller.phone);
        assert!(seller.sells.iter().all(|slug| CATEGORIES.contains(&slug.as_str())), "{:?}", seller.sells);
    }
}

#[test]
fn every_category_is_well_filled_and_sold_by_several() {
    let market = Market::new();
    assert!(market.products.len() >= 2_000, "{}", market.products.len());
    for category in CATEGORIES {
        let products: Vec<_> = market.products.iter().filter(|product| product.category == category).collect();
        let sellers: HashSet<_> = products.iter().map(|product| product.seller).collect();
        assert!(products.len() >= 75, "{category}: {}", products.len());
        assert!(sellers.len() >= 2, "{category}");
        assert!(products.iter().any(|product| is_arabic(&product.name)), "{category}");
        assert!(products.iter().any(|product| has_latin_words(&product.name)), "{category}");
    }
    let with_goods: HashSet<_> = market.products.iter().map(|product| product.seller).collect();
    assert_eq!(with_goods.len(), 40);
}

#[test]
fn both_scripts_are_common_in_names_and_descriptions() {
    let products = Market::new().products;
    let share =
        |has: fn(&Product) -> bool| products.iter().filter(|product| has(product)).count() * 100 / products.len();
    assert!(share(|product| is_arabic(&product.name)) >= 50);
    assert!(share(|product| has_latin_words(&product.name)) >= 60);
    assert!(share(|product| is_arabic(&product.description)) >= 50);
    assert!(share(|product| has_latin_words(&product.description)) >= 60);
}

#[test]
fn no_seller_offers_two_products_of_one_name_and_every_sku_is_unique() {
    let products = Market::new().products;
    let names: HashSet<_> = products.iter().map(|product| (product.seller, product.name.to_lowercase())).collect();
    assert_eq!(names.len(), products.len());
    let skus: HashSet<_> = products.iter().map(|product| &product.sku).collect();
    assert_eq!(skus.len(), products.len());
}

#[test]
fn there_are_drafts_archived_sold_out_and_promoted_products() {
    let products = Market::new().products;
    let count = |is: fn(&Product) -> bool| products.iter().filter(|product| is(product)).count();
    assert!((40..200).contains(&count(|product| product.state == ProductState::Draft)));
    assert!((30..200).contains(&count(|product| product.state == ProductState::Archived)));
    assert!((100..400).contains(&count(|product| product.stock == 0)));
    assert!((10..120).contains(&count(|product| !product.offered)));
    assert!((200..500).contains(&count(|product| product.is_promo)));
    assert!(count(|product| product.countdown_days.is_some()) >= 100);
    assert!(count(|product| product.is_new) >= 100);
    assert!(count(|product| product.specifications.is_some()) >= 200);
    assert!(count(|product| product.brand.is_some()) >= 1_000);
}

#[test]
fn every_product_keeps_the_limits_of_the_public_interface() {
    for product in Market::new().products {
        assert_text(&product.name, 3..=200);
        assert_text(&product.description, 1..=2_000);
        assert_text(&product.sku, 1..=100);
        assert_text(&product.product_type, 1..=50);
        assert_text(&product.delivery_estimate, 1..=200);
        let texts = [&product.shipping_info, &product.returns_info, &product.payment_info, &product.exclusive_offers];
        texts.into_iter().flatten().for_each(|text| assert_text(text, 1..=1_000));
        product.brand.iter().for_each(|text| assert_text(text, 1..=100));
        [&product.ingredients, &product.usage_instructions]
            .into_iter()
            .flatten()
            .for_each(|text| assert_text(text, 1..=2_000));
        product.benefits.iter().for_each(|text| assert_text(text, 1..=200));
        product.tags.iter().for_each(|text| assert_text(text, 1..=50));
        assert!(product.benefits.len() <= 20 && product.tags.len() <= 20);
        assert_eq!(product.tags.iter().collect::<HashSet<_>>().len(), product.tags.len());

        assert!((1_000..=9_999_999_999).contains(&product.price_centimes), "{product:?}");
        assert_eq!(product.price_centimes % 50, 0);
        assert_eq!(product.is_promo, product.original_price_centimes.is_some());
        assert!(
            product.original_price_centimes.is_none_or(|original| original > product.price_centimes),
            "{product:?}"
        );
        assert!((0..=10_000_000).contains(&product.stock));
        assert!((1..=100_000).contains(&product.min_order_quantity));
        assert!(product.weight_grams.is_none_or(|grams| (1..=100_000_000).contains(&grams)));
        let specifications = serde_json::to_string(&product.specifications).unwrap();
        assert!(specifications.len() <= 8 * 1024);
        assert!((1..=20).contains(&product.pictures.len()));
        assert_eq!(product.pictures.iter().collect::<HashSet<_>>().len(), product.pictures.len());
        assert!(product.pictures.iter().all(|picture| picture.seller == product.seller));
    }
}

#[test]
fn orders_of_every_status_are_bought_by_guests_and_accounts_within_the_stock() {
    let market = Market::new();
    let mut bought: HashMap<usize, i64> = HashMap::new();
    let mut outcomes: HashMap<OrderStatus, usize> = HashMap::new();
    for checkout in &market.checkouts {
        let mut shops: Vec<usize> = Vec::new();
        for line in &checkout.lines {
            let product = &market.products[line.product];
            assert!(product.state == ProductState::Active && product.offered);
            assert!(line.quantity >= product.min_order_quantity);
            *bought.entry(line.product).or_default() += line.quantity;
            if !shops.contains(&product.seller) {
                shops.push(product.seller);
            }
        }
        assert_eq!(shops.len(), checkout.outcomes.len(), "one outcome for each order");
        checkout.outcomes.iter().for_each(|outcome| *outcomes.entry(*outcome).or_default() += 1);
        assert_text(&checkout.customer_name, 3..=100);
        assert_text(&checkout.address, 10..=300);
        assert_text(&checkout.commune, 1..=100);
        assert_phone(&checkout.customer_phone);
        assert!(WILAYAS.contains(&checkout.wilaya.as_str()), "{}", checkout.wilaya);
        assert!(checkout.account.as_deref().is_none_or(|user| person(user).is_some()));
    }
    assert!(bought.iter().all(|(product, quantity)| *quantity <= market.products[*product].stock));
    let orders: usize = outcomes.values().sum();
    assert!((140..=180).contains(&orders), "{orders}");
    assert!(OrderStatus::ALL.iter().all(|status| outcomes[status] >= 10), "{outcomes:?}");
    let guests = market.checkouts.iter().filter(|checkout| checkout.account.is_none()).count();
    assert!((20..90).contains(&guests), "{guests}");
}

#[test]
fn the_example_users_have_orders_of_every_status() {
    let market = Market::new();
    let mut seen: HashSet<(String, OrderStatus)> = HashSet::new();
    for checkout in &market.checkouts {
        let mut shops: Vec<usize> = Vec::new();
        for line in &checkout.lines {
            let shop = market.products[line.product].seller;
            if !shops.contains(&shop) {
                shops.push(shop);
            }
        }
        for (shop, outcome) in shops.iter().zip(&checkout.outcomes) {
            seen.insert((market.sellers[*shop].person.user.clone(), *outcome));
            seen.insert((checkout.account.clone().unwrap_or_default(), *outcome));
        }
    }
    for user in [DEMO_CUSTOMER, "demo-importateur", "demo-grossiste", "demo-fournisseur"] {
        for status in OrderStatus::ALL {
            assert!(seen.contains(&(user.to_owned(), status)), "{user} {status:?}");
        }
    }
}

#[test]
fn the_people_of_the_market_are_known_by_their_user_names() {
    for user in [DEMO_CUSTOMER, DEMO_ADMIN, "demo-importateur", "demo-grossiste", "demo-fournisseur", "demo-seller-40"]
    {
        let person = person(user).unwrap();
        assert_eq!(person.user, user);
        assert!(person.email.contains('@') && person.avatar_url.starts_with("https://"));
    }
    assert_eq!(customers()[0].user, DEMO_CUSTOMER);
    assert_eq!(person("somebody-else"), None);
}
