//! What each of many queries finds among a few products, and that it finds nothing else (`api.md` 6.3).

use std::collections::BTreeSet;

use crate::harness::CatalogTest;
use crate::search::search;

/// Label, name, brand, description; what is missing is empty.
const PRODUCTS: [(&str, &str, &str, &str); 16] = [
    ("creme", "Crème hydratante à l'aloès", "Nivéa", "Peau sèche, 50 ml"),
    ("coffee", "Café moulu", "Bonal", ""),
    ("machine", "Machine à café", "", "Une cafetière en acier"),
    ("oud", "عِطْر العُـــود الأصيل", "دار الطيب", "رائحة شرقية مميزة"),
    ("phone", "Téléphone 128 Go", "Condor", ""),
    ("hatif", "هاتف ١٢٨ جيغا", "", ""),
    ("pantry", "مؤونة رمضان", "", "شيء جميل للعائلة"),
    ("perfume", "Parfum Bleu Nuit", "Lattafa", "Eau de parfum boisée"),
    ("mixed", "Parfum عطر Oriental", "Rasasi", ""),
    ("school", "محفظة مدرسية", "مستشفى الألعاب", ""),
    ("oil", "Huile d'olive extra vierge", "Ifri", "Pressée à froid en Kabylie"),
    ("eggs", "Œufs de Pâques", "Cœur", ""),
    ("percent", "Remise 50% & plus", "", ""),
    ("keys", "snake_case clavier", "A&B", "touches | rétro"),
    ("tea", "Thé vert à la menthe", "Sahara", ""),
    ("gloves", "Gants noirs", "Bosh", "taille unique"),
];

/// A query and the labels of all that it finds.
type Query = (&'static str, &'static str);

const WRITTEN_DIFFERENTLY: &[Query] = &[
    ("creme", "creme"),
    ("CRÈME", "creme"),
    ("cre\u{300}me", "creme"),
    ("ALOÈS", "creme"),
    ("l'aloes", "creme"),
    ("nivea", "creme"),
    ("peau SECHE", "creme"),
    ("cafe", "coffee machine"),
    ("çafé", "coffee machine"),
    ("cafetière", "machine"),
    ("œufs", "eggs"),
    ("OEUFS", "eggs"),
    ("cœur", "eggs"),
    ("coeur", "eggs"),
    ("paques", "eggs"),
    ("عطر", "oud mixed"),
    ("عِطْر", "oud mixed"),
    ("عـــطر", "oud mixed"),
    ("العُود", "oud"),
    ("الأصيل", "oud"),
    ("الاصيل", "oud"),
    ("الإصيل", "oud"),
    ("ٱلآصيل", "oud"),
    ("شرقية", "oud"),
    ("شرقيه", "oud"),
    ("رائحة", "oud"),
    ("رايحه", "oud"),
    ("مؤونة", "pantry"),
    ("موونه", "pantry"),
    ("شيء", "pantry"),
    ("للعائلة", "pantry"),
    ("مستشفى", "school"),
    ("مستشفي", "school"),
    ("محفظه", "school"),
    ("128", "phone hatif"),
    ("١٢٨", "phone hatif"),
    ("۱۲۸", "phone hatif"),
    ("٥٠", "creme percent"),
];

const BEGINNINGS_AND_INSIDES: &[Query] = &[
    ("h", "creme oil"),
    ("hy", "creme"),
    ("hydra", "creme"),
    ("par", "perfume mixed"),
    ("bo", "coffee perfume gloves"),
    ("boi", "perfume"),
    ("kab", "oil"),
    ("presse", "oil"),
    ("touch", "keys"),
    ("a", "creme machine tea oil keys"),
    ("de", "perfume eggs"),
    ("vi", "oil"),
    ("ve", "tea"),
    ("12", "phone hatif"),
    ("28", ""),
    ("رمض", "pantry"),
    ("رم", "pantry"),
    ("جي", "hatif"),
    ("dratan", "creme"),
    ("ydratante", "creme"),
    ("rfum", "perfume mixed"),
    ("phone", "phone"),
    ("ondo", "phone"),
    ("live", "oil"),
    ("enth", "tea"),
    ("the", "tea"),
    ("asas", "mixed"),
    ("afe", "coffee machine"),
    ("fe", ""),
    ("عود", "oud"),
    ("اصيل", "oud"),
    ("ود", ""),
    ("حفظ", "school"),
    ("العاب", "school"),
    ("لعب", ""),
    // Inside words of a description is not looked.
    ("afet", ""),
    ("eche", ""),
    ("عائلة", ""),
];

const TYPOS: &[Query] = &[
    ("hydratente", "creme"),
    ("hydrtante", "creme"),
    ("xhydratante", "creme"),
    ("hydratantee", "creme"),
    ("niveo", "creme"),
    ("mivea", "creme"),
    ("nivvea", "creme"),
    ("kondor", "phone"),
    ("condr", "phone"),
    ("conndor", "phone"),
    ("telphone", "phone"),
    ("parfun", "perfume mixed"),
    ("perfum", "perfume mixed"),
    ("prfum", "perfume mixed"),
    ("latafa", "perfume"),
    ("lattaffa", "perfume"),
    ("oriantal", "mixed"),
    ("mashine", "machine"),
    ("moule", "coffee"),
    ("cafee", "coffee machine"),
    ("cafet", "coffee machine"),
    ("vertt", "tea"),
    ("sahra", "tea"),
    ("huille", "oil"),
    ("ifrii", "oil"),
    ("olivr", "oil"),
    ("clavir", "keys"),
    ("remize", "percent"),
    ("gents", "gloves"),
    ("bosch", "gloves"),
    ("العوط", "oud"),
    ("العوود", "oud"),
    ("الاصل", "oud"),
    ("الاسيل", "oud"),
    ("الطييب", "oud"),
    ("رمظان", "pantry"),
    ("زمضان", "pantry"),
    ("رمضام", "pantry"),
    ("هاتفف", "hatif"),
    ("محفضة", "school"),
    ("مستشفا", "school"),
    ("مدرسه", "school"),
];

const NOT_FORGIVEN: &[Query] = &[
    // Two letters, or two that changed places.
    ("hidratente", ""),
    ("hydratnate", ""),
    ("nivae", ""),
    ("cmdor", ""),
    ("telefone", ""),
    ("perfume", ""),
    ("lataffa", ""),
    ("calvier", ""),
    ("رضمان", ""),
    ("الاسيب", ""),
    // Four letters.
    ("nvea", ""),
    ("kafe", ""),
    ("cafa", ""),
    ("molu", ""),
    ("hule", ""),
    ("efri", ""),
    ("thee", ""),
    ("verr", ""),
    ("boch", ""),
    ("gens", ""),
    ("رمضن", ""),
    ("هاتغ", ""),
    ("العد", ""),
    ("مونة", ""),
    // In a description.
    ("kabylia", ""),
    ("pressez", ""),
    ("uniqe", ""),
    ("شرقيا", ""),
    ("zzzzz", ""),
];

const SEVERAL_WORDS: &[Query] = &[
    ("crème condor", ""),
    ("moulu CAFÉ", "coffee"),
    ("creme nivea", "creme"),
    ("nivea peau creme", "creme"),
    ("condor telephone", "phone"),
    ("bonal cafe", "coffee"),
    ("bonal machine", ""),
    ("ifri huile olive", "oil"),
    ("sahara thé vert", "tea"),
    ("parfum lattafa", "perfume"),
    ("rasasi parfum oriental", "mixed"),
    ("parfum عطر", "mixed"),
    ("عطر PARFUM", "mixed"),
    ("oriental عِطر rasasi", "mixed"),
    ("عطر دار", "oud"),
    ("الطيب عطر عود", "oud"),
    ("lattafa عطر", ""),
    ("128 go", "phone"),
    ("هاتف ١٢٨", "hatif"),
    ("parfun bleu", "perfume"),
    ("parfun blue", ""),
    ("creme nivia", "creme"),
    ("condar telephon", "phone"),
    ("huille oliva", "oil"),
    ("cafe molu", ""),
    ("عطر العوط", "oud"),
    ("parfun عطر orientel", "mixed"),
    ("en", "machine oil"),
];

const SIGNS: &[Query] = &[
    ("%", ""),
    ("_", ""),
    ("'", ""),
    ("''", ""),
    ("&", ""),
    ("|", ""),
    ("!", ""),
    (":*", ""),
    ("()", ""),
    ("<->", ""),
    ("\\", ""),
    ("\"", ""),
    ("\u{200b}", ""),
    ("ـــ", ""),
    ("50%", "creme percent"),
    ("5_", "creme percent"),
    ("cond%r", ""),
    ("cond_r", ""),
    ("cre:*", "creme"),
    ("creme:A", "creme"),
    ("(creme)", "creme"),
    ("'creme'", "creme"),
    ("!creme", "creme"),
    ("creme\\", "creme"),
    ("creme & cafe", ""),
    ("creme | cafe", ""),
    ("creme & !cafe", ""),
    ("remise & plus", "percent"),
    ("snake_case", "keys"),
    ("snake%case", "keys"),
    ("a&b", "keys"),
    ("$1", "phone hatif"),
    ("-ydratante", "creme"),
    ("+creme", "creme"),
    ("' OR '1'='1", ""),
    ("'; DROP TABLE products; --", ""),
];

#[tokio::test]
async fn each_query_finds_what_it_must_and_nothing_else() {
    let catalog = CatalogTest::start().await;
    let mut labels = std::collections::HashMap::new();
    for (label, name, brand, description) in PRODUCTS {
        let inserted = catalog.insert(|product| {
            let product = product.name(name);
            let product = if brand.is_empty() { product } else { product.brand(brand) };
            if description.is_empty() { product } else { product.description(description) }
        });
        labels.insert(inserted.await.to_string(), label);
    }
    let queries = [WRITTEN_DIFFERENTLY, BEGINNINGS_AND_INSIDES, TYPOS, NOT_FORGIVEN, SEVERAL_WORDS, SIGNS].concat();
    assert!(queries.len() >= 150, "{}", queries.len());
    let mut wrong = Vec::new();
    for (query, wanted) in queries {
        let list = search(&catalog, query).await;
        let found: BTreeSet<&str> = list.products.iter().map(|product| labels[&product.id]).collect();
        let wanted: BTreeSet<&str> = wanted.split_whitespace().collect();
        if found != wanted || list.total != wanted.len() as u64 {
            wrong.push(format!("{query}: {found:?} ({}) instead of {wanted:?}", list.total));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Another letter, which is in none of the words.
fn strange(script: &str) -> char {
    if script.is_ascii() { 'w' } else { 'ژ' }
}

#[tokio::test]
async fn one_letter_is_forgiven_at_every_place_in_both_scripts() {
    let catalog = CatalogTest::start().await;
    for word in ["savon", "hydratante", "العود", "مستشفيات"] {
        let product = catalog.insert(|product| product.name(word)).await.to_string();
        let letters: Vec<char> = word.chars().collect();
        let text = |letters: &[char]| letters.iter().collect::<String>();
        let mut typos = Vec::new();
        for place in 0..=letters.len() {
            let mut extra = letters.clone();
            extra.insert(place, strange(word));
            typos.push(text(&extra));
            if place < letters.len() {
                let mut wrong = letters.clone();
                wrong[place] = strange(word);
                typos.push(text(&wrong));
                let mut missing = letters.clone();
                missing.remove(place);
                // Of four letters none is forgiven any more, but for what begins the word or is inside it.
                if missing.len() >= 5 {
                    typos.push(text(&missing));
                }
            }
        }
        for typo in typos {
            let list = search(&catalog, &typo).await;
            let found: Vec<&str> = list.products.iter().map(|product| product.id.as_str()).collect();
            assert_eq!((found, list.total), (vec![product.as_str()], 1), "{typo} for {word}");
        }
    }
}
