//! See ARCHITECTURE.md.

/// stub
pub fn openapi_json() -> String {
    String::new()
}
