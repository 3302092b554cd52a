// The desktop around the widget. The page's address says how it starts, so that tests and screenshots can ask for anything:
// ?conversation=<id>&form=conversation&lang=de-DE&width=420&escape=0

import { Channel } from "/protocol.js";

const SANDBOX =
  "allow-forms allow-modals allow-popups allow-presentation allow-same-origin allow-scripts allow-downloads";
const ESCAPE = "allow-popups-to-escape-sandbox";
const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";
const TARGET_ENV = "mypurecloud.de";
const BOOTSTRAP_WITHIN_MS = 10000;
const REFRESH_MS = 4000;

const desk = document.body.dataset.deskOrigin;
const $ = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);

let conversations = [];
let shown = "";
let current = null;
let channel = null;
let isReady = false;
let launches = 0;

// Which address the widget is opened with.
function launchUrl(form, conversation, lang) {
  const url = new URL(desk + "/");
  const gc = { host_origin: location.origin, target_env: TARGET_ENV, lang };
  const add = (pairs) => Object.entries(pairs).forEach(([name, value]) => url.searchParams.set(name, value));
  const other = conversations.find((one) => one.customer_id !== conversation?.customer_id);
  const { conversation_id = "", session_id = "", customer_id = "" } = conversation ?? {};
  switch (form) {
    case "session":
      add({ session_id, customer_id, ...gc });
      break;
    case "conversation":
      add({ conversation_id, ...gc });
      break;
    case "literal":
      // As a screen pop sees it: nobody replaces the variables, and nobody encodes the braces.
      return `${desk}/?conversation_id={{gcConversationId}}&host_origin={{gcHostOrigin}}&target_env={{gcTargetEnv}}&lang={{gcLangTag}}`;
    case "mismatch":
      add({ session_id, customer_id: other?.customer_id ?? "somebody-else", ...gc });
      break;
    case "unknown":
      add({ session_id: UNKNOWN_ID, customer_id: "nobody", ...gc });
      break;
  }
  return url.href;
}

async function launch() {
  const turn = ++launches;
  const old = channel;
  channel = null;
  await old?.close();
  // Somebody chose another conversation while the old widget was stopping.
  if (turn !== launches) return;
  isReady = false;
  attention(0);
  $("toasts").replaceChildren();
  const url = launchUrl($("form").value, current, $("lang").value);
  const frame = document.createElement("iframe");
  frame.title = "KYC Desk";
  frame.setAttribute("sandbox", $("escape").checked ? `${SANDBOX} ${ESCAPE}` : SANDBOX);
  frame.setAttribute("allow", "clipboard-write; fullscreen");
  frame.src = url;
  channel = new Channel(frame, desk, handlers);
  frame.addEventListener("load", () => channel?.lifecycle("bootstrap"));
  $("frame").replaceChildren(frame);
  $("address").textContent = url;
  state("loading", "Loading");
  setTimeout(() => {
    if (turn === launches && !isReady) state("late", "No word yet");
  }, BOOTSTRAP_WITHIN_MS);
}

const handlers = {
  isReady: () => isReady,
  bootstrapped() {
    isReady = true;
    state("ready", "");
  },
  toast,
  attention,
  openWindow(target) {
    if (/^https?:\/\//.test(target)) window.open(target, "_blank", "noopener");
  },
  // What the app has said, for whoever looks at this page: tests hold every envelope against the SDK's.
  heard(origin, data, fault) {
    (window.heard ??= []).push({ origin, data, fault });
  },
  showInteraction(id) {
    // The one that is open is shown already; launching it again would lose the app's place.
    const wanted = conversations.find((one) => one.conversation_id === id);
    if (wanted && wanted.conversation_id !== current?.conversation_id) choose(wanted);
  },
  propose(message) {
    const draft = $("draft");
    draft.value = [draft.value.trim(), message].filter(Boolean).join("\n");
  },
};

function state(name, words) {
  $("state").dataset.state = name;
  $("state").textContent = words;
}

function attention(count) {
  for (const badge of document.querySelectorAll("[data-attention]")) badge.hidden = true;
  const inList = document.querySelector("[aria-current] [data-attention]");
  for (const badge of [$("attention"), inList].filter(Boolean)) {
    badge.textContent = String(count);
    badge.hidden = count === 0;
  }
}

function toast({ id, title, message, type, seconds, hasClose }) {
  const box = element("div", `toast toast--${type}`);
  box.dataset.id = id;
  box.setAttribute("role", type === "error" ? "alert" : "status");
  box.append(element("strong", "", title), element("p", "", message));
  // Errors stay until they are closed; so does whatever asks for no time-out.
  const stays = type === "error" || seconds === 0;
  if (hasClose || stays) {
    const close = element("button", "toast__close", "Close");
    close.addEventListener("click", () => box.remove());
    box.append(close);
  }
  const before = [...$("toasts").children].find((one) => one.dataset.id === id);
  before ? before.replaceWith(box) : $("toasts").append(box);
  if (!stays) setTimeout(() => box.remove(), seconds * 1000);
}

function element(name, className, words) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
}

function line(conversation) {
  const button = element("button", "line");
  button.type = "button";
  if (conversation.conversation_id === current?.conversation_id) button.setAttribute("aria-current", "true");
  const words = element("span", "line__words");
  words.append(element("b", "", conversation.label), element("small", "", `Video · ${conversation.customer_id}`));
  const badge = element("span", "badge");
  badge.dataset.attention = "";
  badge.hidden = true;
  button.append(element("span", "line__icon"), words, badge);
  button.addEventListener("click", () => choose(conversation));
  const item = element("li");
  item.append(button);
  return item;
}

function choose(conversation) {
  current = conversation ?? null;
  render();
  void launch();
}

function render() {
  $("conversations").replaceChildren(...conversations.map(line));
  $("count").textContent = conversations.length ? String(conversations.length) : "";
  $("empty").hidden = conversations.length > 0;
  $("label").textContent = current?.label ?? "No interaction";
  $("ids").textContent = current ? `Customer ${current.customer_id} · Retail DE` : "Choose one on the left.";
  const pop = new URL(desk + "/");
  if (current) {
    pop.searchParams.set("session_id", current.session_id);
    pop.searchParams.set("customer_id", current.customer_id);
  }
  $("pop").href = pop.href;
}

async function refresh() {
  const answer = await fetch("/demo/conversations");
  const words = await answer.text();
  if (!answer.ok || words === shown) return;
  shown = words;
  conversations = JSON.parse(words);
  const id = current?.conversation_id ?? wanted.get("conversation");
  const same = conversations.find((one) => one.conversation_id === id);
  if (same && current) {
    current = same;
    render();
  } else {
    choose(same ?? conversations[0]);
  }
}

function listen() {
  for (const id of ["form", "lang", "escape"]) $(id).addEventListener("change", () => void launch());
  $("reload").addEventListener("click", () => void launch());
  for (const radio of document.querySelectorAll("[name=width]")) {
    radio.addEventListener("change", () => {
      document.body.dataset.width = radio.value;
    });
  }
  // The app is told when the agent looks elsewhere, and when she is back.
  document.addEventListener("visibilitychange", () => channel?.lifecycle(document.hidden ? "blur" : "focus"));
}

function apply() {
  for (const id of ["form", "lang"]) if (wanted.has(id)) $(id).value = wanted.get(id);
  $("escape").checked = wanted.get("escape") !== "0";
  const width = document.querySelector(`[name=width][value="${CSS.escape(wanted.get("width") ?? "360")}"]`);
  if (width) {
    width.checked = true;
    document.body.dataset.width = width.value;
  }
}

apply();
listen();
await refresh();
setInterval(() => refresh().catch(() => {}), REFRESH_MS);
