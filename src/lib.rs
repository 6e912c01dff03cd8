#![doc = include_str!("ARCHITECTURE.md")]

pub mod call;
pub mod calllog;
pub mod clock;
pub mod config;
pub mod db;
pub mod flow;
pub mod ids;
pub mod media;
pub mod message;
pub mod person;
pub mod run;
pub mod sdp;
pub mod sim;
pub mod sip;
pub mod tenant;
pub mod web;
