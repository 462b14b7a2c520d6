//! The program `local-market`, as the Makefile calls it.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    local_market::program::main(std::env::args().skip(1).collect()).await
}
