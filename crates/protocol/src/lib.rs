//! Rust code generated from `proto/`, one module per package, and the conversions between its value types and ours.
//!
//! Belongs here: generated messages, clients and servers, [`convert`]. Does not: rules, retries, anything of one service.

pub mod convert;

/// Every file of `proto/` as an encoded `FileDescriptorSet`, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Value types that cross service borders.
pub mod types {
    pub mod v1 {
        tonic::include_proto!("types.v1");
    }
}

/// Accounts.
pub mod identity {
    pub mod v1 {
        tonic::include_proto!("identity.v1");
    }
}

/// Products.
pub mod catalog {
    pub mod v1 {
        tonic::include_proto!("catalog.v1");
    }
}

/// Carts.
pub mod cart {
    pub mod v1 {
        tonic::include_proto!("cart.v1");
    }
}

/// Orders and stock.
pub mod ordering {
    pub mod v1 {
        tonic::include_proto!("ordering.v1");
    }
}

/// Short videos of products.
pub mod reels {
    pub mod v1 {
        tonic::include_proto!("reels.v1");
    }
}

/// Files that people send.
pub mod media {
    pub mod v1 {
        tonic::include_proto!("media.v1");
    }
}
