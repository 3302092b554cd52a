// The sign-in popup: asks the widget that opened it for a one-time ticket and trades it for the address of the identity provider.
// Only a page of our own origin can be asked, and only its answer is taken.
"use strict";
(() => {
  const german = navigator.language.startsWith("de");
  const say = (title, detail) => {
    document.getElementById("title").textContent = title;
    document.getElementById("detail").textContent = detail;
  };
  if (german) {
    document.documentElement.lang = "de";
    say("Sie werden zur Anmeldung weitergeleitet …", "Einen Moment bitte.");
  }
  const failed = () => german
    ? say("Anmeldung nicht möglich", "Bitte schließen Sie dieses Fenster und klicken Sie noch einmal auf „Anmelden“.")
    : say("Sign-in could not begin", "Please close this window and click “Sign in” once more.");
  const opener = window.opener;
  if (!opener) {
    failed();
    return;
  }
  let used = false;
  window.addEventListener("message", async (event) => {
    if (event.origin !== location.origin || event.source !== opener || used) return;
    if (event.data?.kyc !== "ticket" || typeof event.data.ticket !== "string") return;
    used = true;
    try {
      const answer = await fetch("/auth/popup/begin", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-KycDesk-CSRF": "1" },
        body: JSON.stringify({ ticket: event.data.ticket }),
      });
      if (!answer.ok) throw new Error();
      location.replace((await answer.json()).location);
    } catch {
      failed();
    }
  });
  opener.postMessage({ kyc: "ready" }, location.origin);
})();
