// The host's side of the Client App SDK protocol: plain objects by postMessage, both ways.
// It listens to one window at one origin and ignores everything else, silently, as the real host does.

const PROTOCOL = "purecloud-client-apps";
const STOP_WITHIN_MS = 2000;

// What each action must carry besides the envelope, and nothing else (by the types in the SDK's `src/modules`).
const ENVELOPE = { action: "string", protocol: "string", protocolAgentName: "string", protocolAgentVersion: "string" };
const ACTIONS = {
  bootstrapped: {},
  stopped: {},
  setAttentionCount: { count: "number" },
  openWindow: { targetUrl: "string" },
  proposeInteractionMessage: { mode: "string", message: "string" },
  showInteractionDetails: { conversationId: "string" },
  showMyInteractionDetails: { conversationId: "string" },
  showToast: { title: "string", message: "string", type: "string", id: "string", markdownMessage: "boolean" },
};

// What is wrong with a message that came from the right window; nothing when it is as the SDK sends it.
export function fault(data) {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return "no plain object";
  if (Object.getPrototypeOf(data) !== Object.prototype) return "no plain object";
  const own = ACTIONS[data.action];
  if (!own) return `an unknown action: ${String(data.action)}`;
  if (data.protocol !== PROTOCOL) return "another protocol";
  if (data.protocolAgentName !== "purecloud-client-app-sdk") return "another agent";
  const wanted = { ...ENVELOPE, ...own };
  for (const [name, type] of Object.entries(wanted)) if (typeof data[name] !== type) return `${name} is no ${type}`;
  const odd = Object.keys(data).find((name) => !(name in wanted));
  if (odd) return `${odd} does not belong to ${data.action}`;
  if (data.action === "proposeInteractionMessage" && data.mode !== "insert") return "mode is not insert";
  if (data.action === "showToast" && data.markdownMessage !== false) return "a toast with markdown";
  return "";
}

const text = (value, most) => (typeof value === "string" ? value.slice(0, most) : "");

export class Channel {
  #frame;
  #origin;
  #handlers;
  #stopped = null;

  constructor(frame, origin, handlers) {
    this.#frame = frame;
    this.#origin = origin;
    this.#handlers = handlers;
    window.addEventListener("message", this);
  }

  handleEvent(event) {
    const data = event.data;
    if (event.source === this.#frame.contentWindow) this.#handlers.heard(event.origin, data, fault(data));
    if (event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return;
    if (typeof data !== "object" || data === null || Array.isArray(data)) return;
    if (data.protocol !== PROTOCOL || typeof data.action !== "string") return;
    this.#act(data);
  }

  #act(data) {
    switch (data.action) {
      case "bootstrapped":
        this.#handlers.bootstrapped();
        break;
      case "stopped":
        this.#stopped?.();
        break;
      case "showToast":
        this.#handlers.toast({
          id: text(data.id, 64) || "default",
          title: text(data.title, 80),
          message: text(data.message, 400),
          type: ["error", "info", "success"].includes(data.type) ? data.type : "info",
          seconds: Number.isFinite(data.timeout) ? data.timeout : 7,
          hasClose: data.showCloseButton === true,
        });
        break;
      case "setAttentionCount":
        if (Number.isInteger(data.count) && data.count >= 0) this.#handlers.attention(data.count);
        break;
      case "openWindow":
        this.#handlers.openWindow(text(data.targetUrl, 2000));
        break;
      case "showInteractionDetails":
      case "showMyInteractionDetails":
        this.#handlers.showInteraction(text(data.conversationId, 64));
        break;
      case "proposeInteractionMessage":
        if (data.mode === "insert") this.#handlers.propose(text(data.message, 2000));
        break;
    }
  }

  // hook: bootstrap, focus, blur or stop.
  lifecycle(hook) {
    this.#frame.contentWindow?.postMessage({ purecloudEventType: "appLifecycleHook", hook }, this.#origin);
  }

  // Asks the app to stop and waits for it, but not for long.
  async close() {
    await new Promise((resolve) => {
      this.#stopped = resolve;
      this.lifecycle("stop");
      setTimeout(resolve, this.#handlers.isReady() ? STOP_WITHIN_MS : 0);
    });
    window.removeEventListener("message", this);
    this.#frame.remove();
  }
}
