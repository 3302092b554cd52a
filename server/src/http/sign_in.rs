//! Sign-in over HTTP: the popup, the hand-over to the widget, and the end.
