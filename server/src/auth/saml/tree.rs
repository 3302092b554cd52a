//! One element of a message, with the few questions that may be asked of it.
//!
//! Names are compared with their namespace, attributes without one, and text is read whole or not at all: a library's shortcut that
//! takes the first piece of text, or an attribute of any namespace, has been an attack more than once.

use uppsala::{Document, NodeId, NodeKind};

use super::Refused;

/// Assertions (SAML core section 1.1).
pub(super) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// Messages (SAML core section 1.1).
pub(super) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// XML Signature.
pub(super) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XML Encryption.
pub(super) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// XML Encryption 1.1.
pub(super) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// Exclusive canonicalization, as a method and as a namespace.
pub(super) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Node<'d, 'x> {
    pub(super) document: &'d Document<'x>,
    pub(super) id: NodeId,
}

impl<'d, 'x> Node<'d, 'x> {
    /// The outermost element.
    pub(super) fn root(document: &'d Document<'x>) -> Result<Self, Refused> {
        let id = document.document_element().ok_or(Refused("not_xml"))?;
        Ok(Self { document, id })
    }

    fn element(self) -> &'d uppsala::Element<'x> {
        self.document.element(self.id).expect("a node is made of an element only")
    }

    /// Whether it has this name.
    pub(super) fn is(self, namespace: &str, name: &str) -> bool {
        self.element().name.matches(Some(namespace), name)
    }

    /// Whether it is of this namespace.
    pub(super) fn is_of(self, namespace: &str) -> bool {
        self.element().name.namespace_uri.as_deref() == Some(namespace)
    }

    /// Its name without the namespace.
    pub(super) fn name(self) -> &'d str {
        &self.element().name.local_name
    }

    /// Its attributes: namespace, name, value.
    pub(super) fn attributes(self) -> impl Iterator<Item = (Option<&'d str>, &'d str, &'d str)> {
        let all = self.element().attributes.iter();
        all.map(|found| (found.name.namespace_uri.as_deref(), &*found.name.local_name, &*found.value))
    }

    /// The namespaces that it declares.
    pub(super) fn namespaces(self) -> impl Iterator<Item = &'d str> {
        self.element().namespace_declarations.iter().map(|(_, uri)| &**uri)
    }

    /// An attribute without namespace.
    pub(super) fn attribute(self, name: &str) -> Option<&'d str> {
        self.attributes().find(|(namespace, found, _)| namespace.is_none() && *found == name).map(|(_, _, value)| value)
    }

    /// Its child elements.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        let all = document.children_iter(self.id).filter(|&id| document.element(id).is_some());
        all.map(move |id| Self { document, id })
    }

    /// Its child elements; between them there is nothing but space.
    pub(super) fn only_children(self) -> Result<Vec<Self>, Refused> {
        for id in self.document.children_iter(self.id) {
            match self.document.node_kind(id) {
                Some(NodeKind::Element(_)) => {}
                Some(NodeKind::Text(text)) if text.trim_ascii().is_empty() => {}
                _ => return Err(Refused("text_misplaced")),
            }
        }
        Ok(self.children().collect())
    }

    /// The children of this name.
    pub(super) fn all(self, namespace: &'static str, name: &'static str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is(namespace, name))
    }

    /// The one child of this name. None when there are several.
    pub(super) fn one(self, namespace: &'static str, name: &'static str) -> Option<Self> {
        let mut found = self.all(namespace, name);
        let first = found.next();
        if found.next().is_some() { None } else { first }
    }

    /// Its text, all of it: an element with elements in it has none. Space is kept: it tells people apart.
    pub(super) fn text(self) -> Result<String, Refused> {
        let mut whole = String::new();
        for id in self.document.children_iter(self.id) {
            match self.document.node_kind(id) {
                Some(NodeKind::Text(text)) => whole.push_str(text),
                _ => return Err(Refused("text_mixed")),
            }
        }
        Ok(whole)
    }

    /// It and everything in it.
    pub(super) fn whole(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        let inner = document.descendants(self.id).into_iter().filter(|&id| document.element(id).is_some());
        std::iter::once(self).chain(inner.filter(move |&id| id != self.id).map(move |id| Self { document, id }))
    }

    /// The element it is in.
    pub(super) fn parent(self) -> Option<Self> {
        let id = self.document.parent(self.id)?;
        self.document.element(id).map(|_| Self { document: self.document, id })
    }
}
