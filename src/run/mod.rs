//! The shell: sockets, threads, files and rows carry out what the pure rooms decide.
//!
//! Threads: one for SIP and the calls ([`server`]), a few for audio ([`wheel`]), one that writes
//! recordings and two that finish them ([`recorder`]); rows are written by a task ([`scribe`]). Between
//! them there are queues only; nobody waits for anybody.

pub mod demo;
pub mod desk;
pub mod disk;
pub mod files;
pub mod jobs;
pub mod key;
pub mod lines;
pub mod names;
pub mod net;
pub mod node;
mod os;
pub mod owner;
pub mod pico;
pub mod plans;
mod ports;
pub mod prompts;
mod queue;
pub mod recorder;
pub mod recovery;
mod rows;
pub mod scribe;
pub mod server;
pub mod softphone;
pub mod sounds;
pub mod studio;
pub mod voice;
pub mod wheel;
pub mod worker;
