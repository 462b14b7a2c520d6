//! Closed sets of words: enums that are lower-case text in JSON, in the database and in queries.

/// A word that is none of its set; says which there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of: {allowed}")]
pub struct UnknownWord {
    /// All words of the set, with commas.
    pub allowed: &'static str,
}

/// Declares an enum whose variants are words: `text_enum! { pub enum Role { Customer = "customer", … } }`.
///
/// Gives `ALL`, `as_str`, `FromStr` (exact, case counts), `Display`, serde and diesel `Text`. A crate that uses it needs
/// `diesel` among its dependencies.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $visibility:vis enum $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            $crate::private::diesel::expression::AsExpression, $crate::private::diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = $crate::private::diesel::sql_types::Text)]
        $visibility enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every word, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownWord { allowed: $crate::text_enum!(@list $($word)+) }),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::private::serde::Serialize for $name {
            fn serialize<S: $crate::private::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let word = <::std::borrow::Cow<'de, str> as $crate::private::serde::Deserialize>::deserialize(deserializer)?;
                word.parse().map_err($crate::private::serde::de::Error::custom)
            }
        }

        impl $crate::private::diesel::serialize::ToSql<$crate::private::diesel::sql_types::Text, $crate::private::diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut $crate::private::diesel::serialize::Output<'b, '_, $crate::private::diesel::pg::Pg>,
            ) -> $crate::private::diesel::serialize::Result {
                ::std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok($crate::private::diesel::serialize::IsNull::No)
            }
        }

        impl $crate::private::diesel::deserialize::FromSql<$crate::private::diesel::sql_types::Text, $crate::private::diesel::pg::Pg> for $name {
            fn from_sql(
                value: $crate::private::diesel::pg::PgValue<'_>,
            ) -> $crate::private::diesel::deserialize::Result<Self> {
                let word = <String as $crate::private::diesel::deserialize::FromSql<
                    $crate::private::diesel::sql_types::Text,
                    $crate::private::diesel::pg::Pg,
                >>::from_sql(value)?;
                Ok(word.parse()?)
            }
        }
    };
    (@list $first:literal $($rest:literal)*) => { concat!($first $(, ", ", $rest)*) };
}
