// The sign-in popup: asks the widget that opened it for a one-time ticket and trades it for the address of the identity provider.
// Only a page of our own origin can be asked, and only its answer is taken. Where the widget cannot be reached, and the bank allows it, the
// agent types a code that the widget shows, and sees which panel she is about to sign in.
"use strict";
(() => {
  const german = navigator.language.startsWith("de");
  const one = (id) => document.getElementById(id);
  const say = (title, detail) => {
    one("title").textContent = title;
    one("detail").textContent = detail;
    one("ask").hidden = one("panel").hidden = true;
  };
  const leaving = () => german
    ? say("Sie werden zur Anmeldung weitergeleitet …", "Einen Moment bitte.")
    : say("Taking you to your sign-in …", "This takes a moment.");
  const failed = () => german
    ? say("Anmeldung nicht möglich", "Bitte schließen Sie dieses Fenster und klicken Sie noch einmal auf „Anmelden“.")
    : say("Sign-in could not begin", "Please close this window and click “Sign in” once more.");
  const outOfReach = () => german
    ? say("Dieses Fenster erreicht KYC Desk nicht", "Bitte schließen Sie es. Was zu tun ist, steht dort, wo Sie auf „Anmelden“ geklickt haben.")
    : say("This window cannot reach KYC Desk", "Please close it. What to do is said where you clicked “Sign in”.");
  const post = (path, body) => fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-KycDesk-CSRF": "1" },
    body: JSON.stringify(body),
  });

  const begin = async (ticket) => {
    try {
      leaving();
      const answer = await post("/auth/popup/begin", { ticket });
      if (!answer.ok) throw new Error();
      location.replace((await answer.json()).location);
    } catch {
      failed();
    }
  };

  // Our frame's sandbox weighs on this window too, unless it may open windows without it. In a sandbox this may not be set (HTML,
  // "relaxing the same-origin restriction"), and nothing has changed. Elsewhere it sets us apart from our opener, whatever it is set to:
  // Firefox then gives our messages another `source`, and the widget takes them for a stranger's. So nothing may be said to it afterwards.
  const isSandboxed = () => {
    try {
      document.domain = document.domain;
      return false;
    } catch {
      return true;
    }
  };

  // Asks a widget that can be reached. It has read "ready" when its answer is here.
  const askOpener = (opener) => {
    let used = false;
    window.addEventListener("message", (event) => {
      if (event.origin !== location.origin || event.source !== opener || used) return;
      if (event.data?.kyc !== "ticket" || typeof event.data.ticket !== "string") return;
      used = true;
      if (isSandboxed()) opener.postMessage({ kyc: "sandboxed" }, location.origin);
      void begin(event.data.ticket);
    });
    opener.postMessage({ kyc: "ready" }, location.origin);
  };

  // Shows the panel that a code stands for: who does not recognise it must not go on.
  const show = (panel) => {
    if (german) {
      say("Ist das Ihr KYC Desk?", "Dort werden Sie angemeldet.");
      one("doubt").textContent = "Sonst schließen Sie dieses Fenster und sagen Sie der Administration Bescheid: Jemand will sich mit Ihrem Konto anmelden.";
    } else {
      say("Is this your KYC Desk?", "You are about to be signed in there.");
      one("doubt").textContent = "If not, close this window and tell your administrator: somebody wants to sign in with your account.";
    }
    const lang = german ? "de" : "en";
    one("since").textContent = new Date(panel.waits_since / 1000).toLocaleTimeString(lang, { timeStyle: "medium" });
    one("browser").textContent = panel.browser || (german ? "unbekannt" : "unknown");
    one("network").textContent = panel.network;
    one("panel").hidden = false;
    one("go").addEventListener("click", () => void begin(panel.ticket), { once: true });
    one("go").focus();
  };

  const askForCode = () => {
    if (german) {
      say("Welchen Code zeigt KYC Desk?", "Geben Sie nur einen Code ein, den Sie selbst gerade vor sich sehen, nie einen, den Ihnen jemand nennt.");
      const names = { label: "Code", check: "Weiter", go: "Ja, dort anmelden", "since-name": "Wartet seit", "browser-name": "Browser", "network-name": "Netz" };
      for (const [id, words] of Object.entries(names)) one(id).textContent = words;
    } else {
      say("Which code does KYC Desk show?", "Type only a code that you see in front of you right now, never one that somebody tells you.");
    }
    one("ask").hidden = false;
    one("code").focus();
    one("ask").addEventListener("submit", async (event) => {
      event.preventDefault();
      one("wrong").textContent = "";
      try {
        const answer = await post("/auth/popup/confirm", { code: one("code").value });
        if (answer.ok) return show(await answer.json());
        one("wrong").textContent = german
          ? "Dieser Code gilt nicht oder nicht mehr. Prüfen Sie ihn, oder beginnen Sie in KYC Desk neu."
          : "This code is not valid, or not any more. Check it, or start again in KYC Desk.";
        one("code").select();
      } catch {
        failed();
      }
    });
  };

  if (german) document.documentElement.lang = "de";
  leaving();
  if (window.opener) {
    askOpener(window.opener);
    return;
  }
  fetch("/auth/options")
    .then((answer) => answer.json())
    .then((options) => (options.by_code ? askForCode() : outOfReach()))
    .catch(failed);
})();
