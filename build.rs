//! The page is built into the binary from `web/dist`. Where it has not been built, the folder is made
//! empty, and the program serves a page that says how to build it.

fn main() {
    // A path that does not exist would make cargo run this, and build the crate, each time. Where the
    // sources cannot be written the cost is only that.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=build.rs");
}
