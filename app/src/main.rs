//! The widget: what an agent sees inside Genesys, and the supervisors' page. It holds no credential (the cookie is
//! `HttpOnly`) and writes nothing about a person to the address, to browser storage or to the console.

mod api;
mod app;
mod browser;
mod components;
mod genesys;
mod held;
mod pages;
mod read;
mod rendezvous;
mod shell;
mod state;
mod stream;
mod text;
mod view;

fn main() {
    app::start();
}
